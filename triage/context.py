"""What one school's pipeline works with: handed in by the composition root, never fetched."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from triage.domain.hours import Week
from triage.domain.language import Languages
from triage.domain.model import Delivery
from triage.domain.policy import Policy
from triage.domain.roster import Roster
from triage.domain.school import School
from triage.judge import Classify
from triage.mail.idle import Idle
from triage.mail.imap import MailboxSession
from triage.mail.relays import Relays
from triage.mail.smtp import Answer
from triage.mail.special import SENT_NAMES
from triage.message.digest_words import DigestWords
from triage.message.parse import Gateway
from triage.message.wording import Particulars, Wording
from triage.store import outbox
from triage.store.db import Database
from triage.store.outbox import Action, Caps


class UnknownMailboxError(LookupError):
    """The record speaks of a mailbox that the settings no longer name."""


class TooLongError(BaseException):
    """A message took longer than one may. No Exception: what is to survive any defect must not take it."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One watched folder of one member of staff.

    ``sent`` is the folder of what the owner has sent, "" for the one that is found, None when it is not read.
    """

    delivery: Delivery
    folder: str
    sent: str | None = ""

    @property
    def address(self) -> str:
        """The mailbox's address."""
        return self.delivery.mailbox


@dataclass(frozen=True, slots=True)
class Sender:
    """What stands in From, and the envelope sender: "" for none. ``urgent``: somebody is called by it."""

    address: str
    envelope: str
    urgent: bool = False


Deliver = Callable[[Sender, str, bytes, Callable[[], bool]], Answer]
"""Hand one message to the sender's submission server: sender, recipient, bytes, what to ask before DATA."""

Label = Callable[[Mailbox, Action], bool]
"""Set the labels of an action in a session of its own; False where nothing could be set."""


Channel = Literal["service", "on-call"]
"""An end of the second channel: whoever looks after the service, or the person on call."""


@dataclass(frozen=True, slots=True)
class Alerts:
    """The second channel, beside mail: none where the school has set none.

    ``names`` gives the addresses of an end by names that are no secrets, "service 1"; ``send`` brings a
    title and a text to one of them by its name. It raises nothing, and answers "retry" when it cannot.
    Trouble is told once it has lasted for ``unread``, while the school is open or ``at_any_hour``.
    """

    names: Callable[[Channel], tuple[str, ...]] = lambda _channel: ()
    send: Callable[[str, str, str], Answer] = lambda name, _title, _text: Answer(
        "retry", None, f"the settings name no {name}", "message"
    )
    unread: timedelta = timedelta(minutes=30)
    at_any_hour: bool = False


@dataclass(frozen=True, slots=True)
class Retrying:
    """How long what has failed waits before it is tried again: ``first``, then doubled up to ``longest``."""

    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Reading:
    """How mail is read: ``cap_bytes`` a message, ``attempts`` before it is set aside for people.

    ``every`` is how often each mailbox is looked into; ``sent_names`` are what its folder of sent mail may be
    called where nothing else tells it.
    """

    cap_bytes: int
    attempts: int
    first_contact_days: int
    every: timedelta = timedelta(minutes=1)
    lease: timedelta = timedelta(minutes=5)
    sent_names: tuple[str, ...] = SENT_NAMES


@dataclass(frozen=True, slots=True)
class Answering:
    """How replies leave: rehearsed or live, how late at most, how often at most.

    ``windows`` says how long a part of a reply stays said; ``where`` is the address of the review page;
    ``account`` is as whom the school's submission server is logged in to, "" where it is not.
    """

    live: bool
    not_after: timedelta
    caps: Caps
    windows: Mapping[str, timedelta]
    particulars: Particulars
    where: str
    account: str = ""
    label: bool = False
    claim: timedelta = timedelta(minutes=5)
    data: timedelta = timedelta(seconds=outbox.DATA_SECONDS)


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that ``poll_mailbox`` and ``perform_action`` need.

    ``policy``, ``roster`` and ``languages`` are callables because they may be renewed while the service runs.
    ``digests`` are the addresses whose owners have a digest in the morning.
    ``holder`` names this process in leases and claims; ``clock`` gives the aware time of now; ``domain``
    ends the Message-IDs of what is sent. ``listen`` opens a mailbox to wait for news of it, None where each
    is polled and no more; ``listening`` tells whether that is so now, None where nobody knows.
    ``watched`` is what a message is judged within: it may raise TooLongError there. ``waiting`` is what the
    database is asked within meanwhile: that time is not the message's.
    ``connect`` may give a connection that it has kept, and ``hang_up`` ends those.
    """

    holder: str
    clock: Callable[[], datetime]
    database: Database
    school: School
    policy: Callable[[], Policy]
    roster: Callable[[], Roster]
    languages: Callable[[], Languages]
    classify: Classify
    wording: Wording
    gateway: Gateway
    reading: Reading
    answering: Answering
    domain: str
    mailboxes: tuple[Mailbox, ...]
    connect: Callable[[Mailbox], MailboxSession]
    deliver: Deliver
    label: Label
    digest_words: DigestWords
    relays: Relays
    alerts: Alerts = Alerts()
    retrying: Retrying = Retrying()
    digests: frozenset[str] = frozenset()
    listen: Callable[[Mailbox], Idle] | None = None
    listening: Callable[[Mailbox], bool | None] = lambda _mailbox: None
    stopping: Callable[[], bool] = lambda: False
    watched: Callable[[], AbstractContextManager[None]] = nullcontext
    waiting: Callable[[], AbstractContextManager[None]] = nullcontext
    hang_up: Callable[[], None] = lambda: None

    def today(self) -> datetime:
        """Return when the day of the school began."""
        now = self.clock().astimezone(self.school.calendar.zone)
        return now.replace(hour=0, minute=0, second=0, microsecond=0)

    def own_hours(self, address: str) -> Week | None:
        """Return the hours of somebody at work, by address; None where the school's count."""
        boxes = (box.delivery for box in self.mailboxes)
        return next((one.hours for one in boxes if one.mailbox.lower() == address.lower()), None)

    def mailbox(self, address: str, folder: str) -> Mailbox:
        """Return a watched mailbox. Raises UnknownMailboxError."""
        for mailbox in self.mailboxes:
            if (mailbox.address, mailbox.folder) == (address, folder):
                return mailbox
        raise UnknownMailboxError(f"the settings no longer name the mailbox {address}, {folder}")
