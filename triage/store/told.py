"""What is told of a flag's history, and to whom: every list of it that a person reads goes by this.

Whoever may close a flag reads all of it, the notes only with the message: they say what stands in it. That it
was passed to the safeguarding lead is told to the leads and to who did it, and so is that something was found
beside it; to anybody else it was closed, or nothing was done. So that this is not told by a closing without a
reason, they read the reason of none but where somebody talked with the family, which they read elsewhere too.
A teacher reads when it was raised, taken, closed and opened, and by whom.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from triage.domain.model import Route
from triage.domain.resolutions import DISCUSSED
from triage.domain.visibility import Access, Viewer, closing, scope
from triage.store.cases import CaseView
from triage.store.flags import RESOLVED, FlagEvent, FlagRow, events_of, flag_events, ids_within
from triage.store.workflow import ADDED, GIVEN, OPENED, PASSED, RAISED, RESOLVING, TAKEN

CHANGED = "changed"
"""What is told of a change to somebody who may not know which one it was."""

_TEACHERS = frozenset({RAISED, TAKEN, RESOLVING, OPENED})


def told_events(conn: Connection, who: Viewer, view: CaseView) -> dict[int, list[FlagEvent]]:
    """Return of each flag of a case what ``who`` is told of its history, the oldest first."""
    return told_of(conn, who, view.flags, {view.id: view.access})


def told_of(
    conn: Connection, who: Viewer, rows: Sequence[FlagRow], access: Mapping[int, Access]
) -> dict[int, list[FlagEvent]]:
    """Return of each of some flags that ``who`` sees what they are told of its history, the oldest first.

    ``access`` is how much of the text of each case ``who`` may read.
    """
    ids = [row.id for row in rows]
    closable, events = ids_within(conn, scope(closing(who)), ids), events_of(conn, ids)
    return {
        row.id: _told(who, access[row.case_id], row, events.get(row.id, ()), row.id in closable)
        for row in rows
    }


def told_closings(
    conn: Connection, who: Viewer, rows: Sequence[FlagRow], access: Mapping[int, Access]
) -> dict[int, FlagEvent]:
    """Return how each of some flags that is closed was closed last, as far as ``who`` may know."""
    told = told_of(conn, who, [row for row in rows if row.state == RESOLVED], access)
    closed = {
        flag: [each for each in events if each.event in {RESOLVING, PASSED}] for flag, events in told.items()
    }
    return {flag: events[-1] for flag, events in closed.items() if events}


def last_told(conn: Connection, who: Viewer, flag_id: int) -> FlagEvent:
    """Return what was done last with a flag that ``who`` may close, without what was noted."""
    event = _as_known(who, flag_events(conn, flag_id)[-1])
    return event if event.event == GIVEN else replace(event, note="")


def _told(
    who: Viewer, access: Access, row: FlagRow, events: Sequence[FlagEvent], closable: bool
) -> list[FlagEvent]:
    known = [event for event in (_as_known(who, each) for each in events) if event.event != CHANGED]
    if not closable:
        return [replace(event, note="") for event in known if event.event in _TEACHERS]
    if access is not Access.NONE or row.flag.route is Route.ADMINISTRATOR:
        return known
    return [_without_note(who, event) for event in known]


def _as_known(who: Viewer, event: FlagEvent) -> FlagEvent:
    """Return an event as ``who`` may know of it: it does not tell of a flag that they may not see."""
    if scope(who).everything or event.actor == who.address:
        return event
    if event.event == PASSED:
        return replace(event, event=RESOLVING, reason="", note="")
    if event.event == RESOLVING and event.reason not in DISCUSSED:
        return replace(event, reason="")
    return replace(event, event=CHANGED) if event.event == ADDED else event


def _without_note(who: Viewer, event: FlagEvent) -> FlagEvent:
    # The holder of a flag is no word of the message.
    own = event.actor == who.address or event.event == GIVEN
    return event if own else replace(event, note="")
