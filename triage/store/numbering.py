"""Which message a number of a folder stands for, and what becomes of rows whose numbers mean nothing more.

A server that is put back to an earlier state gives numbers away again under the same UIDVALIDITY, to other
messages. What was handled under them stays on record, known by its content; only its number is taken away.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, select, update

from triage.store.tables import decisions, mailboxes, messages


@dataclass(frozen=True, slots=True)
class Handled:
    """A message that was decided under ``uid``: its key, and the time of receipt that the server gave it."""

    uid: int
    origin: str
    received_at: datetime


def last_handled(conn: Connection, mailbox_id: int, uidvalidity: int, up_to: int, most: int) -> list[Handled]:
    """Return the messages decided last by their numbers, the highest first."""
    found = (
        select(messages.c.uid, messages.c.origin, decisions.c.received_at)
        .join(decisions, decisions.c.message_id == messages.c.id)
        .where(messages.c.mailbox_id == mailbox_id, messages.c.uidvalidity == uidvalidity)
        .where(messages.c.uid <= up_to)
        .order_by(messages.c.uid.desc())
        .limit(most)
    )
    return [Handled(*row) for row in conn.execute(found)]


def write_off_begun(
    conn: Connection, mailbox_id: int, uidvalidity: int, now: datetime, *, above: int | None = None
) -> int:
    """Finish as "vanished" what was begun under numbers that mean nothing more; returns how many those were.

    They are the numbers of every other UIDVALIDITY, and of this one those ``above`` a UID, if it is given. A
    worker that was overtaken writes nothing off: the mailbox has been met anew, under another UIDVALIDITY.
    """
    stale = messages.c.uidvalidity != uidvalidity
    if above is not None:
        stale |= messages.c.uid > above
    holds = exists().where(mailboxes.c.id == mailbox_id, mailboxes.c.uidvalidity == uidvalidity)
    begun = messages.c.mailbox_id == mailbox_id, messages.c.state == "seen"
    lost = update(messages).where(*begun, stale, holds)
    return conn.execute(lost.values(state="vanished", done_at=now)).rowcount


def take_numbers(conn: Connection, mailbox_id: int, uidvalidity: int, above: int) -> None:
    """Take their numbers from the messages above a UID, so that others can have them.

    They are kept under a UIDVALIDITY below zero, which no server gives, another one each time.
    """
    own = messages.c.mailbox_id == mailbox_id
    lowest = conn.execute(select(func.min(messages.c.uidvalidity)).where(own)).scalar_one()
    given = and_(own, messages.c.uidvalidity == uidvalidity, messages.c.uid > above)
    conn.execute(update(messages).where(given).values(uidvalidity=min(lowest or 0, 0) - 1))
