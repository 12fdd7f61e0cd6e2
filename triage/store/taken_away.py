"""What people have said of a case: that a topic which the software saw in it is not there.

The guess is off the record, and with it its flag, its words and its score; how the message was decided stays
as it was. So whoever reads that reads this beside it. It is told to those who may see what was dropped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from triage.domain.model import Flag
from triage.domain.visibility import Viewer, admits, closing, scope
from triage.store.flags import DROPPED, TOPICS, FlagEvent, FlagRow, events_of
from triage.store.workflow import WRONG


@dataclass(frozen=True, slots=True)
class TakenAway:
    """Which topic is not there, and who has said so when."""

    topic: str
    at: datetime
    actor: str


def taken_away(
    conn: Connection, who: Viewer, every: Sequence[FlagRow], mailboxes: frozenset[str]
) -> tuple[tuple[TakenAway, ...], bool]:
    """Return what was said of a case as far as ``who`` may know, each topic once; and whether that is all.

    ``every`` are all flags of the case, those that were dropped too; ``mailboxes`` those where it lay.
    """
    said = [*_said(conn, every)]
    within, beside = scope(closing(who)), [row.flag for row in every if row.state != DROPPED]
    told = {
        event.reason: TakenAway(event.reason, event.at, event.actor)
        for row, event in said
        if admits(within, _as_it_was(row, event), mailboxes, beside)
    }
    return tuple(told.values()), told.keys() == {event.reason for _, event in said}


def _said(conn: Connection, every: Sequence[FlagRow]) -> Iterator[tuple[FlagRow, FlagEvent]]:
    """Yield what was said, the oldest first, but of topics for which a flag stands all the same."""
    standing = {each for row in every if row.state != DROPPED for each in (row.flag.topic, *row.flag.joined)}
    histories = events_of(conn, [row.id for row in every])
    for row in every:
        for event in histories.get(row.id, ()):
            if event.event == WRONG and event.reason not in standing:
                yield row, event


def _as_it_was(row: FlagRow, event: FlagEvent) -> Flag:
    """Return the flag of a topic that was taken away: the row may stand for others by now."""
    return replace(row.flag, topic=TOPICS[event.reason], joined=())
