"""What the mails of the morning tell, in numbers: what waits in somebody's queue, and what came overnight."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from triage.domain.visibility import Viewer, closing, scope
from triage.store.flags import DROPPED, OPEN, FlagRow, flag_row, is_safeguarding, within
from triage.store.tables import decisions, flags
from triage.store.watched import TROUBLE, watched


@dataclass(frozen=True, slots=True)
class Queue:
    """How many open flags are for somebody to close, how many of them are new, due today, and overdue."""

    open: int
    new: int
    today: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Overnight:
    """What came since a moment: messages, and the safeguarding flags of them that somebody may see.

    ``waiting`` are those that nobody has taken, whenever they came; ``unread`` the mailboxes in trouble.
    """

    messages: int
    raised: int
    waiting: int
    unread: int


def queue_of(conn: Connection, who: Viewer, since: datetime, now: datetime, day_ends: datetime) -> Queue:
    """Return what waits for somebody. It counts what they see, and nothing that is kept from them."""
    today = and_(flags.c.due >= now, flags.c.due < day_ends)
    sums = (_number(flags.c.created_at >= since), _number(today), _number(flags.c.due < now))
    counted = select(func.count(), *sums).where(flags.c.state == OPEN, within(conn, scope(closing(who))))
    return Queue(*conn.execute(counted).one())


def overnight(
    conn: Connection, who: Viewer, since: datetime, now: datetime, named: Iterable[str]
) -> Overnight:
    """Return what came since a moment, for a safeguarding lead; ``named`` are the watched addresses."""
    came = select(func.count(func.distinct(decisions.c.origin))).where(decisions.c.received_at >= since)
    seen = (is_safeguarding(flags), within(conn, scope(who)))
    cases = func.count(func.distinct(flags.c.case_id))
    raised = select(cases).where(flags.c.created_at >= since, flags.c.state != DROPPED, *seen)
    waiting = select(cases).where(flags.c.state == OPEN, flags.c.assigned_hash.is_(None), *seen)
    return Overnight(
        messages=conn.execute(came).scalar_one(),
        raised=conn.execute(raised).scalar_one(),
        waiting=conn.execute(waiting).scalar_one(),
        unread=sum(box.reading in TROUBLE for box in watched(conn, named, now)),
    )


def with_deadline(conn: Connection, after: datetime, before: datetime) -> Sequence[FlagRow]:
    """Return the open flags with a deadline between two moments, the first due first."""
    found = select(flags).where(flags.c.state == OPEN, flags.c.deadline > after, flags.c.deadline < before)
    return [flag_row(row) for row in conn.execute(found.order_by(flags.c.deadline, flags.c.id)).mappings()]


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
