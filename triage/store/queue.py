"""The queue as one viewer sees it: a page of flags with what stands beside each, and how many there are.

Which flags those are is said by ``visibility.scope``; what is shown of their messages by ``text_access``.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, false, func, literal, select, true

from triage.domain.model import Route, Severity
from triage.domain.roster import Pupil
from triage.domain.search import Wanted, is_called, words_of
from triage.domain.visibility import Access, Scope, Viewer, closing, is_held_back, scope
from triage.store.addresses import address_hash
from triage.store.beside import Beside, beside
from triage.store.encrypted import keyring_of
from triage.store.flags import OPEN, RESOLVED, FlagRow, flag_row, within
from triage.store.seen import rows_seen
from triage.store.tables import case_pupils, cases, flag_events, flags, pupils
from triage.store.words import newest_with

_SEVERITIES = {severity.rank: severity for severity in Severity}
PAGE = 50
COUNTED = 1_000
"""Where counting ends: "more than 999" says all that somebody needs who must read them."""

MOST_FOUND = 500
"""How many cases a search for what a message tells goes through, the newest first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the queue: the flag and what may be shown of its message."""

    row: FlagRow
    beside: Beside


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page of entries; ``number`` counts all that match, at most ``COUNTED``; ``page`` is from 1."""

    entries: tuple[Entry, ...]
    number: int
    page: int

    @property
    def last(self) -> int:
        """The number of the last page that can be told."""
        return max(1, -(-self.number // PAGE))


@dataclass(frozen=True, slots=True)
class Total:
    """How many open flags of a route and a severity there are."""

    route: Route
    severity: Severity
    number: int


def read_queue(conn: Connection, who: Viewer, wanted: Wanted, zone: ZoneInfo, page: int = 1) -> QueuePage:
    """Return one page of what ``who`` wants to see, the most pressing first, then the newest.

    It holds what is for them to close: of the mail in their own inbox there is a page of its own. Days of
    ``wanted`` are those of ``zone``.
    """
    who = closing(who)
    matching = _matching(conn, who, wanted, zone)
    order = (flags.c.rank, flags.c.due, flags.c.id.desc())
    found = select(flags).where(matching).order_by(*order).limit(PAGE).offset((page - 1) * PAGE)
    rows = rows_seen(conn, who, [flag_row(row) for row in conn.execute(found).mappings()])
    shown = beside(conn, who, [row.case_id for row in rows])
    entries = tuple(Entry(row, shown[row.case_id]) for row in rows)
    return QueuePage(entries, _number(conn, matching), page)


def find_flag(conn: Connection, who: Viewer, flag_id: int) -> FlagRow | None:
    """Return a flag in the scope of ``who`` in whatever state, None where there is none."""
    found = select(flags).where(flags.c.id == flag_id, within(conn, scope(who)))
    rows = [flag_row(row) for row in conn.execute(found).mappings()]
    return next(iter(rows_seen(conn, who, rows)), None)


def find_closable(conn: Connection, who: Viewer, flag_id: int) -> FlagRow | None:
    """Return a flag that is for ``who`` to close, in whatever state; None where there is none."""
    row = find_flag(conn, closing(who), flag_id)
    if row is None:
        return None
    kept_from = beside(conn, closing(who), [row.case_id], briefly=True)[row.case_id].kept_from
    return None if is_held_back(row.flag, kept_from=kept_from) else row


def newest(conn: Connection, within_: Scope) -> tuple[int, ...]:
    """Return numbers that change with what is open in a scope: how many flags, the newest, what was done."""
    marks = (func.count(), func.max(flags.c.id), func.sum(flags.c.version))
    row = conn.execute(select(*marks).where(flags.c.state == "open", within(conn, within_))).one()
    return tuple(int(each or 0) for each in row)


def last_change(conn: Connection) -> tuple[int, ...]:
    """Return numbers that change with any flag of the school, and cost next to nothing to read."""
    marks = (
        select(func.max(flags.c.id)).scalar_subquery(),
        select(func.max(flag_events.c.id)).scalar_subquery(),
    )
    return tuple(int(each or 0) for each in conn.execute(select(*marks)).one())


def totals(conn: Connection, within_: Scope) -> list[Total]:
    """Return how many open flags there are of each route and severity, for a scope with ``counts``.

    Even a number tells: what is about the viewer is left out of it, and of a headteacher's what goes past the
    headteacher to the chair of governors.
    """
    if not within_.counts:
        return []
    alike = (flags.c.route, flags.c.rank)
    counted = select(*alike, func.count()).where(flags.c.state == "open").group_by(*alike)
    if Route.HEADTEACHER in within_.routes:
        counted = counted.where(flags.c.route != Route.CHAIR_OF_GOVERNORS.value)
    own = address_hash(keyring_of(conn), within_.address)
    about_viewer = select(flags.c.case_id).where(flags.c.about_hash == own)
    number = Counter({(row[0], row[1]): row[2] for row in conn.execute(counted)})
    number.subtract(
        {(row[0], row[1]): row[2] for row in conn.execute(counted.where(flags.c.case_id.in_(about_viewer)))}
    )
    return [
        Total(Route(route), _SEVERITIES[rank], left) for (route, rank), left in sorted(number.items()) if left
    ]


def _number(conn: Connection, matching: ColumnElement[bool]) -> int:
    some = select(literal(1)).select_from(flags).where(matching).limit(COUNTED).subquery()
    number: int = conn.execute(select(func.count()).select_from(some)).scalar_one()
    return number


def _matching(conn: Connection, who: Viewer, wanted: Wanted, zone: ZoneInfo) -> ColumnElement[bool]:
    states = flags.c.state.in_((OPEN, RESOLVED)) if wanted.state == "any" else flags.c.state == wanted.state
    conditions = [states, within(conn, scope(who))]
    if wanted.severity is not None:
        conditions.append(flags.c.severity == wanted.severity.value)
    if wanted.topic:
        conditions.append(flags.c.topic == wanted.topic)
    if wanted.year is not None:
        conditions.append(flags.c.year == wanted.year)
    if wanted.since is not None:
        conditions.append(flags.c.created_at >= datetime.combine(wanted.since, time(), zone))
    if wanted.until is not None:
        after = wanted.until + timedelta(days=1)
        conditions.append(flags.c.created_at < datetime.combine(after, time(), zone))
    conditions.append(_held(conn, who, wanted.holder))
    beside_ = and_(*conditions)
    return and_(beside_, _told(conn, who, wanted, beside_))


def _held(conn: Connection, who: Viewer, holder: str) -> ColumnElement[bool]:
    if holder == "nobody":
        return flags.c.assigned_hash.is_(None)
    if holder == "me":
        return flags.c.assigned_hash == address_hash(keyring_of(conn), who.address)
    return true()


def _told(conn: Connection, who: Viewer, wanted: Wanted, beside_: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition on what a message tells: only of cases whose text the viewer may read.

    ``beside_`` is all else that is asked for.
    """
    asked: list[ColumnElement[bool]] = []
    if wanted.pupil:
        called = _called(conn, wanted.pupil)
        about = select(case_pupils.c.case_id).where(case_pupils.c.pupil_id.in_(called))
        asked.append(flags.c.case_id.in_(about))
    if wanted.sender:
        own = address_hash(keyring_of(conn), wanted.sender)
        asked.append(flags.c.case_id.in_(select(cases.c.id).where(cases.c.sender_hash == own)))
    words = words_of(wanted.words)
    if not (asked or words):
        return false() if wanted.words.strip() else true()
    also = and_(beside_, *asked)
    found = newest_with(conn, words, also, MOST_FOUND) if words else _newest(conn, also)
    shown = beside(conn, who, found, briefly=True)
    # That a word, a pupil or a sender stands in a message is itself something that it says.
    return flags.c.case_id.in_([case for case in found if shown[case].access is Access.FULL])


def _called(conn: Connection, asked: str) -> list[str]:
    """Return the ids of the pupils who may be meant: one who has left is found by the id alone."""
    known = (Pupil(**row) for row in conn.execute(select(pupils)).mappings())
    return [asked, *(pupil.id for pupil in known if is_called(pupil, asked))]


def _newest(conn: Connection, asked: ColumnElement[bool]) -> list[int]:
    seen = select(flags.c.case_id).where(asked).distinct()
    return list(conn.execute(seen.order_by(flags.c.case_id.desc()).limit(MOST_FOUND)).scalars())
