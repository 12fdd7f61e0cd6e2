"""What is told of a flag's history, and to whom.

Whoever may close a flag reads all of it, the notes only with the message: they say what stands in it. That it
was passed to the safeguarding lead is told to the leads and to who did it; to anybody else it was closed. A
teacher reads when it was raised, taken, closed and opened, and by whom.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from triage.domain.model import Route
from triage.domain.visibility import Access, Viewer, closing, scope
from triage.store.cases import CaseView
from triage.store.flags import FlagEvent, FlagRow, ids_within
from triage.store.tables import flag_events
from triage.store.workflow import GIVEN, OPENED, PASSED, RAISED, RESOLVING, TAKEN

_TEACHERS = frozenset({RAISED, TAKEN, RESOLVING, OPENED})


def told_events(conn: Connection, who: Viewer, view: CaseView) -> dict[int, list[FlagEvent]]:
    """Return of each flag of a case what ``who`` is told of its history, the oldest first."""
    ids = [row.id for row in view.flags]
    closable, events = ids_within(conn, scope(closing(who)), ids), _events(conn, ids)
    return {row.id: list(_told(who, view, row, events[row.id], row.id in closable)) for row in view.flags}


def last_told(conn: Connection, who: Viewer, flag_id: int) -> FlagEvent:
    """Return what was done last with a flag that ``who`` may close, without what was noted."""
    event = _passed(who, _events(conn, [flag_id])[flag_id][-1])
    return event if event.event == GIVEN else replace(event, note="")


def _told(
    who: Viewer, view: CaseView, row: FlagRow, events: Sequence[FlagEvent], closable: bool
) -> Sequence[FlagEvent]:
    known = [_passed(who, event) for event in events]
    if not closable:
        return [replace(event, note="") for event in known if event.event in _TEACHERS]
    if view.access is not Access.NONE or row.flag.route is Route.ADMINISTRATOR:
        return known
    return [_without_note(who, event) for event in known]


def _passed(who: Viewer, event: FlagEvent) -> FlagEvent:
    knows = scope(who).everything or event.actor == who.address
    return event if event.event != PASSED or knows else replace(event, event=RESOLVING, reason="", note="")


def _without_note(who: Viewer, event: FlagEvent) -> FlagEvent:
    # The holder of a flag is no word of the message.
    own = event.actor == who.address or event.event == GIVEN
    return event if own else replace(event, note="")


def _events(conn: Connection, flag_ids: Collection[int]) -> dict[int, list[FlagEvent]]:
    columns = [flag_events.c[name] for name in FlagEvent.__dataclass_fields__]
    found = select(flag_events.c.flag_id, *columns).where(flag_events.c.flag_id.in_(flag_ids))
    events: dict[int, list[FlagEvent]] = defaultdict(list)
    for row in conn.execute(found.order_by(flag_events.c.id)).mappings():
        events[row["flag_id"]].append(FlagEvent(*(row[name] for name in FlagEvent.__dataclass_fields__)))
    return events
