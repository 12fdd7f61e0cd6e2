"""Whether the school is open at an instant, why, and when it opens next, in words.

Hours are judged by the time of receipt in the school's own zone (standards.md #22, #23). A span belongs
to the day on which it starts, so one over midnight ends on the next day whatever that day is.

A member of staff's own hours only narrow the school's. That the school is open but its owner's hours are not
makes a message out of hours; when that person is in is never put in words, because replies tell no staff
leave.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import holidays
from dateutil import tz

from triage.domain.moment_words import Before, day_words, opening_words
from triage.domain.school import Calendar, Span

SEARCH_DAYS = 400
HALF_TERM_DAYS = 16
HALF_TERM_MONTHS = frozenset({2, 5, 6, 10, 11})

OUTSIDE_OWN = "outside the hours kept for this mailbox"

Week = Mapping[int, tuple[Span, ...]]
"""Working hours by the day of the week, 0 for Monday; a day left out has none."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether it is ``open`` at an instant, and ``why``; ``next`` is the next opening, put in ``words``.

    ``next`` is in the school's zone; it is None, and ``words`` "", while the school is open or when no next
    term is known. ``before`` is what lies before it. ``owner_out`` says that the school is open, and only
    the owner's own hours are not.
    """

    open: bool
    why: str
    next: datetime | None
    words: str
    owner_out: bool = False
    before: Before = ""

    @property
    def school_open(self) -> bool:
        """Whether the school is open, whoever is in."""
        return self.open or self.owner_out


def opening(at: datetime, calendar: Calendar, own: Week | None = None) -> Opening:
    """Judge one instant by the school's hours and, where there are any, by the mailbox owner's ``own``.

    ``at`` is aware; a naive one is a ValueError. Source: standards.md #22, #23; topics.md, out-of-hours.
    """
    local = _local(at, calendar)
    school = _opening(local, calendar)
    if own is None or not school.open or _span_at(local, replace(calendar, week=own)):
        return school
    return Opening(open=False, why=OUTSIDE_OWN, next=None, words="", owner_out=True)


def explain_hours(at: datetime, calendar: Calendar, own: Week | None = None) -> tuple[str, ...]:
    """Return lines that tell a member of staff how an instant is judged, and why.

    ``own`` are the hours of the person asked about. They stand in these lines, so these are never a reply's.
    A naive ``at`` is a ValueError.
    """
    local = _local(at, calendar)
    school = _opening(local, calendar)
    lines = [_moment(local), f"the school is {'open' if school.open else 'closed'}: {school.why}"]
    if not school.open:
        lines.append(f"it opens at {school.words}" if school.words else "no later opening is known")
    if own is not None:
        lines.append(_own_words(local, replace(calendar, week=own)))
    judged = opening(at, calendar, own)
    lines.append(f"a message received then is {'within hours' if judged.open else 'out of hours'}")
    if judged.owner_out:
        lines.append("a reply tells neither these hours nor that somebody is out")
    return tuple(lines)


def _local(at: datetime, calendar: Calendar) -> datetime:
    if at.tzinfo is None:
        raise ValueError("opening hours need a time with its zone")
    return at.astimezone(calendar.zone)


def _opening(local: datetime, calendar: Calendar) -> Opening:
    span = _span_at(local, calendar)
    if span is not None:
        return Opening(open=True, why=f"{_weekday(local)}, {_hours(span)}", next=None, words="")
    following = _next_start(local, calendar)
    before = "" if following is None else _before(local.date(), following.date(), calendar)
    return Opening(
        open=False,
        why=_why_closed(local, calendar),
        next=following,
        words="" if following is None else opening_words(following, before),
        before=before,
    )


def working_hours(day: date, calendar: Calendar, own: Week | None = None) -> tuple[datetime, datetime] | None:
    """Return when the work of a day begins and when it ends, in UTC; None on a day off.

    ``own`` are somebody's own hours, which only narrow the school's.
    """
    weeks = [calendar] if own is None else [calendar, replace(calendar, week=own)]
    kept = [(_spans(day, each), each) for each in weeks]
    if not all(spans for spans, _ in kept):
        return None
    begins = max(min(_start(day, span, each) for span in spans) for spans, each in kept)
    ends = min(max(_end(day, span, each) for span in spans) for spans, each in kept)
    return (begins, ends) if begins < ends else None


def last_closing(day: date, calendar: Calendar) -> datetime | None:
    """Return when the last school day before ``day`` ended, in UTC; None where none is known."""
    for offset in range(1, SEARCH_DAYS + 1):
        hours = working_hours(day - timedelta(days=offset), calendar)
        if hours is not None:
            return hours[1]
    return None


def bank_holidays(country: str, subdivision: str | None, years: Iterable[int]) -> Mapping[date, str]:
    """Return the public holidays of a country or part of it ("GB", "ENG"), by date with their names.

    An unknown country or subdivision is a ValueError that says which.
    """
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=list(years))
    except NotImplementedError as error:
        raise ValueError(f"no bank holidays are known: {error}") from error
    return dict(found.items())


def _span_at(local: datetime, calendar: Calendar) -> Span | None:
    """Return the span that holds the instant: one of today's, or one of yesterday's over midnight."""
    instant = local.astimezone(tz.UTC)
    for day in (local.date() - timedelta(days=1), local.date()):
        for span in _spans(day, calendar):
            if _start(day, span, calendar) <= instant < _end(day, span, calendar):
                return span
    return None


def _next_start(local: datetime, calendar: Calendar) -> datetime | None:
    """Search day by day for the first start after the instant, for at most SEARCH_DAYS."""
    instant = local.astimezone(tz.UTC)
    for offset in range(SEARCH_DAYS + 1):
        day = local.date() + timedelta(days=offset)
        starts = (_start(day, span, calendar) for span in _spans(day, calendar))
        later = [start for start in starts if start > instant]
        if later:
            return min(later).astimezone(calendar.zone)
    return None


def _spans(day: date, calendar: Calendar) -> tuple[Span, ...]:
    return () if _day_off(day, calendar) else calendar.week.get(day.weekday(), ())


def _start(day: date, span: Span, calendar: Calendar) -> datetime:
    return _instant(day, span.start, calendar)


def _end(day: date, span: Span, calendar: Calendar) -> datetime:
    over_midnight = span.end <= span.start
    return _instant(day + timedelta(days=over_midnight), span.end, calendar, last=True)


def _instant(day: date, clock: time, calendar: Calendar, *, last: bool = False) -> datetime:
    """Return a wall-clock time as an instant in UTC.

    An hour that comes twice starts with the first and ends with the last; a time that the change leaves
    out is the same number of minutes after the change.
    """
    wall = datetime.combine(day, clock, calendar.zone)
    if last and tz.datetime_ambiguous(wall):
        wall = wall.replace(fold=1)
    return wall.astimezone(tz.UTC)


def _day_off(day: date, calendar: Calendar) -> str:
    """Say why a whole day is off ("half-term", "bank holiday: Boxing Day"), "" when it is a day of school."""
    if day in calendar.closures:
        return "closed that day"
    bank_holiday = (calendar.bank_holidays or {}).get(day)
    if bank_holiday is not None:
        return f"bank holiday: {bank_holiday}"
    if day in calendar.inset_days:
        return "INSET day"
    gap = _gap_around(day, calendar)
    if gap is None:
        return ""
    return gap.name if gap.closes_school(calendar) else _weekday(day)


def _why_closed(local: datetime, calendar: Calendar) -> str:
    off = _day_off(local.date(), calendar)
    if off:
        return off
    spans = sorted(calendar.week.get(local.weekday(), ()), key=lambda span: span.start)
    if not spans:
        return _weekday(local)
    ended = [span for span in spans if span.start < span.end <= local.time()]
    if not ended:
        return f"before {_clock(spans[0].start)}"
    last_end = _clock(ended[-1].end)
    ahead = [span for span in spans if span.start > local.time()]
    return f"between {last_end} and {_clock(ahead[0].start)}" if ahead else f"after {last_end}"


@dataclass(frozen=True, slots=True)
class _Gap:
    """Days out of term, from ``first`` to ``last``, both included; None where no term is known."""

    first: date | None
    last: date | None

    def days(self) -> Iterator[date]:
        """Every day of a gap between two terms."""
        if self.first is None or self.last is None:
            return
        for offset in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=offset)

    def closes_school(self, calendar: Calendar) -> bool:
        """Whether more than a weekend lies between the terms: a weekday that the week would open."""
        if self.first is None or self.last is None:
            return True
        return any(calendar.week.get(day.weekday()) for day in self.days())

    @property
    def name(self) -> str:
        """What the gap is called: a short one at the time of year of a half-term is a half-term."""
        if self.first is None or self.last is None:
            return "outside term"
        length = (self.last - self.first).days + 1
        middle = self.first + timedelta(days=length // 2)
        return "half-term" if length <= HALF_TERM_DAYS and middle.month in HALF_TERM_MONTHS else "holiday"


def _gap_around(day: date, calendar: Calendar) -> _Gap | None:
    """Return the gap between terms that a day lies in, None for a day of term or when no terms are set."""
    if not calendar.terms or any(term.first <= day <= term.last for term in calendar.terms):
        return None
    before = [term.last for term in calendar.terms if term.last < day]
    after = [term.first for term in calendar.terms if term.first > day]
    one = timedelta(days=1)
    return _Gap(max(before) + one if before else None, min(after) - one if after else None)


def _before(today: date, opens: date, calendar: Calendar) -> Before:
    """Say what lies between today and the day on which the school opens."""
    gap = _gap_before(today, opens, calendar)
    if gap is None:
        return ""
    if gap.first is None:
        return "term"
    return "half-term" if gap.name == "half-term" else "holiday"


def _gap_before(today: date, opens: date, calendar: Calendar) -> _Gap | None:
    """Return the holiday that lies between two days, None when there is none or it is only a weekend."""
    starts = [term.first for term in calendar.terms if today < term.first <= opens]
    for first in starts:
        gap = _gap_around(first - timedelta(days=1), calendar)
        if gap is not None and gap.closes_school(calendar):
            return gap
    return None


def _moment(local: datetime) -> str:
    return f"{day_words(local)} {local.year}, {_clock(local.time())} {local.tzname()}"


def _own_words(local: datetime, own: Calendar) -> str:
    span = _span_at(local, own)
    return f"own hours: {_hours(span)}" if span else f"not in own hours: {_why_closed(local, own)}"


def _hours(span: Span) -> str:
    return f"{_clock(span.start)} to {_clock(span.end)}"


def _clock(clock: time) -> str:
    return f"{clock.hour}:{clock.minute:02}"


def _weekday(day: date) -> str:
    return day_words(day).partition(" ")[0]
