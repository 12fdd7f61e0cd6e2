"""The watched mailboxes as their reading stands, those first that somebody must look at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, case, func, select

from triage.store.addresses import normalised
from triage.store.mailboxes import MailboxRow, list_mailboxes
from triage.store.tables import messages

LATE = timedelta(hours=2)
"""After this long without a poll that came to its end something is wrong: the settings allow an hour."""


class Reading(StrEnum):
    """How a mailbox is read, the worst first."""

    FAILING = "failing"
    LATE = "late"
    NEVER = "never read"
    PAUSED = "replies paused"
    READ = "being read"
    LEFT = "not in the settings"


TROUBLE = frozenset({Reading.FAILING, Reading.LATE, Reading.NEVER})

IN_WORDS = {
    "unreachable": "no connection",
    "certificate": "certificate not trusted",
    "login": "sign-in refused",
    "refused": "refused for now",
    "broken": "connection breaks off",
    "defect": "mistake in the program",
}
"""What sort of trouble it is, by the names of MailError."""


def sort_of_trouble(row: MailboxRow) -> str | None:
    """Return in words what sort of trouble a mailbox is in, None while it is in none."""
    return IN_WORDS.get(row.trouble or "", "trouble") if row.failures else None


def news_of(row: MailboxRow) -> str | None:
    """Return how the service learns of new mail: the server tells, or it is asked again and again."""
    return None if row.listened is None else "listened to" if row.listened else "polled"


@dataclass(frozen=True, slots=True)
class Unread:
    """What the service has met in a mailbox and not handled: how many, and since when the first waits.

    ``set_aside`` are those that are left to people.
    """

    waiting: int = 0
    since: datetime | None = None
    set_aside: int = 0


def unread(conn: Connection) -> Mapping[int, Unread]:
    """Return what is not handled, by mailbox; one where nothing is has no entry."""
    counted = (
        select(
            messages.c.mailbox_id,
            func.sum(case((messages.c.state == "seen", 1), else_=0)),
            func.min(case((messages.c.state == "seen", messages.c.first_seen_at))),
            func.sum(case((messages.c.state == "quarantined", 1), else_=0)),
        )
        .where(messages.c.state.in_(("seen", "quarantined")))
        .group_by(messages.c.mailbox_id)
    )
    return {row[0]: Unread(*row[1:]) for row in conn.execute(counted)}


def behind(row: MailboxRow, left: Unread, every: timedelta, now: datetime) -> timedelta | None:
    """Return how far the service is behind with a mailbox that it looks into ``every`` so often.

    It is as old as what waits longest, else as the last whole look where another was due since; nothing where
    all is read, and None where no look came to its end yet.
    """
    if left.since is not None:
        return max(now - left.since, timedelta())
    if row.last_success_at is None:
        return None
    age = now - row.last_success_at
    return age if age > 2 * every else timedelta()


@dataclass(frozen=True, slots=True)
class Watched:
    """A folder and how it is read; ``folder`` is "" where none was opened yet."""

    address: str
    folder: str
    reading: Reading
    last_success_at: datetime | None = None
    failures: int = 0
    next_attempt_at: datetime | None = None
    last_error: str | None = None
    paused_at: datetime | None = None
    trouble: str | None = None
    news: str | None = None
    left: Unread = Unread()


def watched(conn: Connection, named: Iterable[str], now: datetime) -> list[Watched]:
    """Return every mailbox on record, and those of the settings (``named`` by address) that are not yet."""
    wanted = {normalised(address): address for address in named}
    rows = list_mailboxes(conn)
    left = unread(conn)
    known = [
        _watched(row, left.get(row.id, Unread()), now, wanted=normalised(row.address) in wanted)
        for row in rows
    ]
    met = {normalised(row.address) for row in rows}
    unmet = [Watched(address, "", Reading.NEVER) for key, address in wanted.items() if key not in met]
    order = list(Reading)
    return sorted([*known, *unmet], key=lambda one: (order.index(one.reading), one.address, one.folder))


def _watched(row: MailboxRow, left: Unread, now: datetime, *, wanted: bool) -> Watched:
    return Watched(
        row.address,
        row.folder,
        _reading(row, now) if wanted else Reading.LEFT,
        row.last_success_at,
        row.failures,
        row.next_attempt_at,
        row.last_error,
        row.paused_at,
        sort_of_trouble(row),
        news_of(row),
        left,
    )


def _reading(row: MailboxRow, now: datetime) -> Reading:
    if row.failures:
        return Reading.FAILING
    if row.last_success_at is None:
        return Reading.NEVER
    if row.last_success_at < now - LATE:
        return Reading.LATE
    return Reading.PAUSED if row.paused_at else Reading.READ
