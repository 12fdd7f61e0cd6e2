"""Which flags call people, since when, who was told, and who has it: read from the record, nothing is kept.

A flag calls from the moment when it was raised, made more pressing, opened again or given back. It has an
answer when somebody has taken it, closed it, passed it on or marked it as wrong. That somebody has opened
its page is none: they may have been called away before they read it. To give it to a colleague is one where
it can wait; what is immediate calls anew, that colleague first, because they may not know of it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from triage.domain.calling import concerned, kept_from
from triage.domain.model import Flag, Severity
from triage.domain.school import School
from triage.domain.visibility import is_closely_kept
from triage.store import workflow
from triage.store.actions import NewAction
from triage.store.calls_told import LONGEST_HOLIDAY, Together, Told, told_alone, told_with_others
from triage.store.flagging import PASSED_UP, PRESSED
from triage.store.flags import OPEN, FlagEvent, FlagRow, events_of, flag_row
from triage.store.tables import flag_events, flags, mailboxes, messages

RECENTLY = timedelta(hours=12)
"""How long those who were called are still told that somebody has it."""

AT_ONCE = 1_000
"""How many cases are read at once: a flood does not fit into memory, and none of it is left out."""

MOST = 5_000
"""How many cases a page is about: in a flood nobody reads more."""

_STARTS = frozenset({workflow.RAISED, workflow.RAISED_BY_HAND, PRESSED, workflow.OPENED, workflow.RELEASED})
_ANSWERS = frozenset({workflow.TAKEN, workflow.RESOLVING, workflow.PASSED, workflow.WRONG})


@dataclass(frozen=True, slots=True)
class Calling:
    """A flag that calls, ``since`` when and by whose doing; ``answer`` tells that somebody has it.

    ``began`` is when it called first; ``since`` is later where what is immediate was then given to a
    colleague, ``given_to``. ``given`` is when a colleague gave it to whoever holds it, None where they took
    it themselves.
    """

    row: FlagRow
    since: datetime
    by: str
    answer: FlagEvent | None
    began: datetime
    given: datetime | None = None
    given_to: str = ""


@dataclass(frozen=True, slots=True)
class CalledCase:
    """A case whose flags call or have lately called people, with who was told of it.

    ``mailboxes`` are those in which its message lay, by address in lower case. ``alerted`` is what told by
    the second channel of several cases at once, this one among them.
    """

    case_id: int
    rows: tuple[FlagRow, ...]
    mailboxes: frozenset[str]
    callings: tuple[Calling, ...]
    told: tuple[Told, ...]
    alerted: tuple[Told, ...] = ()

    @property
    def every(self) -> tuple[Flag, ...]:
        """Every flag of the case, those too that were dropped."""
        return tuple(row.flag for row in self.rows)

    @property
    def waiting(self) -> tuple[Calling, ...]:
        """The flags that call and that nobody has."""
        return tuple(each for each in self.callings if each.row.state == OPEN and each.answer is None)

    def left_out(self, school: School) -> frozenset[str]:
        """Return who is never told of the case, by address in lower case."""
        return kept_from(school, self.every)

    def is_being_told(self, to: str, names: Collection[str]) -> bool:
        """Tell whether a notice of some names to somebody has not gone out: nor would another one."""
        return any(each.waits and each.to == to.lower() and each.name in names for each in self.told)

    def was_told(self, to: str, calling: Calling, names: Collection[str] = ()) -> bool:
        """Tell whether somebody was told of a flag since it calls, or has raised it themselves.

        ``names`` are those of the notices that count; without any each does.
        """
        own = calling.by.lower() == to.lower()
        told = (each for each in self.told if not names or each.name in names)
        return own or any(
            _is_of(each, calling) and each.to == to.lower() and each.at >= calling.since for each in told
        )

    def was_told_with_others(self, new: NewAction, calling: Calling, since: datetime) -> bool:
        """Tell whether a notice or an alert has gone out, of several cases, since it was due."""
        wanted = new.kind, new.parts[0], (new.recipient or "").lower()
        return any(
            each.flag_ids is not None and _is_of(each, calling) and each.at >= since
            for each in (*self.told, *self.alerted)
            if (each.kind, each.name, each.to) == wanted
        )


def called_cases(conn: Connection, severity: Severity, now: datetime) -> Iterator[CalledCase]:
    """Yield the cases with a flag of a severity that waits, or had its answer not long ago, the oldest first.

    However many there are: neither hides an old one a new one, nor the other way round.
    """
    case_ids = _case_ids(conn, severity, now)
    together = told_with_others(conn, now) if case_ids else {}
    for start in range(0, len(case_ids), AT_ONCE):
        yield from _read(conn, case_ids[start : start + AT_ONCE], severity, together)


def _read(
    conn: Connection, case_ids: Sequence[int], severity: Severity, together: Mapping[int, Together]
) -> Iterator[CalledCase]:
    rows, lay, told = _rows(conn, case_ids), _mailboxes(conn, case_ids), told_alone(conn, case_ids)
    events = events_of(conn, [row.id for each in rows.values() for row in each])
    for case_id in case_ids:
        with_others = {key: one for row in rows[case_id] for key, one in together.get(row.id, {}).items()}
        yield CalledCase(
            case_id=case_id,
            rows=tuple(rows[case_id]),
            mailboxes=frozenset(lay[case_id]),
            callings=tuple(_callings(rows[case_id], severity, events)),
            told=(*told[case_id], *(one for one in with_others.values() if one.kind == "notify")),
            alerted=tuple(one for one in with_others.values() if one.kind == "alert"),
        )


@dataclass(frozen=True, slots=True)
class Unanswered:
    """An immediate flag that nobody has: since when, and how often somebody was called and last when."""

    flag_id: int
    case_id: int
    since: datetime
    calls: int
    last: datetime | None


def unanswered(conn: Connection, address: str, now: datetime) -> tuple[Unanswered, ...]:
    """Return the immediate flags that nobody has, but of cases about whoever asks: ids and moments alone."""
    found = islice(called_cases(conn, Severity.IMMEDIATE, now), MOST)
    seen = (case for case in found if address.lower() not in concerned(case.every))
    return tuple(_unanswered(case, each) for case in seen for each in case.waiting)


def _unanswered(case: CalledCase, calling: Calling) -> Unanswered:
    since = [one.at for one in case.told if _is_of(one, calling) and one.at >= calling.began]
    last = max(since, default=None)
    return Unanswered(calling.row.id, case.case_id, calling.began, len(since), last)


def _case_ids(conn: Connection, severity: Severity, now: datetime) -> list[int]:
    wanted = flags.c.severity == severity.value, _matters(severity, now)
    found = select(flags.c.case_id).where(*wanted).distinct().order_by(flags.c.case_id)
    return list(conn.execute(found).scalars())


def _matters(severity: Severity, now: datetime) -> ColumnElement[bool]:
    closed_lately = and_(flags.c.state != OPEN, flags.c.resolved_at > now - RECENTLY)
    if severity is Severity.IMMEDIATE:
        return or_(flags.c.state == OPEN, closed_lately)
    lately = flag_events.c.at > now - LONGEST_HOLIDAY
    return and_(flags.c.state == OPEN, exists().where(flag_events.c.flag_id == flags.c.id, lately))


def _rows(conn: Connection, case_ids: Sequence[int]) -> Mapping[int, Sequence[FlagRow]]:
    """Return every flag of some cases, in the order in which they were raised."""
    found: defaultdict[int, list[FlagRow]] = defaultdict(list)
    of_cases = select(flags).where(flags.c.case_id.in_(case_ids)).order_by(flags.c.id)
    for row in conn.execute(of_cases).mappings():
        found[row["case_id"]].append(flag_row(row))
    return found


def _mailboxes(conn: Connection, case_ids: Sequence[int]) -> Mapping[int, set[str]]:
    """Return the addresses, in lower case, of the mailboxes in which the messages of some cases lay."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    lay = select(messages.c.case_id, mailboxes.c.address).join(mailboxes).distinct()
    for row in conn.execute(lay.where(messages.c.case_id.in_(case_ids))):
        found[row.case_id].add(row.address.lower())
    return found


def _callings(
    rows: Sequence[FlagRow], severity: Severity, events: Mapping[int, Sequence[FlagEvent]]
) -> Iterator[Calling]:
    for row in rows:
        calling = _calling(row, rows, events) if row.flag.severity is severity else None
        if calling is not None:
            yield calling


def _calling(
    row: FlagRow, rows: Iterable[FlagRow], events: Mapping[int, Sequence[FlagEvent]]
) -> Calling | None:
    """Return since when a flag calls and who has it, None for one that was raised to show the case."""
    starts = [each for each in events.get(row.id, ()) if _starts(each)]
    if not starts:
        return None
    began, shared = starts[-1], [one for one in rows if one.id == row.id or _is_shared(row, one)]
    later = [each for one in shared for each in events.get(one.id, ()) if each.at >= began.at]
    given = [each for each in later if each.event == workflow.GIVEN]
    immediate = row.flag.severity is Severity.IMMEDIATE
    start = max(given, key=_moment, default=began) if immediate else began
    answers = [each for each in later if each.event in _ANSWERS and each.at >= start.at]
    return Calling(
        row,
        start.at,
        start.actor,
        min(answers if immediate else (*answers, *given), key=_moment, default=None),
        began.at,
        _given(events.get(row.id, ())),
        start.note if start is not began else "",
    )


def _moment(event: FlagEvent) -> datetime:
    return event.at


def _given(events: Iterable[FlagEvent]) -> datetime | None:
    """Return when a flag was given to whoever holds it now, None where nobody has given it."""
    held = [each for each in events if each.event in {workflow.TAKEN, workflow.GIVEN, workflow.RELEASED}]
    return held[-1].at if held and held[-1].event == workflow.GIVEN else None


def _starts(event: FlagEvent) -> bool:
    return event.event in _STARTS and event.reason != PASSED_UP


def _is_shared(row: FlagRow, other: FlagRow) -> bool:
    """Tell whether whoever has one flag has the other: those who may know all of a closely kept case."""
    return is_closely_kept(row.flag) and is_closely_kept(other.flag)


def _is_of(told: Told, calling: Calling) -> bool:
    return told.flag_ids is None or calling.row.id in told.flag_ids
