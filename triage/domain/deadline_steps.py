"""On which days somebody is reminded of a deadline, and which school day is the first of a month."""

from datetime import date, timedelta
from enum import StrEnum

from triage.domain.hours import Week, working_hours
from triage.domain.school import Calendar

DAY = timedelta(days=1)


class DeadlineStep(StrEnum):
    """How near a deadline is: the last day at work before it, the day itself, or past it."""

    BEFORE = "before"
    TODAY = "today"
    PASSED = "passed"


def deadline_step(
    today: date, last: date, calendar: Calendar, own: Week | None = None
) -> DeadlineStep | None:
    """Return what somebody is reminded of ``today``, a day at work of theirs; None of nothing.

    ``last`` is the day by whose end it must be done. One on a day off is told of on the last day at work
    before it, by the hours that are somebody's ``own`` where they have any.
    """
    if today > last:
        return DeadlineStep.PASSED
    if today == last:
        return DeadlineStep.TODAY
    between = (today + offset * DAY for offset in range(1, (last - today).days))
    at_work = any(working_hours(day, calendar, own) for day in between)
    return None if at_work else DeadlineStep.BEFORE


def is_first_of_month(day: date, calendar: Calendar) -> bool:
    """Tell whether no school day of its month comes before a day."""
    earlier = (day.replace(day=number) for number in range(1, day.day))
    return not any(working_hours(each, calendar) for each in earlier)
