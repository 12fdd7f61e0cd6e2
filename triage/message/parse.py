"""Bytes to a Message: the first stage. Never raises, in linear time; what cannot be read is a defect."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

from triage.domain.model import Address, Message, Verdict
from triage.message.addresses import read_addresses, read_return_path
from triage.message.authentication import NO_GATEWAY, Gateway, dmarc_verdict
from triage.message.body import Body, content_type, read_body
from triage.message.characters import clean_text
from triage.message.fingerprint import content_hash
from triage.message.headers import decode_words, fields, message_id, message_ids, read_date
from triage.message.own_text import forwards, own_text, replies
from triage.message.returned import returned
from triage.message.structure import line_ends, split

__all__ = ["LONGEST_HTML", "NO_GATEWAY", "Gateway", "parse"]

LONGEST_HTML = 128 * 1024
"""Characters that are kept of a letter's HTML: more than mail programs show of it before they cut."""

_LONGEST_SUBJECT = 10_000
_LONGEST_TEXT = 500_000
"""Characters: a long novel, over which the stages behind this one take seconds."""

_NOBODY = Address("", "")


def parse(
    raw: bytes, received: datetime, gateway: Gateway = NO_GATEWAY, *, truncated: bool = False
) -> Message:
    """Return a message as bytes as a value; ``received`` is the server's time (INTERNALDATE).

    ``gateway`` says whose Authentication-Results are believed (T1). ``truncated`` marks bytes that end
    at a size cap; a message whose text is too long is truncated too. Decodes RFC 2047 and RFC 2231 (E1,
    E2). Never raises: what could not be read is named in ``defects``, and its field is empty. No field
    holds a NUL, a lone surrogate or, but for ``text``, ``own_text`` and ``html``, a line end.
    """
    try:
        return _read(raw, received, gateway, truncated=truncated)
    except Exception as trouble:  # noqa: BLE001 - the last net: one message must never stop the others
        return _unreadable(
            raw, received, f"could not be read ({type(trouble).__name__})", truncated=truncated
        )


def _read(raw: bytes, received: datetime, gateway: Gateway, *, truncated: bool) -> Message:
    lines = line_ends(raw)
    top, defects = split(lines)
    listed = fields(top)
    headers = _by_name(listed)
    body = read_body(top)
    people = _People(headers)
    subject = decode_words(_first(headers, "subject") or "")
    html = "<hr>".join(body.html)
    text = _paragraphs([*body.text, *body.forwarded, *body.beside])
    kind = content_type(top)
    own = _own(body, subject, kind, answers=_answers(headers, subject))
    return Message(
        message_id=message_id(_first(headers, "message-id")),
        content_hash=content_hash(lines, listed, truncated=truncated),
        received=received,
        date=read_date(_first(headers, "date")),
        return_path=people.return_path,
        sender=people.origin[0] if people.origin else _NOBODY,
        from_addresses=people.origin,
        reply_to=people.at("reply-to"),
        to=people.at("to"),
        cc=people.at("cc"),
        bcc=people.at("bcc"),
        resent_to=people.at("resent-to", "resent-cc", "resent-bcc"),
        subject=subject[:_LONGEST_SUBJECT],
        text=text[:_LONGEST_TEXT],
        own_text=own[:_LONGEST_TEXT],
        attachments=tuple(body.attachments),
        in_reply_to=message_ids(headers.get("in-reply-to", ())),
        references=message_ids(headers.get("references", ())),
        headers=headers,
        content_type=kind,
        dmarc=dmarc_verdict(listed, gateway),
        size=len(raw),
        truncated=truncated or len(text) > _LONGEST_TEXT,
        defects=_unique([*defects, *_header_defects(raw, headers, subject), *people.defects, *body.defects]),
        html=clean_text(html[:LONGEST_HTML]),
        html_cut=len(html) > LONGEST_HTML or (truncated and bool(html)),
        returned=returned(top, headers),
    )


class _People:
    """The addresses of the headers; what could not be read is gathered in ``defects``."""

    def __init__(self, headers: Mapping[str, tuple[str, ...]]) -> None:
        self._headers = headers
        self.defects: list[str] = []
        self.origin = self.at("from")
        self.return_path, unreadable = read_return_path(_first(headers, "return-path"))
        if unreadable:
            self.defects.append("the Return-Path cannot be read")
        if not self.origin:
            self.defects.append("no From address")

    def at(self, *names: str) -> tuple[Address, ...]:
        values = [value for name in names for value in self._headers.get(name, ())]
        found, unreadable = read_addresses(values)
        if unreadable:
            self.defects.append(f"an address in {names[0].title()} cannot be read")
        return found


def _answers(headers: Mapping[str, tuple[str, ...]], subject: str) -> bool | None:
    """Whether a message answers another; None where only its subject says so, for people write "Re: Jake"."""
    if "in-reply-to" in headers or "references" in headers:
        return True
    return None if replies(subject) else False


def _own(body: Body, subject: str, kind: str, *, answers: bool | None) -> str:
    text = _paragraphs(body.text)
    # What answers nothing quotes nothing: whatever looks like a quotation is what its sender wants read.
    forward = True if forwards(subject) else None if answers is None else not answers
    own = own_text(text, forward=forward)
    # A report carries the message that failed; anybody else who attaches a message means it to be read.
    return own if kind == "multipart/report" else _paragraphs([own, *body.forwarded])


def _header_defects(raw: bytes, headers: Mapping[str, tuple[str, ...]], subject: str) -> list[str]:
    date = _first(headers, "date")
    found = {
        "NUL bytes": b"\0" in raw,
        "the Date cannot be read": date is not None and read_date(date) is None,
        "several From headers": len(headers.get("from", ())) > 1,
        "the subject is too long": len(subject) > _LONGEST_SUBJECT,
        "no headers": not headers,
    }
    return [words for words, is_so in found.items() if is_so]


def _by_name(listed: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    gathered: dict[str, list[str]] = {}
    for name, value in listed:
        gathered.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in gathered.items()}


def _first(headers: Mapping[str, tuple[str, ...]], name: str) -> str | None:
    values = headers.get(name)
    return values[0] if values else None


def _paragraphs(texts: Iterable[str]) -> str:
    return "\n\n".join(text.strip("\n") for text in texts if text.strip())


def _unique(words: Iterable[str], most: int = 50) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))[:most]


def _unreadable(raw: bytes, received: datetime, defect: str, *, truncated: bool) -> Message:
    return Message(
        message_id=None,
        content_hash=hashlib.sha256(raw).hexdigest(),
        received=received,
        date=None,
        return_path=None,
        sender=_NOBODY,
        from_addresses=(),
        reply_to=(),
        to=(),
        cc=(),
        bcc=(),
        resent_to=(),
        subject="",
        text="",
        own_text="",
        attachments=(),
        in_reply_to=(),
        references=(),
        headers={},
        content_type="text/plain",
        dmarc=Verdict.UNKNOWN,
        size=len(raw),
        truncated=truncated,
        defects=(defect,),
    )
