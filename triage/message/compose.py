"""A reply or a notice as the bytes that go out: RFC 3834 section 3, standards A8 to A18, V5 and E1.

The old generator of the standard library writes the headers, because the newer one breaks a folded display
name that holds a comma and encodes a long Message-ID as if it were a word. Nothing of the message that is
answered comes in here but its ids, and those only when they are plain.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.charset import QP, Charset
from email.header import Header
from email.message import Message as Mail
from email.utils import format_datetime, quote
from typing import TypeAlias

OWN_MARK = "X-School-Triage"
"""The header by which our own mail is known when it comes back; its value is the id's part before the @."""

FLOWED_WIDTH = 72
KEPT_REFERENCES = 10
LONGEST_ID = 250

_POLICY = policy.compat32.clone(linesep="\r\n", max_line_length=76, mangle_from_=False)
_Mail: TypeAlias = "Mail[str, Header | str]"
_CHARSET = Charset("utf-8")
_CHARSET.body_encoding = QP

_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")  # printable ASCII but space, < and >
_ADDRESS = re.compile(r"[!#-'*+\-./0-9=?A-Z^_`a-z{|}~]+@[0-9A-Za-z.-]+")
_BETWEEN_WORDS = re.compile(r"(?<![0-9]) | (?![0-9])")  # a telephone number's groups stay together
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_BODY_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


class ComposeError(ValueError):
    """An envelope from which no safe mail can be made; says which field, never what stood there."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom, when, in answer to what. ``date`` is aware and the time of writing (A11).

    ``references`` are those of the answered message. Ids from outside may hold anything: what is not a plain
    id is left out.
    """

    from_name: str
    from_address: str
    to: str
    message_id: str
    date: datetime
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()


def reply_from(school: str, owner: str, language: str = "en") -> str:
    """Return the display name of a reply's sender: never the person alone (RFC 3834 section 3.1.1; A8)."""
    words = "ateb awtomatig ar ran" if language == "cy" else "automatic reply for"
    return f"{school}, {words} {owner}"


def reply_subject(school: str, language: str = "en") -> str:
    """Return the one subject of every reply, in Welsh or in English.

    RFC 3834 section 3.1.5 asks for the original subject; we depart from it (A12), because a forger's words
    would travel in it, and a shared inbox would show what was written about.
    """
    return f"Auto: {'eich neges at' if language == 'cy' else 'your message to'} {school}"


def compose_reply(envelope: Envelope, subject: str, body: str) -> bytes:
    """Return a reply to one message (RFC 3834 section 3; A8 to A16). Raises ComposeError."""
    mail = _mail(envelope, subject, "auto-replied")
    for name, value in _thread(envelope).items():
        mail[name] = value
    return _finish(mail, body)


def compose_notice(envelope: Envelope, subject: str, body: str, html: str | None = None) -> bytes:
    """Return a notice to the school's own people: generated, never a reply (A14). Raises ComposeError.

    With ``html`` the same is there twice, and a mail program shows what it can (RFC 2046 section 5.1.4).
    """
    mail = _mail(envelope, subject, "auto-generated")
    return _finish(mail, body) if html is None else _finish_both(mail, body, html)


def flowed(text: str) -> str:
    """Return text as format=flowed lines of at most 72 characters (RFC 3676 section 4.2)."""
    lines = [line for paragraph in plain(text).split("\n") for line in _flow(paragraph)]
    return "\n".join(lines) + "\n"


def plain(text: str) -> str:
    r"""Return text with ``\n`` line ends, without control characters, lone surrogates and trailing space."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _BODY_CONTROLS.sub(" ", text).encode("utf-8", "replace").decode()
    return "\n".join(line.rstrip(" \t") for line in text.split("\n")).strip("\n")


def _mail(envelope: Envelope, subject: str, submitted: str) -> _Mail:
    if envelope.date.tzinfo is None:
        raise ComposeError("The date of a mail needs a time zone.")
    sender = _address(envelope.from_address, "sender's address")
    mail: _Mail = Mail(_POLICY)
    mail["From"] = _from(_one_line(envelope.from_name), sender)
    mail["To"] = _address(envelope.to, "recipient's address")
    mail["Subject"] = _words(_one_line(subject) or "Auto: your message", "Subject")
    mail["Date"] = format_datetime(envelope.date)
    mail["Message-ID"] = _own_id(envelope.message_id)
    mail["Auto-Submitted"] = submitted
    mail["Precedence"] = "bulk"
    mail["X-Auto-Response-Suppress"] = "All"
    mail[OWN_MARK] = envelope.message_id[1:].partition("@")[0]
    return mail


def _finish(mail: _Mail, body: str) -> bytes:
    mail["MIME-Version"] = "1.0"
    _fill(mail, body)
    return mail.as_bytes(policy=_POLICY)


def _finish_both(mail: _Mail, body: str, html: str) -> bytes:
    mail["MIME-Version"] = "1.0"
    # No line of a quoted-printable body can be this: an equals sign is written =3D there.
    mail.add_header("Content-Type", "multipart/alternative", boundary=f"=_{mail[OWN_MARK]}")
    text: _Mail = Mail(_POLICY)
    page: _Mail = Mail(_POLICY)
    _fill(text, body)
    page.add_header("Content-Type", "text/html", charset="utf-8")
    page.set_payload(plain(html) + "\n", _CHARSET)
    mail.attach(text)
    mail.attach(page)
    return mail.as_bytes(policy=_POLICY)


def _fill(mail: _Mail, body: str) -> None:
    mail.add_header("Content-Type", "text/plain", charset="utf-8", format="flowed")
    mail.set_payload(flowed(body), _CHARSET)


def _thread(envelope: Envelope) -> dict[str, str]:
    """Return In-Reply-To and References where there is an id to answer (RFC 3834 section 3.1.6; A13)."""
    if envelope.in_reply_to is None or not _is_plain_id(envelope.in_reply_to):
        return {}
    chain = _chain((*envelope.references, envelope.in_reply_to))
    return {"In-Reply-To": envelope.in_reply_to, "References": " ".join(chain)}


def _chain(ids: Iterable[str]) -> tuple[str, ...]:
    """Return the plain ids once each: of a long chain the first and the last few (RFC 5537 section 3.4.4)."""
    known = tuple(dict.fromkeys(one for one in reversed(tuple(ids)) if _is_plain_id(one)))[::-1]
    return known if len(known) <= KEPT_REFERENCES else (known[0], *known[1 - KEPT_REFERENCES :])


def _is_plain_id(one: str) -> bool:
    return len(one) <= LONGEST_ID and _ID.fullmatch(one) is not None


def _own_id(message_id: str) -> str:
    if not _is_plain_id(message_id):
        raise ComposeError("The Message-ID is not one: <something@domain>, in plain characters, is needed.")
    return message_id


def _address(address: str, what: str) -> str:
    """Return an address that is safe in a header; one beyond ASCII needs SMTPUTF8 and is refused (E3)."""
    if _ADDRESS.fullmatch(address) is None:
        raise ComposeError(f"The {what} cannot be used in a mail: one plain address is needed.")
    return address


def _from(name: str, address: str) -> Header:
    if name.isascii():
        return _words(f'"{quote(name)}" <{address}>' if name else address, "From")
    header = _words(name, "From")
    header.append(f"<{address}>", "us-ascii")
    return header


def _words(text: str, name: str) -> Header:
    """Return a header's text, as encoded words only when it is not ASCII (V5, E1)."""
    return Header(text, "us-ascii" if text.isascii() else "utf-8", 76, name)


def _one_line(text: str) -> str:
    """Return a header's text with nothing in it that could end the line."""
    clean = _CONTROLS.sub(" ", text).encode("utf-8", "replace").decode()
    return " ".join(clean.split())


def _flow(paragraph: str) -> Iterable[str]:
    """Yield one paragraph's lines: each but the last ends in a space, which says that it goes on."""
    rest = paragraph
    while len(rest) > FLOWED_WIDTH:
        cut = _cut(rest)
        if not cut:
            break
        yield _stuff(rest[:cut])
        rest = rest[cut:]
    yield _stuff(rest)


def _cut(rest: str) -> int:
    """Return where a line that is too long ends: after the last space that fits, else the first; else 0."""
    found = _BETWEEN_WORDS.finditer(rest, 1, FLOWED_WIDTH + 1)  # one more shows what the last space is before
    fitting = [each.end() for each in found if each.end() <= FLOWED_WIDTH]
    if fitting:
        return fitting[-1]
    later = _BETWEEN_WORDS.search(rest, FLOWED_WIDTH)
    return later.end() if later else 0


def _stuff(line: str) -> str:
    """Return a line with a space before what a mail program could take for something else (RFC 3676, 4.4)."""
    return f" {line}" if line.startswith((" ", ">", "From ")) else line
