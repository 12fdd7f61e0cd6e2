"""What a mail server answers to a message, and what it allows: values only."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["sent", "retry", "rejected", "unsure", "abandoned"]
Step = Literal["connect", "login", "smtputf8", "8bitmime", "size", "mail", "rcpt", "data", "message"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a message, the server's code if it gave one, and the words for people.

    sent: the server has it. retry: it certainly has not, and may take it later. rejected: it certainly
    has not and never will. unsure: it may have it, so it must not be sent again. abandoned: withdrawn
    by ``before_data`` and certainly not sent. ``step`` is where it was decided.
    """

    kind: Kind
    code: int | None
    text: str
    step: Step


@dataclass(frozen=True, slots=True)
class Probe:
    """What a server allows, found without sending. None means that it was not reached.

    ``size`` is the largest message in bytes, None when the server names none. ``text`` is "" when all
    is well, else the words for people. Some providers refuse the null sender only after RCPT.
    """

    reached: bool
    login_ok: bool
    null_sender_ok: bool | None = None
    sender_ok: bool | None = None
    size: int | None = None
    dsn: bool = False
    smtputf8: bool = False
    extensions: tuple[str, ...] = ()
    text: str = ""
