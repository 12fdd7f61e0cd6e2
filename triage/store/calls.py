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
from itertools import chain, islice

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from triage.domain.calling import concerned, kept_from
from triage.domain.model import Flag, Severity
from triage.domain.school import School
from triage.domain.visibility import is_closely_kept
from triage.store import workflow
from triage.store.flagging import PASSED_UP, PRESSED
from triage.store.flags import OPEN, FlagEvent, FlagRow, events_of, flag_row
from triage.store.notices import told_together
from triage.store.tables import actions, flag_events, flags, mailboxes, messages

RECENTLY = timedelta(hours=12)
"""How long those who were called are still told that somebody has it."""

LONGEST_HOLIDAY = timedelta(days=60)
"""How long what is high may have waited for somebody's next day at work."""

MOST = 5_000
"""How many cases are looked at: more wait only in a flood, which is told by other means."""

_STARTS = frozenset({workflow.RAISED, workflow.RAISED_BY_HAND, PRESSED, workflow.OPENED, workflow.RELEASED})
_ANSWERS = frozenset({workflow.TAKEN, workflow.RESOLVING, workflow.PASSED, workflow.WRONG})


@dataclass(frozen=True, slots=True)
class Told:
    """A notice: to whom, in lower case, its name, when asked for, of which flags (None: the case's).

    ``waits`` while the mail server has not taken it.
    """

    to: str
    name: str
    at: datetime
    waits: bool = False
    flag_ids: frozenset[int] | None = None


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

    ``mailboxes`` are those in which its message lay, by address in lower case.
    """

    case_id: int
    rows: tuple[FlagRow, ...]
    mailboxes: frozenset[str]
    callings: tuple[Calling, ...]
    told: tuple[Told, ...]

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

    def was_told(self, to: str, calling: Calling) -> bool:
        """Tell whether somebody was told of a flag since it calls, or has raised it themselves."""
        own = calling.by.lower() == to.lower()
        return own or any(_is_of(each, to, calling) for each in self.told)


def called_cases(conn: Connection, severity: Severity, now: datetime) -> list[CalledCase]:
    """Return the cases with a flag of a severity that waits, or had its answer not long ago."""
    case_ids = _case_ids(conn, severity, now)
    if not case_ids:
        return []
    rows, lay, told = _rows(conn, case_ids), _mailboxes(conn, case_ids), _told(conn, case_ids)
    events = events_of(conn, [row.id for each in rows.values() for row in each])
    together = tuple(_told_together(conn, now))
    return [
        CalledCase(
            case_id=case_id,
            rows=tuple(rows[case_id]),
            mailboxes=frozenset(lay[case_id]),
            callings=tuple(_callings(rows[case_id], severity, events)),
            told=(*told[case_id], *together),
        )
        for case_id in case_ids
    ]


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
    found = called_cases(conn, Severity.IMMEDIATE, now)
    seen = (case for case in found if address.lower() not in concerned(case.every))
    return tuple(_unanswered(case, each) for case in seen for each in case.waiting)


def _unanswered(case: CalledCase, calling: Calling) -> Unanswered:
    since = [one.at for one in case.told if one.flag_ids is None and one.at >= calling.began]
    last = max(since, default=None)
    return Unanswered(calling.row.id, case.case_id, calling.began, len(since), last)


def _case_ids(conn: Connection, severity: Severity, now: datetime) -> list[int]:
    """Return the first ``MOST`` cases: those that nobody has, the longest waiting first, then the newest.

    So neither a flood nor what has its answer ever hides a case that was there before it.
    """
    wanted = (flags.c.severity == severity.value, _matters(severity, now))
    begun = flag_events.alias()
    starts = and_(begun.c.event.in_(sorted(_STARTS)), begun.c.reason != PASSED_UP)
    calling = select(flags.c.case_id).join(begun, and_(begun.c.flag_id == flags.c.id, starts))
    nobodys = calling.where(*wanted, flags.c.state == OPEN, flags.c.assigned_hash.is_(None))
    waiting = nobodys.group_by(flags.c.case_id).order_by(func.min(begun.c.at), flags.c.case_id)
    newest = select(flags.c.case_id).where(*wanted).distinct().order_by(flags.c.case_id.desc())
    found = (conn.execute(each.limit(MOST)).scalars() for each in (waiting, newest))
    return sorted(islice(dict.fromkeys(chain.from_iterable(found)), MOST))


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


def _is_of(told: Told, to: str, calling: Calling) -> bool:
    same = told.flag_ids is None or calling.row.id in told.flag_ids
    return same and told.to == to.lower() and told.at >= calling.since


def _told(conn: Connection, case_ids: Sequence[int]) -> Mapping[int, Sequence[Told]]:
    """Return who was told of each of some cases, in the order in which it was asked for."""
    found: defaultdict[int, list[Told]] = defaultdict(list)
    columns = [actions.c[name] for name in ("case_id", "recipient", "parts", "created_at", "state")]
    # What was withheld has told nobody.
    where = (
        actions.c.kind == "notify",
        actions.c.case_id.in_(case_ids),
        actions.c.state != "withheld",
    )
    for row in conn.execute(select(*columns).where(*where).order_by(actions.c.id)):
        waits = row.state in {"pending", "sending"}
        found[row.case_id].append(Told(row.recipient.lower(), row.parts[0], row.created_at, waits))
    return found


def _told_together(conn: Connection, now: datetime) -> Iterator[Told]:
    """Yield who was told of several cases in one notice, which is of no case."""
    flags_of = dict(told_together(conn, now - LONGEST_HOLIDAY))
    columns = (actions.c.id, actions.c.recipient, actions.c.parts, actions.c.created_at)
    for row in conn.execute(select(*columns).where(actions.c.id.in_(flags_of))):
        yield Told(row.recipient.lower(), row.parts[0], row.created_at, flag_ids=flags_of[row.id])
