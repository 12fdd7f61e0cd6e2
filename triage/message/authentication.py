"""Authentication-Results of the school's own gateway, and of nobody else (RFC 8601; T1, T2).

Anybody can write such a header into a message. The gateway's own one stands above everything that came
from outside, so the headers are read from the top and no further than the gateway's own trace.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from triage.domain.model import Verdict
from triage.message.addresses import read_addresses
from triage.message.comments import without_comments

_SENDING_HOST = re.compile(r"^\s*from\s+\S+", re.IGNORECASE)
_BY = re.compile(r"(?:^|\s)by\s+([^\s;]{1,255})", re.IGNORECASE)
_LOCAL_DELIVERY = re.compile(r"\swith\s+LMTPS?A?(?:\s|;|$)", re.IGNORECASE)
_DMARC = re.compile(r"\s*dmarc(?:/\d{1,3})?\s*=\s*([a-z]{1,20})", re.IGNORECASE)
_HEADER_FROM = re.compile(r"(?:^|\s)header\.from\s*=\s*(\S*)", re.IGNORECASE)
_VERDICTS = {"pass": Verdict.PASS, "fail": Verdict.FAIL, "none": Verdict.NONE}
# Hosts that pass a message on within Microsoft 365; its border's names end in mail.protection.outlook.com.
_WITHIN_MICROSOFT = (
    ".prod.outlook.com",
    ".prod.protection.outlook.com",
    ".outlook.office365.com",
    ".prod.exchangelabs.com",
)
_GOOGLE = frozenset({"mx.google.com"})


@dataclass(frozen=True, slots=True)
class Gateway:
    """Whose results are believed: ``authserv_ids`` in lower case, or a ``provider``'s way of marking them.

    ``provider`` is "microsoft" or "google". With neither, nobody is believed.
    """

    authserv_ids: frozenset[str] = frozenset()
    provider: str | None = None


NO_GATEWAY = Gateway()


def dmarc_verdict(headers: Sequence[tuple[str, str]], gateway: Gateway = NO_GATEWAY) -> Verdict:
    """Return what the school's gateway says of the sender: UNKNOWN without a gateway or a result of its own.

    ``headers`` are the message's fields, topmost first, names in lower case. A temporary or permanent
    error is UNKNOWN too. Unknown methods and properties are passed over (RFC 8601 section 2.7). Only a
    result for the domain of the From address counts; but a fail always counts, and before all others:
    to be silent is the safe way to be wrong.
    """
    domain = _from_domain(headers)
    found = [each for value in _own_results(headers, gateway) for each in _dmarc_results(value, domain)]
    return Verdict.FAIL if Verdict.FAIL in found else next(iter(found), Verdict.UNKNOWN)


def own_results(headers: Sequence[tuple[str, str]], gateway: Gateway) -> tuple[str, ...]:
    """Return the results that are the gateway's own, without comments."""
    return tuple(without_comments(value) for value in _own_results(headers, gateway))


def _from_domain(headers: Sequence[tuple[str, str]]) -> str:
    """Return the domain of the From address, "" when there is none or more than one."""
    addresses, _ = read_addresses(value for name, value in headers if name == "from")
    domains = {address.domain for address in addresses}
    return domains.pop() if len(domains) == 1 else ""


def _dmarc_results(value: str, domain: str) -> Iterator[Verdict]:
    for part in without_comments(value).split(";"):
        found = _DMARC.match(part)
        verdict = _VERDICTS.get(found[1].lower(), Verdict.UNKNOWN) if found else None
        if verdict is not None and (verdict is Verdict.FAIL or _is_about(part, domain)):
            yield verdict


def _is_about(result: str, domain: str) -> bool:
    """Whether a result is about a domain: the one it names, or one below that (RFC 7489 section 3.1.1).

    A result that names none counts: DMARC knows no identifier but the domain of From, so that a gateway
    cannot have meant another, and RFC 8601 section 2.7 does not ask for the property.
    """
    return all(_covers(named, domain) for named in _HEADER_FROM.findall(result))


def _covers(named: str, domain: str) -> bool:
    parent = named.rpartition("@")[2].rstrip(".").lower()
    below = parent.count(".") >= 1 and domain.endswith(f".{parent}")  # never a whole top-level domain
    return bool(domain) and (domain == parent or below)


def _own_results(headers: Sequence[tuple[str, str]], gateway: Gateway) -> Iterator[str]:
    """Yield the gateway's own results. A provider writes one; what stands below that is the sender's."""
    return islice(_above_the_border(headers, gateway), 1 if gateway.provider else None)


def _above_the_border(headers: Sequence[tuple[str, str]], gateway: Gateway) -> Iterator[str]:
    """Yield the gateway's results among what stands above the first Received line from outside."""
    # Google's border writes its results below its own Received line, everybody else above it.
    below = gateway.provider == "google"
    passed = found = False
    for name, value in headers:
        if name == "received":
            border = _is_border(value, gateway)
            if found or passed or (border and not below):
                return
            passed = border
        elif name == "authentication-results" and passed == below and _is_own(value, gateway):
            found = True
            yield value


def _is_own(value: str, gateway: Gateway) -> bool:
    first = without_comments(value).partition(";")[0].split()
    if gateway.provider == "microsoft":  # no authserv-id: the first result stands in its place
        return bool(first) and "=" in first[0]
    return bool(first) and first[0].lower() in _ids(gateway)


def _is_border(value: str, gateway: Gateway) -> bool:
    """Whether a Received line was written by the gateway when it took the message from outside."""
    line = _SENDING_HOST.sub("", without_comments(value), count=1)  # a stranger may greet as "by"
    found = _BY.search(line)
    host = found[1].lower() if found else ""
    if gateway.provider == "microsoft":
        return not host.endswith(_WITHIN_MICROSOFT)
    if gateway.provider == "google":
        return host in _ids(gateway)
    # A last hop by LMTP is the gateway handing the message to its own mail store.
    return host in _ids(gateway) and not _LOCAL_DELIVERY.search(value)


def _ids(gateway: Gateway) -> frozenset[str]:
    return _GOOGLE if gateway.provider == "google" else gateway.authserv_ids
