"""Bytes to characters that every later part can keep: no lone surrogates, no NUL, no control characters."""

import codecs
import re

# iso-8859-1 and us-ascii are what clients claim; what they send is cp1252 and UTF-8 (WHATWG Encoding).
_MEANT = {"iso8859-1": "cp1252", "ascii": "utf-8"}
# No character set of mail, and slow, raising or warning on hostile bytes.
_REFUSED = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,39}")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_CONTROLS: dict[int, str | None] = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)))
_IN_TEXT = _CONTROLS | {ord(end): "\n" for end in _LINE_ENDS} | {ord("\t"): "\t"}
_IN_LINE = _CONTROLS | {ord(end): " " for end in _LINE_ENDS + "\t"}


def known_charset(name: str) -> str | None:
    """Return Python's name for a character set of mail, None for one that is unknown or none of mail."""
    if not _NAME.fullmatch(name):
        return None
    try:
        found = codecs.lookup(name)
    except LookupError:
        return None
    # bytes.decode() takes text encodings only; "hex" or "zlib" are none (CPython's own mark for it).
    text = getattr(found, "_is_text_encoding", True)
    return found.name if text and found.name not in _REFUSED else None


def decode(data: bytes, charset: str | None) -> tuple[str, str | None]:
    """Decode bytes; return the text and, for an unknown charset or bytes that do not fit, what was wrong.

    Without a charset it is UTF-8 when that fits and cp1252 when not. Nothing is lost in silence: what
    cannot be read becomes U+FFFD.
    """
    if not charset:
        return _guess(data), None
    known = known_charset(charset)
    if known is None:
        return _guess(data), f"unknown character set {clean_line(charset)[:40]!r}"
    meant = _MEANT.get(known, known)
    try:
        return data.decode(meant), None
    except UnicodeError:
        return _replaced(data, meant), f"bytes that are not of the character set {known}"


def _guess(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _replaced(data: bytes, charset: str) -> str:
    if charset == "utf-8":
        return _guess(data)
    try:
        return data.decode(charset, "replace")
    except UnicodeError:  # a codec that knows no replacement
        return _guess(data)


def clean_text(text: str) -> str:
    """Return text of many lines: every line end is one line feed, no other control characters but tabs."""
    return _SURROGATES.sub("\ufffd", text.replace("\r\n", "\n").translate(_IN_TEXT))


def clean_line(text: str) -> str:
    """Return text of one line: line ends and tabs are spaces, no control characters at all."""
    return _SURROGATES.sub("\ufffd", text.translate(_IN_LINE))
