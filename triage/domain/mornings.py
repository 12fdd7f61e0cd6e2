"""When somebody's working day begins: that is when the mails of the morning are due.

A day is that of the school's zone. Nobody is written to on a day off: weekends, holidays, INSET days and
closures are the school's, a weekday without hours may be somebody's own. Source: standards.md #22, #23.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from triage.domain.hours import SEARCH_DAYS, Week, working_hours
from triage.domain.school import Calendar


@dataclass(frozen=True, slots=True)
class Morning:
    """A working day under way: its date, when it ``began``, and when the working day ``before`` it began."""

    day: date
    began: datetime
    before: datetime | None


def morning(now: datetime, calendar: Calendar, own: Week | None = None) -> Morning | None:
    """Return the working day under way at ``now``; None before it begins, after it ends and on a day off.

    ``now`` is aware; ``own`` are somebody's own hours, which only narrow the school's. What was missed in the
    morning is so made up for until the day ends, and not in the evening.
    """
    today = now.astimezone(calendar.zone).date()
    for day in (today, today - timedelta(days=1)):  # hours over midnight belong to the day before
        hours = working_hours(day, calendar, own)
        if hours is not None and hours[0] <= now < hours[1]:
            return Morning(day, hours[0], _before(day, calendar, own))
    return None


def next_morning(after: datetime, calendar: Calendar, own: Week | None = None) -> datetime | None:
    """Return when somebody's next working day begins, in UTC; None where none is known."""
    today = after.astimezone(calendar.zone).date()
    days = (today + timedelta(days=offset) for offset in range(SEARCH_DAYS))
    found = (working_hours(day, calendar, own) for day in days)
    return next((hours[0] for hours in found if hours is not None and hours[0] > after), None)


def start_times(calendar: Calendar, weeks: Iterable[Week | None]) -> tuple[time, ...]:
    """Return the times of day at which somebody's work can begin, by the wall clock, each once.

    ``weeks`` are the hours of people, None for the school's.
    """
    known = (calendar.week if week is None else week for week in weeks)
    firsts = {min(span.start for span in spans) for week in known for spans in week.values() if spans}
    opens = {min(span.start for span in spans) for spans in calendar.week.values() if spans}
    return tuple(sorted(firsts | opens))


def _before(day: date, calendar: Calendar, own: Week | None) -> datetime | None:
    earlier = (day - timedelta(days=offset) for offset in range(1, SEARCH_DAYS))
    found = (working_hours(each, calendar, own) for each in earlier)
    return next((hours[0] for hours in found if hours is not None), None)
