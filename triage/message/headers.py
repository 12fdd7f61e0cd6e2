"""Header fields: raw bytes to characters, encoded words, message ids, dates."""

import binascii
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.message import Message as MimePart
from email.utils import parsedate_to_datetime

from triage.message.characters import clean_line, decode

_ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]*)\?=")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_LONGEST_BARE_ID = 900  # an index entry of the database must hold it
_LONGEST_DATE = 200


def fields(part: MimePart) -> list[tuple[str, str]]:
    """Return the header fields in order, unfolded, as characters; encoded words are left as they are."""
    return [(name.lower(), _characters(value)) for name, value in part.raw_items()]


def first_field(part: MimePart, name: str) -> str:
    """Return the first field of a ``name`` in lower case, as ``fields`` does; "" when there is none."""
    return next((_characters(value) for each, value in part.raw_items() if each.lower() == name), "")


def _characters(value: object) -> str:
    unfolded = str(value).replace("\r", "").replace("\n", "")
    if not unfolded.isascii():
        # compat32 keeps 8-bit bytes as surrogate escapes; RFC 6532 says that they are UTF-8.
        unfolded = decode(unfolded.encode("utf-8", "surrogateescape"), None)[0]
    return clean_line(unfolded).strip()


def decode_words(value: str) -> str:
    """Return a header value with its encoded words decoded, as one line (RFC 2047; E1).

    A word that cannot be decoded stays as it is. ``email.header.decode_header`` would lose the whole
    value to one bad word, and is quadratic in the number of words.
    """
    decoded = "".join(_runs(value)) if "=?" in value else value
    return " ".join(clean_line(decoded).split())


def _runs(value: str) -> Iterator[str]:
    end = 0
    charset, pending = "", bytearray()
    for match in _ENCODED_WORD.finditer(value):
        data = _word(match[2], match[3])
        gap = value[end : match.start()]
        # A character may be cut in two by adjacent words of one charset: join bytes before decoding.
        if data is None or gap.strip() or not pending or match[1].lower() != charset:
            yield decode(bytes(pending), charset)[0]
            yield "" if pending and not gap.strip() and data is not None else gap
            pending = bytearray()
        charset, end = match[1].lower(), match.end()
        if data is None:
            yield match[0]
        else:
            pending += data
    yield decode(bytes(pending), charset)[0]
    yield value[end:]


def _word(encoding: str, text: str) -> bytes | None:
    data = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    try:
        decoded = binascii.a2b_base64(data + b"==")
    except binascii.Error:
        return None
    return decoded if decoded or not text else None


def message_id(value: str | None) -> str | None:
    """Return the first ``<...>`` of a Message-ID header, a bare id as it is, None when there is none."""
    if not value:
        return None
    found = _MESSAGE_ID.search(value)
    return found[0] if found else clean_line(value)[:_LONGEST_BARE_ID].strip() or None


def message_ids(values: Iterable[str], most: int = 200) -> tuple[str, ...]:
    """Return the ``<...>`` ids of In-Reply-To or References, each once, the last ``most`` of them."""
    found = dict.fromkeys(each for value in values for each in _MESSAGE_ID.findall(value))
    return tuple(found)[-most:]


def read_date(value: str | None) -> datetime | None:
    """Return a Date header in UTC, None when it is missing or no date.

    Without a zone, or with one that the standard does not know ("BST"), the time counts as UTC.
    """
    try:
        parsed = parsedate_to_datetime(value) if value and len(value) <= _LONGEST_DATE else None
        if parsed is None:
            return None
        aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
