"""A running school by a clock that the test sets, and letters of parents whom nobody knows."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from sqlalchemy import select

from tests.acceptance.school import PARENT, RunningSchool, a_mail
from tests.servers.sink import Received
from triage.bootstrap import Service
from triage.store.tables import actions, decisions

MY_SON = "Dear school, my son won't be in school today, he has a cold. His mum"
"""An absence told by whoever says so: enough to be answered, whatever the address."""

ABOUT_HEALTH = "Jake has been sick with his stomach again. Sara Pole"
"""What shares the part for private matters, which stays said for the whole window."""

GATEWAY = "mx.oakfield.example; dmarc=pass"


def letter(
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    *,
    text: str = MY_SON,
    sender: str | None = PARENT,
    return_path: str | None = PARENT,
) -> bytes:
    """A message of exactly these headers beside From, Subject and the gateway's own.

    ``return_path`` None leaves it out: for mail that is put into the mailbox and not delivered.
    """
    mail = EmailMessage()
    mail["Authentication-Results"] = GATEWAY
    if sender is not None:
        mail["From"] = sender
    for name, value in headers.items() if isinstance(headers, Mapping) else headers:
        mail[name] = value
    mail.set_content(text)
    head = b"" if return_path is None else f"Return-Path: <{return_path}>\r\n".encode()
    return head + mail.as_bytes()


def write(
    school: RunningSchool, number: int, *, text: str = MY_SON, to: str | None = None, **headers: str
) -> str:
    """Deliver a letter of the parent of a number, under further headers, and return the address.

    ``X_Any`` names the header X-Any.
    """
    sender = f"parent{number}@home{number}.example"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = a_mail(text, to=to or school.address(), sender=sender, subject=f"My son {number}", headers=named)
    school.deliver(raw, mail_from=sender)
    return sender


def answered(school: RunningSchool) -> list[str]:
    """To whom replies went, in order of the addresses."""
    return sorted(reply.recipient for reply in school.replies)


def generated(school: RunningSchool) -> list[Received]:
    """The notices to the school's own people."""
    return [one for one in school.sink.accepted if one.message["Auto-Submitted"] == "auto-generated"]


def gates_kept(school: RunningSchool) -> list[list[dict]]:
    """The gates that were asked about each decided message, as the record keeps them."""
    with school.service.database.read() as conn:
        return [
            json.loads(one)
            for one in conn.execute(select(decisions.c.gates).order_by(decisions.c.id)).scalars()
        ]


def sender_kinds(school: RunningSchool) -> list[str]:
    """Who wrote each decided message."""
    with school.service.database.read() as conn:
        return list(conn.execute(select(decisions.c.sender_kind).order_by(decisions.c.id)).scalars())


def reasons(school: RunningSchool) -> list[str | None]:
    """Why each reply was held back at its claim, None where it was not."""
    with school.service.database.read() as conn:
        where = actions.c.kind == "reply"
        return list(conn.execute(select(actions.c.reason).where(where).order_by(actions.c.id)).scalars())


def words_of(reply: Received) -> str:
    """The body of a reply as it is read, on one line."""
    return " ".join(reply.message.get_payload(decode=True).decode().split())


@dataclass
class Clocked:
    """A running school whose clock stands where the test puts it: in the past, for Dovecot takes no later."""

    school: RunningSchool
    time: datetime

    def __post_init__(self) -> None:
        service = self.school.service
        self.school.service = Service(replace(service.context, clock=lambda: self.time), service.settings)

    def arrive(
        self, text: str = MY_SON, *, sender: str = PARENT, date: datetime | None = None, **how: str
    ) -> None:
        """Put a message into the mailbox as it arrives at this moment, and let the service work."""
        headers = {"Date": format_datetime(date or self.time), "To": self.school.address(), **how}
        headers.setdefault("Message-ID", make_msgid(domain="home.example"))
        raw = letter(headers, text=text, sender=sender, return_path=sender)
        self.school.dovecot.append(self.school.users[0], raw, self.time)
        self.school.poll()

    def later(self, **span: float) -> None:
        """Put the clock forward."""
        self.time += timedelta(**span)
