"""By when a flag must have been dealt with, counted in the school's zone.

A period runs from the day after receipt; one that would end on a weekend or a bank holiday ends on the next
working day (so the Information Commissioner counts the month for a copy of records).
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
    if period.unit == "working days":
        last = _working_day(start + timedelta(days=1), period.count, calendar)
    else:
        last = _working_day(start + relativedelta(**{period.unit: period.count}), 1, calendar)
    return datetime.combine(last, LAST_MINUTE, calendar.zone)


def _working_day(first: date, count: int, calendar: Calendar) -> date:
    """Return the count-th working day from ``first`` on: Monday to Friday, bank holidays left out."""
    holidays = calendar.bank_holidays or {}
    start = datetime.combine(first, time())
    days: Iterator[date] = (one.date() for one in rrule(DAILY, dtstart=start, byweekday=(MO, TU, WE, TH, FR)))
    return next(islice((day for day in days if day not in holidays), count - 1, None))
