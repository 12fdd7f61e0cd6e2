"""What a delivery report says: which message came back, and if its address takes mail (RFC 3464; D1, #3).

Only ids are read here. Whether one of them is ours is for the record to say, so a report that names none of
ours counts for nothing, whoever wrote it.
"""

import re
from collections.abc import Iterator, Mapping
from email.message import Message as MimePart

from triage.domain.header_values import keyword
from triage.domain.machine_headers import OUR_MARK
from triage.domain.model import Returned
from triage.message.body import content_type
from triage.message.headers import fields, message_id, message_ids
from triage.message.structure import line_ends, split

_REPORT = frozenset({"message/delivery-status", "message/global-delivery-status"})
_LETTER = frozenset({"message/rfc822", "message/global"})
_ITS_HEADERS = frozenset({"text/rfc822-headers", "message/global-headers"})
_MOST_PARTS = 50
_MOST_GROUPS = 100
_LONGEST_TEXT = 64 * 1024
_MARK = re.compile(r"[0-9a-f]{40}")
_MOST_NAMES = 8
"""A report is about one letter: more names than a few are there to keep the database busy."""

NO_SUCH_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
"""The status codes that say of an address that it takes no mail (RFC 3463 section 3.2; RFC 7505).

Any other may be about us: a blocklist, a full disk, a policy. The next address may say the same, and a fault
of the school's server must not silence it towards every parent for good.
"""

_CLOSED = "5.2.1"
"""In a report a mailbox is closed for good; at RCPT it may be for the moment."""


def returned(top: MimePart, headers: Mapping[str, tuple[str, ...]]) -> Returned | None:
    """Return what a delivery report tells of the message that came back, None for any other message.

    An id in the returned letter or its headers counts before In-Reply-To, and that before the last of
    References: a letter of a thread that came back names more ids than its own. Never raises on a tree from
    ``structure.split``.
    """
    parts = list(_parts(top))
    reports = [part for part in parts if content_type(part) in _REPORT]
    if not reports:
        return None
    letters = [dict(found) for part in parts if (found := _letter_headers(part))]
    ids = tuple(one for letter in letters if (one := message_id(letter.get("message-id"))))
    answered = message_ids(headers.get("in-reply-to", ()))
    groups = [group for part in reports for group in _groups(part) if "action" in group]
    failed = bool(groups) and all(keyword(group["action"]) == "failed" for group in groups)
    marks = [letter.get(OUR_MARK, "") for letter in letters] + list(headers.get(OUR_MARK, ()))
    return Returned(
        ids=(ids or answered or message_ids(headers.get("references", ()))[-1:])[:_MOST_NAMES],
        marks=tuple(mark for mark in marks if _MARK.fullmatch(mark))[:_MOST_NAMES],
        failed=failed,
        refused=failed and all(_is_their_own(group.get("status", "")) for group in groups),
    )


def _parts(top: MimePart) -> Iterator[MimePart]:
    """Yield the parts of a report, without those of the letters in it; nothing of what is no report."""
    kind = content_type(top)
    if kind in _REPORT:
        yield top
    if kind != "multipart/report":
        return
    waiting = _children(top)
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        yield part
        if content_type(part).startswith("multipart/"):
            waiting += _children(part)


def _children(part: MimePart) -> list[MimePart]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, MimePart)] if isinstance(payload, list) else []


def _letter_headers(part: MimePart) -> list[tuple[str, str]]:
    """Return the headers of the letter that a part holds, none when it holds none."""
    kind = content_type(part)
    if kind in _LETTER or (kind in _ITS_HEADERS and part.is_multipart()):
        return [field for child in _children(part)[:1] for field in fields(child)]
    return _read(_text(part)) if kind in _ITS_HEADERS else []


def _groups(part: MimePart) -> Iterator[dict[str, str]]:
    """Yield the groups of fields of a status: first of the message, then of each recipient."""
    for child in _children(part)[:_MOST_GROUPS]:
        yield dict(fields(child))
        # The library takes the groups of the newer type for a letter's headers and its text.
        yield from (dict(_read(text)) for text in _text(child).split("\n\n")[:_MOST_GROUPS] if text.strip())


def _text(part: MimePart) -> str:
    if part.is_multipart():
        return ""
    content = part.get_payload(decode=True)
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
    return text[:_LONGEST_TEXT].strip()


def _read(text: str) -> list[tuple[str, str]]:
    return fields(split(line_ends(text.encode("utf-8", "replace")) + b"\n\n")[0])


def _is_their_own(status: str) -> bool:
    """Tell whether a status is about the recipient; without one nothing is known."""
    return keyword(status) in {*NO_SUCH_MAILBOX, _CLOSED}
