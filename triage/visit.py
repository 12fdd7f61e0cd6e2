"""One visit to a mailbox: whose turn it is, what is new there, and what could not be handled."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from triage.context import Context, Mailbox
from triage.mail.imap import MailboxSession, MailError, Selected
from triage.store import intake, mailboxes
from triage.store.mailboxes import MailboxRow

RESYNC_DAYS = 2
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)

Status = Literal["polled", "first-contact", "busy", "backing-off", "failed"]


@dataclass(slots=True)
class Poll:
    """What one poll came to. ``action_ids`` are the rows of the outbox that it wrote, ready to be performed.

    Every UID that was seen is either handled (decided, known from before, vanished, set aside) or left for
    the next poll.
    """

    mailbox: str
    status: Status = "polled"
    seen: int = 0
    decided: int = 0
    known: int = 0
    vanished: int = 0
    quarantined: int = 0
    action_ids: list[int] = field(default_factory=list)
    error: str | None = None

    @property
    def handled(self) -> int:
        """How many came to rest."""
        return self.decided + self.known + self.vanished + self.quarantined

    @property
    def left(self) -> int:
        """How many wait for the next poll."""
        return self.seen - self.handled


@dataclass(slots=True)
class Visit:
    """A mailbox under this worker's lease, for the time of one poll."""

    ctx: Context
    mailbox: Mailbox
    row: MailboxRow
    poll: Poll

    @property
    def uidvalidity(self) -> int:
        """The UIDVALIDITY under which the mailbox is read."""
        if self.row.uidvalidity is None:
            raise ValueError("a mailbox is read only after it was met")
        return self.row.uidvalidity

    def may_answer(self, uid: int) -> bool:
        """Whether a message arrived after the mailbox was met; what lay there before is never answered."""
        return uid >= self.row.no_reply_below

    def new_uids(self, session: MailboxSession, selected: Selected) -> list[int]:
        """Return what is to be handled: UIDs above the high-water mark, and those begun and not finished."""
        if self.row.uidvalidity != selected.uidvalidity:
            self._meet(session, selected)
        with self.ctx.database.read() as conn:
            begun = intake.unfinished(conn, self.row.id, self.uidvalidity)
        return sorted({*begun, *session.uids_above(self.row.high_water)})

    def begin(self, uids: Sequence[int]) -> list[list[int]]:
        """Count one more attempt for each, committed before the first byte is fetched.

        Returns the UIDs to fetch, in groups: what failed before goes alone, so that a message which breaks
        the connection takes no other with it. What has used up its attempts is set aside for people.
        """
        with self.ctx.database.write() as conn:
            attempts = intake.begin_attempts(conn, self.row.id, self.uidvalidity, uids, self.ctx.clock())
        self.poll.seen -= len(uids) - len(attempts)  # another worker has finished these meanwhile
        for uid in [uid for uid, count in attempts.items() if count > self.ctx.reading.attempts]:
            self.set_aside(uid, "it could not be read in several attempts")
            del attempts[uid]
        fresh = [uid for uid, count in attempts.items() if count == 1]
        again = [[uid] for uid, count in attempts.items() if count > 1]
        return [fresh, *again] if fresh else again

    def write_off(self, session: MailboxSession, uids: Sequence[int]) -> None:
        """Finish messages that the owner has moved or deleted meanwhile; what is still there waits."""
        there = set(session.uids_above(0)) if uids else set()
        for uid in uids:
            if uid not in there:
                with self.ctx.database.write() as conn:
                    self.poll.vanished += intake.record_vanished(
                        conn, self.row.id, self.uidvalidity, uid, self.ctx.clock()
                    )

    def set_aside(self, uid: int, reason: str) -> None:
        """Hand a message to people by a flag, and go on."""
        where = f"Message {uid} in {self.row.folder} of {self.row.address} must be read by hand: {reason}."
        with self.ctx.database.write() as conn:
            done = intake.quarantine(
                conn,
                self.ctx.database.keyring,
                self.row.id,
                self.uidvalidity,
                uid,
                reason=where,
                now=self.ctx.clock(),
            )
        self.poll.quarantined += done.decided

    def keep(self) -> bool:
        """Prolong the lease. False: it ran out, and another worker may be reading."""
        seconds = self.ctx.reading.lease.total_seconds()
        with self.ctx.database.write() as conn:
            return mailboxes.keep_lease(conn, _lease(self.row), self.ctx.holder, seconds)

    def succeed(self) -> None:
        """Note that the poll came to its end."""
        with self.ctx.database.write() as conn:
            mailboxes.record_success(conn, self.row.id, self.ctx.clock())

    def fail(self, error: MailError) -> None:
        """Note what went wrong and when to try again."""
        self.poll.status, self.poll.error = "failed", error.words
        now = self.ctx.clock()
        with self.ctx.database.write() as conn:
            mailboxes.record_failure(conn, self.row.id, error.words, now, now + backoff(self.row.failures))

    def leave(self) -> None:
        """Give the lease back."""
        with self.ctx.database.write() as conn:
            mailboxes.release_lease(conn, _lease(self.row), self.ctx.holder)

    def _meet(self, session: MailboxSession, selected: Selected) -> None:
        """Meet a mailbox for the first time, or again after its UIDVALIDITY changed.

        On first contact what lies there is left alone, or taken as far back as the settings say; after a
        change it is taken from two days before the last success. Neither is ever answered.
        """
        ctx, last = self.ctx, self.row.last_success_at
        now, below = ctx.clock(), selected.uidnext
        days = RESYNC_DAYS if last else ctx.reading.first_contact_days
        found = session.uids_since(((last or now) - timedelta(days=days)).date()) if days else []
        high_water = min(found, default=below) - 1
        if self.row.uidvalidity is None:
            self.poll.status = "first-contact"
        with ctx.database.write() as conn:
            mailboxes.record_contact(
                conn, self.row.id, selected.uidvalidity, high_water, now, no_reply_below=below
            )
            self.row = mailboxes.read_mailbox(conn, self.row.id)


def begin_visit(ctx: Context, mailbox: Mailbox, poll: Poll) -> Visit | None:
    """Take the mailbox's lease; None, with the reason in ``poll.status``, when it is not our turn."""
    with ctx.database.write() as conn:
        row = mailboxes.ensure_mailbox(conn, mailbox.address, mailbox.folder)
        if row.next_attempt_at is not None and row.next_attempt_at > ctx.clock():
            poll.status, poll.error = "backing-off", row.last_error
            return None
        if not mailboxes.take_lease(conn, _lease(row), ctx.holder, ctx.reading.lease.total_seconds()):
            poll.status = "busy"
            return None
    return Visit(ctx, mailbox, row, poll)


def backoff(failures: int) -> timedelta:
    """Return how long to wait after so many failures: doubling, bounded, with a jitter of a quarter."""
    wait: timedelta = min(FIRST_WAIT * 2 ** min(failures, 16), LONGEST_WAIT)
    return wait * random.uniform(0.75, 1.25)  # noqa: S311 - to spread retries, not to keep a secret


def _lease(row: MailboxRow) -> str:
    return f"mailbox:{row.id}"
