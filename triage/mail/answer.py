"""What a mail server answers to a message, and what it allows: values only."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from triage.mail.token_error import Kind as NoToken

Kind = Literal["sent", "retry", "rejected", "unsure", "abandoned"]
Step = Literal["turn", "connect", "login", "smtputf8", "8bitmime", "size", "mail", "rcpt", "data", "message"]

_STATUS = re.compile(r"\s{0,9}#?(([245])\.\d{1,3}\.\d{1,3})(?![\d.])")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a message, the server's code if it gave one, and the words for people.

    sent: the server has it. retry: it certainly has not, and may take it later. rejected: it certainly
    has not and never will. unsure: it may have it, so it must not be sent again. abandoned: withdrawn
    by ``before_data`` and certainly not sent. ``step`` is where it was decided; at "turn" the server was
    not asked, because the account sends as much as it may. ``status`` is the server's
    enhanced code, such as "5.1.1" for a mailbox that is not there (RFC 3463), None where it gave none.
    ``no_token`` says why there was no token to log in with, None where that is not what went wrong.
    """

    kind: Kind
    code: int | None
    text: str
    step: Step
    status: str | None = None
    no_token: NoToken | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """What a server allows, found without sending. None means that it was not reached.

    ``size`` is the largest message in bytes, None when the server names none; ``tls`` the version that is
    spoken, None for a plain connection. ``refused`` says why, by each sender that is not allowed, "" for the
    null one. ``text`` is "" when all is well, else the words for people.
    """

    reached: bool
    login_ok: bool
    null_sender_ok: bool | None = None
    sender_ok: bool | None = None
    size: int | None = None
    dsn: bool = False
    smtputf8: bool = False
    tls: str | None = None
    extensions: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


def enhanced_status(code: int, text: bytes | str) -> str | None:
    """Return the enhanced status code at the beginning of a reply's text (RFC 2034 section 4), or None.

    One that is not of the reply code's own class is none: RFC 3463 section 2 wants them to agree. Some
    servers put a sign before it ("550 #5.1.0").
    """
    said = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    found = _STATUS.match(said)
    return found[1] if found and found[2] == str(code // 100) else None
