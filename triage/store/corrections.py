"""The corrections: what people said of the software's guesses, the newest first, for who may read the case.

A correction tells of what its message is about. So it is shown to nobody who may not read that message, and
one about safeguarding only to those who see every safeguarding matter.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, or_, select, true

from triage.domain.model import Topic
from triage.domain.visibility import Access, Viewer, closing, scope, text_access
from triage.store.flags import DROPPED, FlagRow, flag_row, within
from triage.store.seen import mailboxes_of
from triage.store.tables import corrections, flags

PAGE = 50
AT_ONCE = 200
"""How many are looked at in one go while a page of them is filled."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a person said of a topic: that it was "not there" or that it was "missed".

    ``by_teacher`` tells that it came of somebody's own mail. ``opens`` is false where the case has no page
    any more, because its only flag was dropped.
    """

    id: int
    case_id: int
    at: datetime
    topic: str
    verdict: str
    actor: str
    by_teacher: bool
    opens: bool


@dataclass(frozen=True, slots=True)
class CorrectionsPage:
    """A page of corrections; ``before`` is where to go on to older ones, None at the end."""

    entries: tuple[Corrected, ...]
    before: int | None


def read_corrections(conn: Connection, who: Viewer, before: int | None = None) -> CorrectionsPage:
    """Return the newest corrections that ``who`` may be told of, of those older than ``before``."""
    found: list[Corrected] = []
    for entry in _told(conn, closing(who), before):
        if len(found) == PAGE:
            return CorrectionsPage(tuple(found), found[-1].id)
        found.append(entry)
    return CorrectionsPage(tuple(found), None)


def _told(conn: Connection, who: Viewer, before: int | None) -> Iterator[Corrected]:
    """Yield the corrections for a viewer, the newest first."""
    chosen = _chosen(conn, who)
    while True:
        older = chosen if before is None else chosen.where(corrections.c.id < before)
        rows = conn.execute(older.limit(AT_ONCE)).all()
        cases = {row.case_id for row in rows}
        flagged = _flags(conn, cases)
        opens = _readable(conn, who, flagged) | dict.fromkeys(cases - flagged.keys(), False)
        # Of one's own mail nothing that was not flagged: what then did not stand here would be flagged.
        told = (row for row in rows if row.case_id in flagged or row.actor.lower() != who.address)
        yield from (_entry(row, opens=opens[row.case_id]) for row in told if row.case_id in opens)
        if len(rows) < AT_ONCE:
            return
        before = rows[-1].id


def _chosen(conn: Connection, who: Viewer) -> Select[Any]:
    """Return the query for the corrections of all cases with a flag in the scope of a viewer, or with none.

    Of a message that never had a flag there is nothing to keep from whoever looks at corrections, but where
    they have corrected it themselves.
    """
    allowed = scope(who)
    of_case = flags.c.case_id == corrections.c.case_id
    flagged = or_(exists().where(of_case, within(conn, allowed)), ~exists().where(of_case))
    topic: ColumnElement[bool] = true()
    if not allowed.everything:
        topic = corrections.c.topic != Topic.SAFEGUARDING.value
    return select(corrections).where(flagged, topic).order_by(corrections.c.id.desc())


def _readable(conn: Connection, who: Viewer, flagged: Mapping[int, Sequence[FlagRow]]) -> dict[int, bool]:
    """Return of which cases a viewer may read the text, and whether they still have a page.

    Where every flag was dropped it goes by those: somebody has to see what was said of them.
    """
    boxes, found = mailboxes_of(conn, flagged.keys()), dict[int, bool]()
    for case, rows in flagged.items():
        standing = [row.flag for row in rows if row.state != DROPPED]
        governing = standing or [row.flag for row in rows]
        if text_access(who, governing, boxes.get(case, frozenset())) is Access.FULL:
            found[case] = bool(standing)
    return found


def _flags(conn: Connection, case_ids: Collection[int]) -> Mapping[int, Sequence[FlagRow]]:
    every: dict[int, list[FlagRow]] = defaultdict(list)
    for row in conn.execute(select(flags).where(flags.c.case_id.in_(case_ids))).mappings():
        every[row["case_id"]].append(flag_row(row))
    return every


def _entry(row: Row[Any], *, opens: bool) -> Corrected:
    by, _, verdict = row.verdict.rpartition(": ")
    return Corrected(row.id, row.case_id, row.at, row.topic, verdict, row.actor, by == "teacher", opens)
