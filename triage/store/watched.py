"""The watched mailboxes as their reading stands, those first that somebody must look at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from triage.store.addresses import normalised
from triage.store.mailboxes import MailboxRow, list_mailboxes

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


def watched(conn: Connection, named: Iterable[str], now: datetime) -> list[Watched]:
    """Return every mailbox on record, and those of the settings (``named`` by address) that are not yet."""
    wanted = {normalised(address): address for address in named}
    rows = list_mailboxes(conn)
    known = [_watched(row, now, wanted=normalised(row.address) in wanted) for row in rows]
    met = {normalised(row.address) for row in rows}
    unmet = [Watched(address, "", Reading.NEVER) for key, address in wanted.items() if key not in met]
    order = list(Reading)
    return sorted([*known, *unmet], key=lambda one: (order.index(one.reading), one.address, one.folder))


def _watched(row: MailboxRow, now: datetime, *, wanted: bool) -> Watched:
    return Watched(
        row.address,
        row.folder,
        _reading(row, now) if wanted else Reading.LEFT,
        row.last_success_at,
        row.failures,
        row.next_attempt_at,
        row.last_error,
        row.paused_at,
    )


def _reading(row: MailboxRow, now: datetime) -> Reading:
    if row.failures:
        return Reading.FAILING
    if row.last_success_at is None:
        return Reading.NEVER
    if row.last_success_at < now - LATE:
        return Reading.LATE
    return Reading.PAUSED if row.paused_at else Reading.READ
