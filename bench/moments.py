"""The moments of a message on its way through the service, noted where its parts are handed in."""

import time
from collections.abc import Callable
from dataclasses import replace
from threading import Event

from triage.context import Context, Mailbox, Sender
from triage.domain.model import Classification, Identity, Message
from triage.domain.roster import Roster
from triage.mail.answer import Answer
from triage.mail.idle import Idle
from triage.mail.imap import MailboxSession

STEPS = (
    ("told", "looked", "the look begins: a turn, the lease"),
    ("looked", "connected", "a connection"),
    ("connected", "fetched", "what is new, and its fetch"),
    ("fetched", "parsed", "parsed, who wrote, what is known"),
    ("parsed", "classified", "phrases and encoder"),
    ("classified", "handed", "decided, written, claimed"),
    ("handed", "asked", "the submission server's greeting"),
    ("asked", "agreed", "the claim confirmed"),
    ("agreed", "answered", "the reply itself"),
)
"""From which moment to which, and what lies between."""


class Moments:
    """When each thing happened first since it was begun anew; any thread may note."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {}
        self.recipient = ""
        self.answered = Event()
        self.listens = Event()

    def begin(self, recipient: str) -> None:
        """Forget what was noted, and wait for a reply to somebody."""
        self.at = {}
        self.recipient = recipient
        self.answered.clear()

    def note(self, name: str) -> None:
        """Note that something happens now, unless it happened before."""
        self.at.setdefault(name, time.perf_counter())

    def noting(self, context: Context) -> Context:
        """Return a service's parts which note when they are asked and have answered."""
        listen = context.listen
        if listen is None:
            raise ValueError("nothing tells of new mail here")

        def connect(mailbox: Mailbox) -> MailboxSession:
            self.note("looked")
            session = context.connect(mailbox)
            self.note("connected")
            return session

        def roster() -> Roster:
            self.note("fetched")  # the first thing that a judgement asks for
            return context.roster()

        def classify(message: Message, identity: Identity, *, answers_staff: bool = False) -> Classification:
            self.note("parsed")
            found = context.classify(message, identity, answers_staff=answers_staff)
            self.note("classified")
            return found

        def deliver(sender: Sender, recipient: str, raw: bytes, before_data: Callable[[], bool]) -> Answer:
            # Notices go out at the same time.
            if recipient != self.recipient:
                return context.deliver(sender, recipient, raw, before_data)

            def asked() -> bool:
                self.note("asked")
                agreed = before_data()
                self.note("agreed")
                return agreed

            self.note("handed")
            return context.deliver(sender, recipient, raw, asked)

        return replace(
            context,
            listen=lambda mailbox: Told(listen(mailbox), self),
            connect=connect,
            roster=roster,
            classify=classify,
            deliver=deliver,
        )


class Told:
    """A connection that waits, and notes when there was something to hear."""

    def __init__(self, idle: Idle, moments: Moments) -> None:
        self._idle, self._moments = idle, moments

    def __getattr__(self, name: str) -> object:
        return getattr(self._idle, name)

    def begin(self) -> None:
        self._idle.begin()
        self._moments.listens.set()

    def hears(self) -> bool:
        heard = self._idle.hears()
        if heard:
            self._moments.note("told")
        return heard
