"""The address behind a Return-Path: what forwarders and taggers put around it is undone (A19).

SRS (SRS0, SRS1) rewrites the sender at a forwarder, BATV (prvs=, btv1==, msprvs1=) tags it at its own host,
Gmail writes ``user+caf_=target=domain@gmail.com`` for what the account ``user`` forwards by itself.
"""

import re

_SRS0 = re.compile(r"SRS0[=+-][^=]+=[^=]+=(?P<domain>[^=]+)=(?P<local>.+)@[^@]*", re.IGNORECASE)
_SRS1 = re.compile(r"SRS1[=+-][^=]+=[^=]+=(?P<rest>[=+-].+@[^@]*)", re.IGNORECASE)
_BATV = re.compile(r"(?:prvs=[^=/]+[=/]|btv1==[^=]+==|msprvs1=[^=]+=)(?P<address>[^=]+@[^@]*)", re.IGNORECASE)
_CAF = re.compile(r"(?P<user>[^@]+?)\+caf_=[^@]+(?P<domain>@[^@]*)", re.IGNORECASE)
_LONGEST_PATH = 1_000


def bare_address(path: str) -> str:
    """Return an address in lower case with brackets, SRS, BATV and Gmail's mark undone, layer by layer.

    What is none of these comes back as it is. Source: RFC 3834 section 4; A19.
    """
    address = path.strip().strip("<>").strip()
    if len(address) > _LONGEST_PATH:
        return address.lower()
    while (inner := _undone(address)) != address:  # each layer undone is shorter than the one before
        address = inner
    return address.lower()


def _undone(address: str) -> str:
    if found := _SRS1.fullmatch(address):
        return f"SRS0{found['rest']}"
    if found := _SRS0.fullmatch(address):
        return f"{found['local']}@{found['domain']}"
    if found := _BATV.fullmatch(address):
        return found["address"]
    if found := _CAF.fullmatch(address):
        return f"{found['user']}{found['domain']}"
    return address
