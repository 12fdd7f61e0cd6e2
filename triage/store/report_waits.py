"""How long flags waited: for a first look, and until they were resolved."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from triage.domain.model import Severity
from triage.domain.report import Sight, Wait, kept_in_time
from triage.store.audit import OF_THE_SERVICE
from triage.store.report_scope import Edges, as_kept, flag_not_unseen, flags_of, kept_flag, stream
from triage.store.tables import audit, decisions, flag_events, flags

LOOKS = ("text viewed", "words viewed")
_NUMBER = re.compile(r"\d+")


def waits(conn: Connection, sight: Sight, edges: Edges, now: datetime) -> list[Wait]:
    """Return how long each flag of the weeks waited for a first look, and until it was resolved.

    A look is a line of the audit that its words were shown, or the first thing that a person did with it.
    """
    rows = list(stream(conn, _waiting(conn, sight, edges)))
    looks = _first_looks(conn, rows)
    return [_wait(row, looks.get(row.id), now) for row in rows]


def _waiting(conn: Connection, sight: Sight, edges: Edges) -> Select[Any]:
    received = (
        select(func.max(decisions.c.received_at))
        .where(decisions.c.case_id == flags.c.case_id, decisions.c.received_at <= flags.c.created_at)
        .scalar_subquery()
    )
    done = (
        select(func.min(flag_events.c.at))
        .where(flag_events.c.flag_id == flags.c.id, flag_events.c.event.not_in(OF_THE_SERVICE))
        .scalar_subquery()
    )
    columns = (flags.c.id, flags.c.case_id, flags.c.severity, flags.c.created_at, flags.c.resolved_at)
    found = (flags.c.deadline, received.label("received"), done.label("done"), kept_flag().label("kept_as"))
    return select(*columns, *found).where(flags_of(conn, sight, edges), flag_not_unseen(sight))


def _first_looks(conn: Connection, rows: Sequence[Row[Any]]) -> Mapping[int, datetime]:
    """Return when each flag was first looked at; those that nobody has looked at are left out."""
    looks = {row.id: row.done for row in rows if row.done is not None}
    waiting: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        waiting[row.case_id].append(row)
    if not rows:
        return looks
    since = min(row.created_at for row in rows)
    # Nobody looks for the first time after the first thing that was done: there the audit need not be read.
    until = None if len(looks) < len(rows) else max(looks.values())
    for at, case_id in _shown(conn, since, until):
        for row in [each for each in waiting.get(case_id, ()) if each.created_at <= at]:
            waiting[case_id].remove(row)
            looks[row.id] = min(at, looks.get(row.id, at))
    return looks


def _shown(conn: Connection, since: datetime, until: datetime | None) -> Iterator[tuple[datetime, int]]:
    """Yield when the words of which case were shown, the first time first."""
    shown = select(audit.c.at, audit.c.object).where(audit.c.action.in_(LOOKS), audit.c.at >= since)
    if until is not None:
        shown = shown.where(audit.c.at < until)
    for row in stream(conn, shown.order_by(audit.c.at, audit.c.id)):
        for number in _NUMBER.findall(row.object):
            yield row.at, int(number)


def _wait(row: Row[Any], looked: datetime | None, now: datetime) -> Wait:
    begun = row.received or row.created_at
    return Wait(
        severity=Severity(row.severity),
        kept=as_kept(row.kept_as),
        looked=None if looked is None else (looked - begun).total_seconds(),
        resolved=None if row.resolved_at is None else (row.resolved_at - begun).total_seconds(),
        in_time=kept_in_time(row.deadline, row.resolved_at, now),
    )
