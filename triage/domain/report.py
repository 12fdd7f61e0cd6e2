"""The arithmetic of the reports: weeks, hours of the day, middles, and which numbers are too small to tell.

A report counts whole weeks of the school's zone, Monday to Sunday, that are over: a week half gone by would
look like a fall. Nothing here names, lists or scores a person or a family.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from triage.domain.model import Route, Severity
from triage.domain.school import Calendar, Role, Term
from triage.domain.visibility import Viewer, scope

SMALL = 5
"""A number below this can tell about one family, where it is of a year and closely kept."""

FEWEST_MAILBOXES = 10
"""Of fewer mailboxes no number is given for the staff: it could be read as one person's."""

WEEK = timedelta(days=7)
LONGEST = 53
USUAL = 4
"""How many school weeks make what is usual."""

HALF_TERM_WEEKS = 6
FIRST_MONTH, USUAL_MONTH = 8, 9


class Kept(StrEnum):
    """Under what a closely kept matter is counted, whatever else it is about."""

    SAFEGUARDING = "safeguarding"
    ALLEGATION = "allegation"


class Hidden(StrEnum):
    """What stands for a number that is not told."""

    FEWER = f"fewer than {SMALL}"
    WITHHELD = "not shown"


Count = int | Hidden


class Range(StrEnum):
    """How far back a report looks."""

    FOUR_WEEKS = "4-weeks"
    HALF_TERM = "half-term"
    SCHOOL_YEAR = "school-year"


@dataclass(frozen=True, slots=True)
class Sight:
    """What a viewer may have counted.

    What is about ``address`` is left out of every number. ``years`` are those of a head of year, None for the
    whole school. ``unseen`` is what is closely kept from the viewer: its small numbers are not told by year.
    """

    address: str
    years: frozenset[int] | None
    unseen: frozenset[Kept]

    @property
    def whole(self) -> bool:
        """Whether the whole school may be counted."""
        return self.years is None


@dataclass(frozen=True, slots=True)
class Period:
    """Whole weeks from the Monday ``first`` on."""

    first: date
    weeks: int

    @property
    def mondays(self) -> tuple[date, ...]:
        """The first day of each week."""
        return tuple(self.first + number * WEEK for number in range(self.weeks))

    @property
    def last(self) -> date:
        """The last day, a Sunday."""
        return self.first + self.weeks * WEEK - timedelta(days=1)

    def begun(self, first: date | None) -> "Period":
        """Return the period without its weeks before that of a first day; whole where no week is left."""
        gone = 0 if first is None else max(0, (first - self.first) // WEEK)
        return self if gone >= self.weeks else Period(self.first + gone * WEEK, self.weeks - gone)

    def edges(self, zone: ZoneInfo) -> tuple[datetime, ...]:
        """Return the moments between the weeks, in UTC: the beginning of each, and the end of the last."""
        mondays = (*self.mondays, self.first + self.weeks * WEEK)
        return tuple(datetime.combine(day, time(), zone).astimezone(UTC) for day in mondays)


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a flag waited, in seconds from the receipt of its message; None for what has not happened.

    ``in_time`` is None while nothing can be said: no deadline, or one that is still to come.
    """

    severity: Severity
    kept: Kept | None
    looked: float | None
    resolved: float | None
    in_time: bool | None


@dataclass(frozen=True, slots=True)
class Times:
    """How long flags waited: of how many something is known, the middle, and what nine in ten did not pass.

    Of ``due`` flags with a deadline gone by, ``in_time`` were resolved before it.
    """

    flags: int
    looked: int
    look_middle: float | None
    look_most: float | None
    resolved: int
    resolve_middle: float | None
    resolve_most: float | None
    due: int
    in_time: int


@dataclass(frozen=True, slots=True)
class Evenings:
    """Mail that reached mailboxes of staff: of ``messages`` ``late`` came out of hours.

    ``middle_share`` is the share of the mailbox in the middle, by share.
    """

    mailboxes: int
    messages: int
    late: int
    middle_share: float


def sight(who: Viewer) -> Sight:
    """Return what a viewer may have counted; a viewer who may open no report gets no years."""
    within = scope(who)
    unseen = set() if within.everything else set(Kept)
    if Route.HEADTEACHER in within.routes:
        unseen.discard(Kept.ALLEGATION)
    own_years = who.years if Role.HEAD_OF_YEAR in who.roles else frozenset()
    return Sight(who.address, None if within.counts else own_years, frozenset(unseen))


def monday_of(day: date) -> date:
    """Return the first day of a day's week."""
    return day - timedelta(days=day.weekday())


def period_of(asked: Range, today: date, calendar: Calendar) -> Period:
    """Return the weeks of a range that are over, at least one and at most ``LONGEST``."""
    end = monday_of(today)
    last = end - timedelta(days=1)
    if asked is Range.FOUR_WEEKS:
        first = end - 4 * WEEK
    elif asked is Range.HALF_TERM:
        begun = [term.first for term in calendar.terms if term.first <= last]
        first = max(begun, default=end - HALF_TERM_WEEKS * WEEK)
    else:
        first = _school_year(last, calendar.terms)
    first = max(monday_of(first), end - LONGEST * WEEK)
    return Period(first, (end - first) // WEEK)


def _school_year(day: date, terms: Sequence[Term]) -> date:
    """Return the first day of the school year of a day: of its first term, or the first of September."""
    begins = date(day.year if day.month >= FIRST_MONTH else day.year - 1, FIRST_MONTH, 1)
    known = [term.first for term in terms if begins <= term.first <= day]
    usual = begins.replace(month=USUAL_MONTH)
    return min(known, default=usual if usual <= day else usual.replace(year=usual.year - 1))


def is_school_day(day: date, calendar: Calendar) -> bool:
    """Tell whether the school is open on a day at all."""
    in_term = not calendar.terms or any(term.first <= day <= term.last for term in calendar.terms)
    off = day in calendar.inset_days or day in calendar.closures or day in (calendar.bank_holidays or {})
    return in_term and not off and bool(calendar.week.get(day.weekday()))


def school_weeks(before: date, number: int, calendar: Calendar) -> tuple[date, ...]:
    """Return the Mondays of the last weeks with a day of school before a day, the newest first.

    They are fewer than ``number`` where a year and a week hold no more.
    """
    end = monday_of(before)
    mondays = (end - back * WEEK for back in range(1, LONGEST + 1))
    return tuple(day for day in mondays if _has_school(day, calendar))[:number]


def _has_school(monday: date, calendar: Calendar) -> bool:
    return any(is_school_day(monday + timedelta(days=number), calendar) for number in range(7))


def hours_of_day(
    moments: Mapping[datetime, int], calendar: Calendar
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return how many came in each hour of the school's day: on days of school, and on all others.

    An hour that the clock has twice counts both; one that it leaves out counts none.
    """
    counts = ([0] * 24, [0] * 24)
    known: dict[date, bool] = {}
    for moment, number in moments.items():
        local = moment.astimezone(calendar.zone)
        day = local.date()
        if day not in known:
            known[day] = is_school_day(day, calendar)
        counts[0 if known[day] else 1][local.hour] += number
    return tuple(counts[0]), tuple(counts[1])


def quantile(values: Iterable[float], percent: int) -> float | None:
    """Return the least of the values that so many in a hundred do not pass, None where there is none."""
    ordered = sorted(values)
    return ordered[max(1, -(-len(ordered) * percent // 100)) - 1] if ordered else None


def share(part: float, whole: float) -> float | None:
    """Return a part of a whole, None where there is no whole."""
    return part / whole if whole else None


def kept_in_time(deadline: datetime | None, resolved: datetime | None, now: datetime) -> bool | None:
    """Tell whether a flag was resolved by its deadline, None while that cannot be said."""
    if deadline is None or (resolved is None and now <= deadline):
        return None
    return resolved is not None and resolved <= deadline


def times(waits: Iterable[Wait]) -> Times:
    """Sum up how long flags waited."""
    every = list(waits)
    looked = [wait.looked for wait in every if wait.looked is not None]
    resolved = [wait.resolved for wait in every if wait.resolved is not None]
    judged = [wait.in_time for wait in every if wait.in_time is not None]
    return Times(
        flags=len(every),
        looked=len(looked),
        look_middle=quantile(looked, 50),
        look_most=quantile(looked, 90),
        resolved=len(resolved),
        resolve_middle=quantile(resolved, 50),
        resolve_most=quantile(resolved, 90),
        due=len(judged),
        in_time=judged.count(True),
    )


def evenings(mailboxes: Iterable[tuple[int, int]]) -> Evenings | None:
    """Sum up pairs of all messages and those out of hours, one a mailbox; None where these are too few.

    A mailbox that nothing has reached does not count.
    """
    counted = [(every, late) for every, late in mailboxes if every]
    if len(counted) < FEWEST_MAILBOXES:
        return None
    middle = quantile((late / every for every, late in counted), 50)
    totals = sum(every for every, _ in counted), sum(late for _, late in counted)
    return Evenings(len(counted), *totals, middle_share=middle or 0.0)


def told(counts: Sequence[int], *, sum_known: bool = False) -> tuple[Count, ...]:
    """Return numbers of closely kept matters as they may be told to who may not see the matters themselves.

    Small ones are hidden, zero with them. Where the reader knows the sum too and could work one out that is
    not zero, the smallest of the others is not shown either.
    """
    shown: list[Count] = [number if number >= SMALL else Hidden.FEWER for number in counts]
    small = [number for number in counts if number < SMALL]
    given_away = len(small) == 1 or sum(small) == (SMALL - 1) * len(small)
    large = [place for place, number in enumerate(counts) if number >= SMALL]
    if sum_known and any(small) and given_away and large:
        shown[min(large, key=lambda place: counts[place])] = Hidden.WITHHELD
    return tuple(shown)
