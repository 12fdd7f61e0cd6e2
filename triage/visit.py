"""One visit to a mailbox: whose turn it is, what is new there, and what could not be handled."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from triage.context import Context, Mailbox, Retrying
from triage.domain.model import Message
from triage.mail.errors import asked_wait, is_full, is_throttled, passes_soon
from triage.mail.imap import MailboxSession, MailError, Selected
from triage.meeting import met, tell_of_begun
from triage.store import intake, mailboxes, numbering
from triage.store.mailboxes import MailboxRow

TOGETHER = 1
"""How many attempts a message has along with others, if others came; they are counted for nothing."""

REFUSED_AGAIN = 2
"""After how many failed looks each message is read alone."""

JITTER = 0.25
SOON = 0.8
"""The part of an interval after which a failed mailbox is due again: the schedule is early by a tenth."""

Status = Literal["polled", "first-contact", "busy", "backing-off", "failed"]


@dataclass(slots=True)
class Poll:
    """What one poll came to. ``full``: the server let in no further connection.

    ``action_ids`` are the rows of the outbox that it wrote, ready to be performed.

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
    full: bool = False

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
    """A mailbox under this worker's lease, for the time of one poll.

    ``under_way`` are the messages whose attempt was counted last; ``under_way_first``: it was their first.
    ``beside`` are the other folders of the same mailbox out of which a message may have been moved here.
    """

    ctx: Context
    mailbox: Mailbox
    row: MailboxRow
    poll: Poll
    under_way: Sequence[int] = ()
    under_way_first: bool = False
    left: bool = False
    beside: tuple[str, ...] = ()

    @property
    def uidvalidity(self) -> int:
        """The UIDVALIDITY under which the mailbox is read."""
        if self.row.uidvalidity is None:
            raise ValueError("a mailbox is read only after it was met")
        return self.row.uidvalidity

    @property
    def _is_refused_again(self) -> bool:
        """Whether the last looks came to nothing, the very last because the server would not."""
        return self.row.failures >= REFUSED_AGAIN and self.row.trouble == "refused"

    def may_answer(self, uid: int) -> bool:
        """Whether a message arrived after the mailbox was met; what lay there before is never answered."""
        return uid >= self.row.no_reply_below

    def may_be_known(self, uid: int) -> bool:
        """Whether a message may have been decided before, so that ``is_known`` has to be asked."""
        return not self.may_answer(uid) or bool(self.beside)

    def is_known(self, conn: Connection, uid: int, message: Message) -> bool:
        """Tell whether a message was decided before: in this folder, in a resync, or in one beside it."""
        keyring = self.ctx.database.keyring
        if not self.may_answer(uid) and intake.is_known(conn, keyring, self.row.id, message):
            return True
        address = self.mailbox.address
        return bool(self.beside) and intake.is_known_beside(conn, keyring, address, self.beside, message)

    def new_uids(self, session: MailboxSession) -> list[int]:
        """Return what is to be handled: UIDs above the high-water mark, and those begun and not finished."""
        if not session.goes_on_in(self.mailbox.folder, self.row.uidvalidity, self.row.high_water):
            self._open(session, session.select(self.mailbox.folder))
        return sorted({*self._unfinished(), *session.uids_above(self.row.high_water)})

    def groups(self, uids: Sequence[int]) -> list[list[int]]:
        """Return UIDs in the groups in which to fetch them.

        New ones go together, and what ends that ends it for all: a process that dies, a connection that
        breaks. So what was begun before goes alone and last, the least tried first: it can take no other
        message with it. Only what goes wrong then is counted against a message. Each goes alone where looks
        are refused again and again: it may be because of one.
        """
        if len(uids) == 1:
            return [list(uids)]
        with self.ctx.database.read() as conn:
            tried = intake.attempts_of(conn, self.row.id, self.uidvalidity, uids)
        fresh = [uid for uid in uids if not tried.get(uid)]
        again = sorted((uid for uid in uids if tried.get(uid)), key=lambda uid: tried[uid])
        first = [[uid] for uid in fresh] if self._is_refused_again else [fresh] if fresh else []
        return [*first, *([uid] for uid in again)]

    def begin(self, uids: Sequence[int]) -> list[int] | None:
        """Prolong the lease and count one more attempt for each, committed before the first byte is fetched.

        The first, made along with others, is free. Returns those to fetch: what has used up its attempts
        alone is set aside for people, and what another worker has finished meanwhile is left out. None: the
        lease ran out, and another worker may be reading.
        """
        with self.ctx.database.write() as conn:
            if not self._keep(conn):
                return None
            attempts = intake.begin_attempts(conn, self.row.id, self.uidvalidity, uids, self.ctx.clock())
        self.under_way = tuple(attempts)
        self.under_way_first = max(attempts.values(), default=0) <= TOGETHER
        self.poll.seen -= len(uids) - len(attempts)
        most = TOGETHER + self.ctx.reading.attempts
        for uid in [uid for uid, count in attempts.items() if count > most]:
            self.set_aside(uid, "it could not be read in several attempts")
        return [uid for uid, count in attempts.items() if count <= most]

    def give_back(self, uids: Sequence[int]) -> None:
        """Take the attempts back: the server or the database is in trouble, not the messages."""
        with self.ctx.database.write() as conn:
            intake.give_back_attempts(conn, self.row.id, self.uidvalidity, uids)
        self.under_way = ()

    def excuse(self, uids: Sequence[int]) -> None:
        """Take back the attempts of what a server has refused, for a reason of its own as it says.

        Where it refuses again and again, what was read alone keeps its first attempt, which is free: so it
        comes behind all others at the next look.
        """
        if not (self._is_refused_again and len(uids) == 1 and self.under_way_first):
            self.give_back(uids)

    def spare(self) -> None:
        """Take back the attempts that were counted last, unless they were."""
        if self.under_way:
            self.give_back(self.under_way)

    def meet_again(self) -> None:
        """Read how far the mailbox was read: to go on from there over another connection."""
        with self.ctx.database.read() as conn:
            self.row = mailboxes.read_mailbox(conn, self.row.id)

    def write_off(self, session: MailboxSession, uids: Sequence[int]) -> None:
        """Finish messages that the owner has moved or deleted meanwhile; what is still there waits."""
        there = session.existing(uids) if uids else set()
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

    @contextmanager
    def ending(self) -> Iterator[Connection]:
        """Open a transaction that gives the lease back, too: a commit less for each look."""
        with self.ctx.database.write() as conn:
            yield conn
            self._release(conn)
        self.left = True

    def succeed(self, conn: Connection) -> None:
        """Note that the poll came to its end."""
        listened = self.ctx.listening(self.mailbox)
        mailboxes.record_success(conn, self.row.id, self.ctx.clock(), listened=listened)

    def fail(self, conn: Connection, error: MailError) -> None:
        """Note what went wrong and when to try again: at the next look, by its interval, at the latest.

        So mail is read again within one interval once its server is well. What a server must not be asked
        so often, a login that it has refused, is kept from it by whoever logs in. One that wants to be asked
        less is asked after twice as long each time that it says so in a row, or after the time that it names.
        """
        self.poll.status, self.poll.error, self.poll.full = "failed", error.words, is_full(error)
        throttled = is_throttled(error) and not passes_soon(error)
        due = self.ctx.clock() + self._wait(error, throttled=throttled)
        mailboxes.record_failure(conn, self.row.id, error.words, due, trouble=error.kind, throttled=throttled)

    def _wait(self, error: MailError, *, throttled: bool) -> timedelta:
        """Return how long to wait: not beyond the longest of all waits, by which a wrong clock is known."""
        soon = self.ctx.reading.every * SOON
        wait: timedelta = min(backoff(self.row.failures, self.ctx.retrying), soon)
        if throttled:
            wait = soon * 2 ** min(self.row.throttled, 16)
        return min(max(wait, asked_wait(error)), self.ctx.retrying.longest)

    def leave(self) -> None:
        """Give the lease back, unless that is done."""
        if self.left:
            return
        with self.ctx.database.write() as conn:
            self._release(conn)

    def _keep(self, conn: Connection) -> bool:
        seconds = self.ctx.reading.lease.total_seconds()
        return mailboxes.keep_lease(conn, _lease(self.row.id), self.ctx.holder, seconds)

    def _release(self, conn: Connection) -> None:
        mailboxes.release_lease(conn, _lease(self.row.id), self.ctx.holder)

    def _open(self, session: MailboxSession, selected: Selected) -> None:
        """Meet a folder that is not the one that was read, see ``meeting``."""
        if self.row.last_success_at is None and self.row.first_contact_at is None:
            self.poll.status = "first-contact"
        self.row = met(self.ctx, self.row, session, selected)

    def _unfinished(self) -> list[int]:
        """Return what was begun and not finished; what has a number that means nothing more is written off.

        A worker that did not know yet that the mailbox was met anew may have begun it.
        """
        with self.ctx.database.read() as conn:
            begun = intake.begun(conn, self.row.id)
        own = begun.pop(self.uidvalidity, [])
        if begun:
            with self.ctx.database.write() as conn:
                number = numbering.write_off_begun(conn, self.row.id, self.uidvalidity, self.ctx.clock())
            tell_of_begun(self.row, number)
        return own


def begin_visit(ctx: Context, mailbox: Mailbox, poll: Poll) -> Visit | None:
    """Take the mailbox's lease; None, with the reason in ``poll.status``, when it is not our turn."""
    with ctx.database.write() as conn:
        mailbox_id = mailboxes.ensure_id(conn, mailbox.address, mailbox.folder)
        if not mailboxes.take_lease(conn, _lease(mailbox_id), ctx.holder, ctx.reading.lease.total_seconds()):
            poll.status = "busy"
            return None
        # Read under the lease: whoever held it before may just have met this mailbox.
        row = mailboxes.read_mailbox(conn, mailbox_id)
        if _waits(row, ctx.clock(), ctx.retrying):
            poll.status, poll.error = "backing-off", row.last_error
            mailboxes.release_lease(conn, _lease(mailbox_id), ctx.holder)
            return None
    return Visit(ctx, mailbox, row, poll, beside=_beside(ctx, mailbox))


def _beside(ctx: Context, mailbox: Mailbox) -> tuple[str, ...]:
    """Return the other folders of a mailbox, without that of junk mail: what leaves it is read as new."""
    others = (box for box in ctx.mailboxes if box.address == mailbox.address and box.folder != mailbox.folder)
    return tuple(box.folder for box in others if not box.delivery.junk)


def _waits(row: MailboxRow, now: datetime, retrying: Retrying) -> bool:
    """Whether a failed mailbox is not due yet. A moment too far ahead was written by a wrong clock."""
    due = row.next_attempt_at
    return due is not None and now < due <= now + retrying.longest * (1 + JITTER)


def backoff(failures: int, retrying: Retrying) -> timedelta:
    """Return how long to wait after so many failures: doubling, bounded, with a jitter of a quarter."""
    wait: timedelta = min(retrying.first * 2 ** min(failures, 16), retrying.longest)
    return wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - to spread retries, not to keep a secret


def _lease(mailbox_id: int) -> str:
    return f"mailbox:{mailbox_id}"
