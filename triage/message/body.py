"""The parts of a message: what can be read as text, and what is attached."""

import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message as MimePart
from typing import TypeVar

from triage.domain.model import Attachment
from triage.message.characters import clean_line, clean_text, decode
from triage.message.headers import decode_words
from triage.message.html import html_to_text
from triage.message.structure import part_defects

_MOST_PARTS = 1000
_LONGEST_NAME = 200
_LONGEST_TYPE = 120
_REPORTS = frozenset({"message/delivery-status", "message/disposition-notification"})
_T = TypeVar("_T")


@dataclass
class Body:
    """What was found so far. ``text`` is the sender's, ``forwarded`` that of attached messages."""

    text: list[str] = field(default_factory=list)
    forwarded: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    parts: int = 0

    @property
    def blank(self) -> bool:
        """Whether there is nothing to read."""
        return not any(text.strip() for text in (*self.text, *self.forwarded))


def read_body(message: MimePart) -> Body:
    """Return the text and the attachments of a message. Never raises on a tree from ``structure.split``.

    Of alternatives the plain text counts, or else the first that says anything. An attached message is
    read like the one that carries it; what else is attached is known by name, type and size only.
    """
    body = Body()
    _read(message, body)
    return body


def content_type(part: MimePart) -> str:
    """Return a part's type in lower case; what is none counts as text/plain (RFC 2045 section 5.2)."""
    found = clean_line(part.get_content_type())
    usable = found.isascii() and len(found) <= _LONGEST_TYPE and not any(c in found for c in ' ()<>"')
    return found if usable else "text/plain"


def _read(part: MimePart, body: Body) -> None:
    body.parts += 1
    if body.parts > _MOST_PARTS:
        body.defects.append(f"more than {_MOST_PARTS} parts")
        return
    kind = content_type(part)
    body.defects += part_defects(part)
    if part.is_multipart():  # get_payload() would decode text by a charset that may raise
        _read_group(part, kind, body)
    else:
        _read_leaf(part, kind, body)


def _read_group(part: MimePart, kind: str, body: Body) -> None:
    children = [child for child in part.get_payload() if isinstance(child, MimePart)]
    if kind in _REPORTS:
        body.attachments.append(Attachment(_filename(part), kind, 0))
    elif kind.startswith("message/"):
        _read_attached_message(part, children, kind, body)
    elif kind == "multipart/alternative":
        _read_alternatives(children, body)
    else:
        for child in children[: _MOST_PARTS + 1]:
            _read(child, body)


def _read_attached_message(part: MimePart, children: list[MimePart], kind: str, body: Body) -> None:
    inner = Body(parts=body.parts)
    for child in children:
        _read(child, inner)
    texts = [*inner.text, *inner.forwarded]
    size = sum(len(text.encode()) for text in texts) + sum(a.size for a in inner.attachments)
    body.attachments += [Attachment(_filename(part), kind, size), *inner.attachments]
    body.forwarded += texts
    body.defects += inner.defects
    body.parts = inner.parts


def _read_alternatives(children: list[MimePart], body: Body) -> None:
    found: list[tuple[str, Body]] = []
    for child in children[: _MOST_PARTS + 1]:
        inner = Body(parts=body.parts)
        _read(child, inner)
        body.parts = inner.parts
        body.attachments += inner.attachments
        body.defects += inner.defects
        found.append((content_type(child), inner))
    readable = [(kind, inner) for kind, inner in found if not inner.blank]
    plain = [inner for kind, inner in readable if kind == "text/plain"]
    best = [*plain, *(inner for _, inner in readable)][:1]
    for inner in best:
        body.text += inner.text
        body.forwarded += inner.forwarded


def _read_leaf(part: MimePart, kind: str, body: Body) -> None:
    data = _safely(lambda: _content(part), b"")
    body.defects += part_defects(part)
    readable = kind in {"text/plain", "text/html"} or kind.startswith("multipart/")
    if not readable or _safely(part.get_content_disposition, None) == "attachment":
        body.attachments.append(Attachment(_filename(part), kind, len(data)))
        return
    charset = _safely(lambda: part.get_content_charset(""), "")
    text, defect = decode(data, str(charset))
    body.defects += [defect] if defect else []
    text = clean_text(text)
    body.text.append(html_to_text(text) if kind == "text/html" else text)


def _content(part: MimePart) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _filename(part: MimePart) -> str:
    name = _safely(lambda: part.get_filename(""), "")
    raw = str(name).encode("utf-8", "surrogateescape")
    return decode_words(decode(raw, None)[0])[:_LONGEST_NAME]


def _safely(ask: Callable[[], _T], otherwise: _T) -> _T:
    """Ask the library for a parameter or content: bad RFC 2231 parameters and uuencoding make it raise."""
    try:
        return ask()
    except (ValueError, TypeError, LookupError, binascii.Error):
        return otherwise
