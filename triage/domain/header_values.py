"""Reads the values of headers that say how a message came to be: comments out, parameters off, one case.

Everything is linear in the value and never raises: these values are written by strangers.
"""

from collections.abc import Iterable


def without_comments(value: str) -> str:
    """Return a header's value without its comments, which may nest; quoted text is kept (RFC 5322 3.2.2)."""
    if "(" not in value and ")" not in value:
        return value
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for character in value:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"' and not depth:
            quoted = not quoted
        elif character in "()" and not quoted:
            depth = depth + 1 if character == "(" else max(0, depth - 1)
            continue
        if not depth:
            kept.append(character)
    return "".join(kept)


def keyword(value: str) -> str:
    """Return a value's first word without comments and parameters, in lower case (A2: RFC 3834 section 5)."""
    words = without_comments(value).partition(";")[0].split()
    return words[0].lower() if words else ""


def keywords(values: Iterable[str]) -> frozenset[str]:
    """Return the words of comma lists in lower case, whatever the folding between them (M1)."""
    return frozenset(word.strip().lower() for value in values for word in value.split(",") if word.strip())


def parameter(value: str, name: str) -> str:
    """Return a parameter of a content type in lower case without its quotes, "" when there is none."""
    for part in without_comments(value).split(";")[1:]:
        key, _, given = part.partition("=")
        if key.strip().lower() == name:
            return given.strip().strip('"').lower()
    return ""


def local_part(address: str) -> str:
    """Return what stands before the last @ of an address in lower case."""
    return address.rpartition("@")[0].lower()
