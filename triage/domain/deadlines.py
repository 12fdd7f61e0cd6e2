"""By when a flag must have been dealt with, counted in the school's zone.

A period runs from the day after receipt; one that would end on a weekend or a bank holiday ends on the next
working day (so the Information Commissioner counts the month for a copy of records). School days are the days
of the terms without INSET days, closures and bank holidays; beyond the last term that is known, working days
stand in for them, so that a deadline is never later than the law's.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice

from dateutil.relativedelta import relativedelta
from dateutil.rrule import DAILY, FR, MO, TH, TU, WE, rrule

from triage.domain.policy import Period
from triage.domain.school import Calendar

LAST_MINUTE = time(23, 59)


def due(received: datetime, period: Period, calendar: Calendar) -> datetime:
    """Return the last minute of a period's last day. ``received`` is aware."""
    start = received.astimezone(calendar.zone).date()
    if period.unit == "school days":
        last = _school_day(start + timedelta(days=1), period.count, calendar)
    elif period.unit == "working days":
        last = _working_day(start + timedelta(days=1), period.count, calendar)
    else:
        last = _working_day(start + relativedelta(**{period.unit: period.count}), 1, calendar)
    return datetime.combine(last, LAST_MINUTE, calendar.zone)


def _working_day(first: date, count: int, calendar: Calendar) -> date:
    """Return the count-th working day from ``first`` on: Monday to Friday, bank holidays left out."""
    return next(islice(_working_days(first, calendar), count - 1, None))


def _school_day(first: date, count: int, calendar: Calendar) -> date:
    """Return the count-th school day from ``first`` on."""
    days = (day for day in _working_days(first, calendar) if _is_school_day(day, calendar))
    return next(islice(days, count - 1, None))


def _working_days(first: date, calendar: Calendar) -> Iterator[date]:
    holidays = calendar.bank_holidays or {}
    weekdays = rrule(DAILY, dtstart=datetime.combine(first, time()), byweekday=(MO, TU, WE, TH, FR))
    return (one.date() for one in weekdays if one.date() not in holidays)


def _is_school_day(day: date, calendar: Calendar) -> bool:
    if all(day > term.last for term in calendar.terms):
        return True
    in_term = any(term.first <= day <= term.last for term in calendar.terms)
    return in_term and day not in calendar.inset_days and day not in calendar.closures
