"""Address lists (RFC 5322 3.4, with the obsolete forms that are still sent)."""

import re
from collections.abc import Iterable, Iterator
from email.utils import parseaddr

from triage.domain.model import Address
from triage.message.comments import Token, tokens
from triage.message.headers import decode_words

_LONGEST_MAILBOX = 2000
_LONGEST_ADDRESS = 320  # RFC 3696 erratum 1690: 64 + 1 + 255
_WHOLE = re.compile(r'(?:"[^"]*"|[^\s"<>(),;:@]+)(?:@(?:\[[^\[\]\s]*\]|[^\s"<>(),;:@]+))?')


_PLAIN = re.compile(
    r'(?:(?P<name>[A-Za-z0-9]+(?: [A-Za-z0-9]+)*|"[A-Za-z0-9 .\'-]*") )?'
    r"(?P<open><)?(?P<local>[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)@(?P<domain>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)(?(open)>)"
)
"""A mailbox as nearly all are written: the library need not be asked what it means."""


def read_addresses(values: Iterable[str]) -> tuple[tuple[Address, ...], bool]:
    """Return the addresses of every value of a header, and whether any of them could not be read.

    Comments and groups are understood; names are decoded (RFC 2047). An address with a stray bracket
    or a second @ is not guessed at (CVE-2023-27043), it is left out.
    """
    found: list[Address] = []
    unreadable = False
    for value in values:
        plain = _plain(value)
        if plain is not None:
            found.append(plain)
            continue
        for mailbox, comment in _mailboxes(value):
            address = _read(mailbox, comment)
            if isinstance(address, Address):
                found.append(address)
            unreadable = unreadable or address is None
    return tuple(found), unreadable


def read_return_path(value: str | None) -> tuple[str | None, bool]:
    """Return the path of a Return-Path header, "" for the null sender, and whether it was unreadable."""
    if value is None:
        return None, False
    inner = value.strip().removeprefix("<").removesuffix(">").strip()
    if not inner:
        return "", False
    addresses, _ = read_addresses([value])
    return (addresses[0].address, False) if len(addresses) == 1 else (None, True)


def _plain(value: str) -> Address | None:
    """Return the address of a value that is one mailbox as nearly all are written, None for any other."""
    found = _PLAIN.fullmatch(value)
    if found is None or len(value) > _LONGEST_ADDRESS or (found["name"] and not found["open"]):
        return None
    name = " ".join((found["name"] or "").strip('"').split())
    return Address(name, f"{found['local']}@{found['domain'].lower()}")


def _mailboxes(value: str) -> Iterator[tuple[str, str]]:
    """Split a list at its commas; give each mailbox without comments, and its comments."""
    parts: list[Token] = []
    angle = False
    for token in tokens(value):
        special = token.text if token.kind == "special" else ""
        if special in {",", ";"} and not angle:
            yield _joined(parts)
            parts = []
        elif special == ":" and not angle:
            parts = []  # a group's name
        else:
            angle = special == "<" or (angle and special != ">")
            if len(parts) <= _LONGEST_MAILBOX:  # more pieces than that are too long in any case
                parts.append(token)
    yield _joined(parts)


def _joined(parts: list[Token]) -> tuple[str, str]:
    mailbox = "".join(part.text for part in parts if part.kind != "comment")
    return mailbox.strip(), "".join(part.text for part in parts if part.kind == "comment").strip()


def _read(mailbox: str, comment: str) -> Address | str | None:
    """Return an address, "" where nothing stands, None for what cannot be read."""
    if not mailbox:
        return ""
    if len(mailbox) > _LONGEST_MAILBOX:
        return None
    name, address = parseaddr(mailbox)
    if not _WHOLE.fullmatch(address) or len(address) > _LONGEST_ADDRESS or _stray(mailbox):
        return None
    return Address(decode_words(name or comment[:_LONGEST_MAILBOX]), _normal(address))


def _normal(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}" if at else address


def _stray(mailbox: str) -> bool:
    return any(token == Token("special", ")") for token in tokens(mailbox))
