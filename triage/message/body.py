"""The parts of a message: what can be read as text, and what is attached."""

import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message as MimePart
from typing import TypeVar

from triage.domain.model import Attachment
from triage.message.attached import LONGEST, MOST, calendar_text, is_calendar, is_html, is_text
from triage.message.characters import clean_line, clean_text, decode
from triage.message.flowed import unflowed
from triage.message.headers import decode_words, first_field
from triage.message.html import html_to_text
from triage.message.parameters import parameter
from triage.message.structure import decoded, part_defects, transfer_encoding

_MOST_PARTS = 1000
_MOST_ENCODED = 2
_LONGEST_NAME = 200
_REPORTS = frozenset({"message/delivery-status", "message/disposition-notification"})
_TYPE = re.compile(r"[!#-'*-;=?-~]{0,120}")
_WORD = re.compile(r"\w+")
_LENGTH = re.compile(r"[0-9]{1,12}")
_T = TypeVar("_T")


@dataclass
class Spent:
    """What of a message's bounds is used up, counted across all its parts.

    ``encoded`` is how many encoded messages the part that is read now is within.
    """

    parts: int = 0
    attached: int = 0
    encoded: int = 0


@dataclass
class Body:
    """What was found so far. ``text`` is the sender's letter, ``forwarded`` that of attached messages.

    ``beside`` is what else can be read: versions of the letter that say something else, attached text.
    ``html`` holds the letter's parts that are HTML, as they were sent.
    """

    text: list[str] = field(default_factory=list)
    forwarded: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    spent: Spent = field(default_factory=Spent)

    @property
    def letter(self) -> list[str]:
        """What a person reads as the message."""
        return [text for text in (*self.text, *self.forwarded) if text.strip()]


def read_body(message: MimePart) -> Body:
    """Return the text and the attachments of a message. Never raises on a tree from ``structure.split``.

    Of alternatives the plain text is the letter, or else the first that says anything; what another one
    says in other words stands beside it, because a mail program may show that one. An attached message
    is read like the one that carries it, and attached text within bounds; what else is attached is known
    by name, type and size only.
    """
    body = Body()
    _read(message, body)
    return body


def content_type(part: MimePart) -> str:
    """Return a part's type in lower case; what is none counts as text/plain (RFC 2045 section 5.2)."""
    found = clean_line(part.get_content_type())
    return found if _TYPE.fullmatch(found) else "text/plain"


def _read(part: MimePart, body: Body) -> None:
    body.spent.parts += 1
    if body.spent.parts > _MOST_PARTS:
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
    inner = Body(spent=body.spent)
    for child in children:
        _read_message(part, child, inner)
    texts = [*inner.text, *inner.forwarded]
    size = sum(len(text.encode()) for text in texts) + sum(a.size for a in inner.attachments)
    body.attachments += [Attachment(_filename(part), kind, size), *inner.attachments]
    body.forwarded += texts
    body.beside += inner.beside
    body.defects += inner.defects


def _read_message(part: MimePart, child: MimePart, body: Body) -> None:
    found = decoded(part, child) if body.spent.encoded < _MOST_ENCODED else None
    if found is None:
        _read(child, body)
        return
    body.spent.encoded += 1
    _read(found[0], body)
    body.spent.encoded -= 1
    body.defects += found[1]


def _read_alternatives(children: list[MimePart], body: Body) -> None:
    found: list[tuple[str, Body]] = []
    for child in children[: _MOST_PARTS + 1]:
        inner = Body(spent=body.spent)
        _read(child, inner)
        body.attachments += inner.attachments
        body.beside += inner.beside
        body.html += inner.html
        body.defects += inner.defects
        if inner.letter:
            found.append((content_type(child), inner))
    # sorted() keeps the order of what is alike: the plain ones first, then as they came.
    letters = [inner for _, inner in sorted(found, key=lambda each: each[0] != "text/plain")]
    for best in letters[:1]:
        body.text += best.text
        body.forwarded += best.forwarded
    body.beside += _said_otherwise([inner.letter for inner in letters])


def _said_otherwise(letters: list[list[str]]) -> list[str]:
    """Return the text of all letters but the first and those that say the same in the same words."""
    by_words: dict[str, list[str]] = {}
    for letter in letters:
        by_words.setdefault(" ".join(_WORD.findall("\n".join(letter).casefold())), letter)
    return [text for letter in [*by_words.values()][1:] for text in letter]


def _read_leaf(part: MimePart, kind: str, body: Body) -> None:
    data = _safely(lambda: _content(part), b"")
    body.defects += part_defects(part)
    written = kind in {"text/plain", "text/html"} or kind.startswith("multipart/")
    if written and _safely(part.get_content_disposition, None) != "attachment":
        text = _decoded(part, data, body)
        body.html += [text] if kind == "text/html" else []
        body.text.append(_readable(part, text, kind))
        return
    name = _filename(part)
    body.attachments.append(Attachment(name, kind, len(data) or _left_out(part)))
    if is_text(kind, name):
        _read_attached_text(part, kind, name, _decoded(part, data, body), body)


def _read_attached_text(part: MimePart, kind: str, name: str, text: str, body: Body) -> None:
    most = min(LONGEST, MOST - body.spent.attached)
    body.spent.attached += min(len(text), most)
    if len(text) > most:
        body.defects.append("an attached text is too long: only its beginning was read")
    body.beside.append(_readable(part, text[:most], kind, name))


def _decoded(part: MimePart, data: bytes, body: Body) -> str:
    text, defect = decode(data, parameter(first_field(part, "content-type"), "charset"))
    body.defects += [defect] if defect else []
    return text


def _readable(part: MimePart, text: str, kind: str, name: str = "") -> str:
    cleaned = clean_text(text)
    if is_html(kind, name):
        return html_to_text(cleaned)
    if is_calendar(kind, name):
        return calendar_text(cleaned)
    return (
        unflowed(cleaned, delsp=_says(part, "delsp", "yes")) if _says(part, "format", "flowed") else cleaned
    )


def _says(part: MimePart, name: str, value: str) -> bool:
    return parameter(first_field(part, "content-type"), name).lower() == value


def _content(part: MimePart) -> bytes:
    encoding = transfer_encoding(part)
    if encoding:  # the library takes a folded one, or "base64;", for an unknown one, and decodes nothing
        part.replace_header("content-transfer-encoding", encoding)
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _left_out(part: MimePart) -> int:
    """Return how long an empty part says it was: of a large message the attachments are not fetched."""
    said = first_field(part, "content-length")
    return int(said) if _LENGTH.fullmatch(said) else 0


def _filename(part: MimePart) -> str:
    name = parameter(first_field(part, "content-disposition"), "filename")
    return decode_words(name or parameter(first_field(part, "content-type"), "name"))[:_LONGEST_NAME]


def _safely(ask: Callable[[], _T], otherwise: _T) -> _T:
    """Ask the library for content or its disposition: bad uuencoding makes older ones raise."""
    try:
        return ask()
    except (ValueError, TypeError, LookupError, binascii.Error):
        return otherwise
