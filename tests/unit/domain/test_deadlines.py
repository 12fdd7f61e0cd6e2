"""By when a flag must have been dealt with."""

from datetime import UTC, date, datetime

import pytest

from tests.factories import LONDON, a_calendar
from triage.domain.deadlines import due
from triage.domain.policy import Period

CALENDAR = a_calendar()


def last_day(received, count, unit, calendar=CALENDAR):
    return due(received, Period(count, unit), calendar).date()


def at(month, day, hour=10, year=2026):
    return datetime(year, month, day, hour, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("received", "last"),
    [
        (at(10, 13), date(2026, 11, 13)),
        (at(10, 14), date(2026, 11, 16)),  # a Saturday: the Monday after
        (at(1, 31, year=2027), date(2027, 3, 1)),  # no 31 February, and the 28th is a Sunday
        (at(11, 25), date(2026, 12, 29)),  # Christmas, Boxing Day and its Monday are left out
    ],
)
def test_a_month_is_the_same_day_of_the_next_month_or_the_working_day_after(received, last):
    assert last_day(received, 1, "months") == last


def test_working_days_leave_out_weekends():
    assert last_day(at(10, 16), 1, "working days") == date(2026, 10, 19)


def test_working_days_leave_out_bank_holidays():
    assert last_day(at(12, 24), 1, "working days") == date(2026, 12, 29)


def test_a_calendar_without_bank_holidays_still_counts():
    assert last_day(at(12, 24), 1, "working days", a_calendar(bank_holidays=None)) == date(2026, 12, 25)


@pytest.mark.parametrize(
    ("received", "count", "last"),
    [
        (at(10, 14), 1, date(2026, 10, 15)),
        (at(10, 16), 1, date(2026, 10, 19)),  # a weekend lies between
        (at(10, 23), 1, date(2026, 11, 2)),  # half-term lies between
        (at(12, 18), 2, date(2027, 1, 6)),  # the Christmas holiday lies between
        (at(10, 14), 20, date(2026, 11, 18)),
        (at(8, 3), 1, date(2026, 9, 2)),  # before the first term that is known
    ],
)
def test_school_days_are_days_of_the_terms(received, count, last):
    assert last_day(received, count, "school days") == last


@pytest.mark.parametrize("given", [{"inset_days": [date(2026, 10, 15)]}, {"closures": [date(2026, 10, 15)]}])
def test_school_days_leave_out_inset_days_and_closures(given):
    assert last_day(at(10, 14), 1, "school days", a_calendar(**given)) == date(2026, 10, 16)


def test_school_days_leave_out_bank_holidays_in_term():
    assert last_day(at(4, 30, year=2027), 1, "school days") == date(2027, 5, 4)


def test_beyond_the_last_known_term_working_days_stand_in_for_school_days():
    assert last_day(at(7, 21, year=2027), 3, "school days") == date(2027, 7, 26)


def test_without_any_term_school_days_are_working_days():
    assert last_day(at(10, 23), 1, "school days", a_calendar(terms=())) == date(2026, 10, 26)


@pytest.mark.parametrize(("count", "unit"), [(14, "days"), (2, "weeks")])
def test_days_and_weeks_are_counted_from_the_day_of_receipt(count, unit):
    assert last_day(at(10, 13), count, unit) == date(2026, 10, 27)


def test_the_day_of_receipt_is_the_schools_not_that_of_greenwich():
    assert last_day(datetime(2026, 7, 6, 23, 30, tzinfo=UTC), 1, "days") == date(2026, 7, 8)


def test_the_last_day_ends_with_its_last_minute_in_the_schools_zone():
    assert due(at(10, 13), Period(1, "days"), CALENDAR) == datetime(2026, 10, 14, 23, 59, tzinfo=LONDON)
