"""A school that is really run: its settings over real servers, its mail by LMTP, its replies at a sink."""

import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from sqlalchemy import func, select

from tests.servers.dovecot import Dovecot
from tests.servers.fixtures_store import share_statements
from tests.servers.imap_host import PASSWORD
from tests.servers.sink import Received, Sink
from triage.bootstrap import Service, build
from triage.demo.school import with_values
from triage.domain.roster import Guardian, Pupil, Roster
from triage.resources import resource
from triage.settings import Settings, load_settings
from triage.store.outbox import tally
from triage.store.roster import replace_roster
from triage.store.tables import decisions, flags, messages

PARENT = "sara.pole@home.example"
OTHER_PARENT = "tom.early@home.example"
ROSTER = Roster(
    [Pupil("P001", "Jake", "Pole", "", 8, "8B"), Pupil("P002", "Ella", "Early", "", 10, "10A")],
    [
        Guardian("G001", "Sara Pole", PARENT, ("P001",)),
        Guardian("G002", "Tom Early", OTHER_PARENT, ("P002",)),
    ],
)
ABSENCE = "Jake won't be in school today, he has a cold. Sara Pole"


def now() -> datetime:
    """The real clock: claims, INTERNALDATE and LMTP go by it."""
    return datetime.now(UTC)


def a_mail(
    text: str = ABSENCE,
    *,
    to: str,
    sender: str = PARENT,
    subject: str = "Jake Pole 8B",
    message_id: str | None = None,
    headers: Mapping[str, str] | None = None,
    dmarc: str = "pass",
) -> bytes:
    """A message as the school's gateway hands it on, without the Return-Path that the delivery writes."""
    mail = EmailMessage()
    mail["Authentication-Results"] = f"mx.oakfield.example; dmarc={dmarc} header.from=home.example"
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"] = format_datetime(now())
    mail["Message-ID"] = message_id or make_msgid(domain="home.example")
    for name, value in (headers or {}).items():
        mail[name] = value
    mail.set_content(text)
    return mail.as_bytes()


def comes_true(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Wait for an event of another thread; the time is a limit, not a measure."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
OPEN = "00:00-12:00, 12:00-00:00"
CLOSED = ""
UNCAPPED = {
    f"TRIAGE_REPLIES__CAPS__{name}": "100000"
    for name in ("SENDER_PER_DAY", "DOMAIN_PER_HOUR", "MAILBOX_PER_HOUR", "SCHOOL_PER_HOUR")
}
"""An environment in which no cap is met."""


@dataclass
class RunningSchool:
    """A school of so many mailboxes at a real Dovecot, a database and a sink."""

    dovecot: Dovecot
    sink: Sink
    database_url: str
    key_file: Path
    folder: Path
    count: int = 1
    hours: str = OPEN
    environ: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shutil.copyfile(resource("policy.toml"), self.folder / "policy.toml")
        shutil.copytree(resource("templates"), self.folder / "templates")
        text = resource("settings.toml").read_text(encoding="utf-8")
        (self.folder / "settings.toml").write_text(with_values(text, self._values()), encoding="utf-8")
        self.users = [self.dovecot.new_user() for _ in range(self.count)]
        self.service = build(self.settings(), now)
        share_statements(self.service.database)
        with self.service.database.write() as conn:
            replace_roster(conn, self.service.database.keyring, ROSTER, "test", now())
        self.poll()

    def variables(self) -> dict[str, str]:
        """Return the environment that puts this school's servers into the shipped settings."""
        mailboxes = [
            {
                "address": self.dovecot.address(user),
                "name": "Mr R. Hale",
                "username": user,
                "password": PASSWORD,
            }
            for user in self.users
        ]
        return {
            "TRIAGE_MAILBOXES": json.dumps(mailboxes),
            "TRIAGE_TERMS": "[]",
            "TRIAGE_CALENDAR__INSET_DAYS": "[]",
            "TRIAGE_SETTINGS": str(self.folder / "settings.toml"),
            **self.environ,
        }

    def settings(self) -> Settings:
        """Return the shipped settings with this school's servers."""
        return load_settings(None, self.variables())

    def _values(self) -> dict[tuple[str, str], str | int]:
        return {
            ("imap", "host"): "127.0.0.1",
            ("imap", "port"): self.dovecot.imap_port,
            ("imap", "security"): "plain",
            ("smtp", "host"): "127.0.0.1",
            ("smtp", "port"): self.sink.port,
            ("smtp", "security"): "plain",
            ("smtp", "username"): "",
            ("smtp", "password_file"): "",
            ("database", "url"): self.database_url,
            ("database", "key_file"): str(self.key_file),
            ("replies", "mode"): "live",
            ("web", "port"): 0,
            **{("hours", day): self.hours for day in DAYS},
        }

    def deliver(self, raw: bytes, *, user: int = 0, mail_from: str = PARENT) -> None:
        """Deliver by LMTP to one of the mailboxes."""
        self.dovecot.deliver(self.users[user], raw, mail_from=mail_from)

    def address(self, user: int = 0) -> str:
        """The address of one of the mailboxes."""
        return self.dovecot.address(self.users[user])

    def poll(self):
        """Poll every mailbox once and carry out what follows, as one round of the worker does."""
        polls = [self.service.round(mailbox) for mailbox in self.service.mailboxes]
        self.service.sweep()
        return polls

    @property
    def replies(self) -> list[Received]:
        """The replies that the sink took; notices to the school's own people are left out."""
        return [one for one in self.sink.accepted if one.message["Auto-Submitted"] == "auto-replied"]

    def flags(self) -> list[tuple[str, str, int | None]]:
        """Topic, route and year of every flag, in the order in which they were raised."""
        with self.service.database.read() as conn:
            rows = conn.execute(select(flags.c.topic, flags.c.route, flags.c.year).order_by(flags.c.id))
            return [tuple(row) for row in rows]

    def withheld(self) -> list[str | None]:
        """The gate that withheld the reply to each decided message, None where none did."""
        with self.service.database.read() as conn:
            return list(conn.execute(select(decisions.c.withheld).order_by(decisions.c.id)).scalars())

    def states(self) -> dict[str, int]:
        """How many messages came to rest in which state."""
        with self.service.database.read() as conn:
            counted = select(messages.c.state, func.count()).group_by(messages.c.state)
            return dict(conn.execute(counted).all())

    def tally(self) -> dict[str, int]:
        """How many replies are in which state."""
        with self.service.database.read() as conn:
            return tally(conn, "reply")

    def with_clock_ahead(self, span: timedelta) -> Service:
        """Return the same service as it would run some time from now."""
        return Service(replace(self.service.context, clock=lambda: now() + span), self.service.settings)
