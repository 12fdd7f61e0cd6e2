"""Keeping a rehearsal for the page Going live, and passing on at once what must not be left lying."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from triage.context import Context
from triage.offline.inbox import Inbox
from triage.offline.rehearsed import Read, Rehearsal
from triage.passing_on import Found, is_for_the_lead, pass_on, prepare
from triage.record import account
from triage.store import audit, outbox
from triage.store.rehearsals import doubtful, keep_rehearsal
from triage.workers.rounds import SWEPT_AT_ONCE, perform_all


@dataclass(frozen=True, slots=True)
class Keeper:
    """Writes a rehearsal of mailboxes into the record of a service."""

    ctx: Context

    def prepare(self, inboxes: Iterable[Inbox]) -> None:
        """Make ready before anything is read. Raises StoreError."""
        prepare(self.ctx, [(box.delivery.mailbox, folder) for box in inboxes for folder in box.folders])

    def watch(self, every: Iterable[Read]) -> Iterator[Read]:
        """Hand messages through, and pass on what is for the safeguarding lead as soon as it is met.

        So it is not lost when the reading breaks off. Raises StoreError.
        """
        for read in every:
            if read.inbox is not None and is_for_the_lead(read.judged.decision):
                whose = read.inbox.delivery.mailbox
                pass_on(self.ctx, Found(whose, read.folder, read.raw, read.received, read.truncated))
            yield read

    def keep(self, done: Rehearsal, inboxes: Iterable[Inbox], since: datetime) -> None:
        """Keep the figures and the least certain messages, with a line in the audit. Raises StoreError."""
        figures, reads = done.figures(), done.least()
        least = [
            doubtful(
                one.number,
                reads[one.number].judged.message,
                reads[one.number].judged.classification,
                one.topics,
            )
            for one in figures.doubts
        ]
        database, now, by = self.ctx.database, self.ctx.clock(), account()
        read_of = [box.delivery.mailbox for box in inboxes]
        with database.write() as conn:
            kept = keep_rehearsal(conn, by, read_of, since, figures, least=least, now=now)
            audit.append(conn, database.keyring, now, by, "mailbox rehearsed", object_=f"rehearsal {kept}")

    def tell(self) -> None:
        """Carry out the notices and alerts that wait, so that they wait for no service that is not started.

        It is done at the end of every rehearsal, whatever was found. Raises StoreError.
        """
        with self.ctx.database.read() as conn:
            waiting = outbox.due(conn, self.ctx.clock(), SWEPT_AT_ONCE, ("notify", "alert"))
        perform_all(self.ctx, waiting)
