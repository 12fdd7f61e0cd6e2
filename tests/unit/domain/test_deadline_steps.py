"""On which days somebody is reminded of a deadline: the last day at work before it, the day, and after it."""

from datetime import date, time

import pytest

from tests.factories import a_calendar
from triage.domain.deadline_steps import DeadlineStep, deadline_step, is_first_of_month
from triage.domain.school import Span

CALENDAR = a_calendar(inset_days=[date(2026, 11, 2)])
BEFORE, TODAY, PASSED = DeadlineStep
MONDAYS = {0: (Span(time(8), time(17)),)}


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("today", "last", "step"),
    [
        ("2026-10-12", "2026-10-14", None),
        ("2026-10-13", "2026-10-14", BEFORE),
        ("2026-10-14", "2026-10-14", TODAY),
        ("2026-10-15", "2026-10-14", PASSED),
        ("2026-10-16", "2026-10-19", BEFORE),
        ("2026-10-23", "2026-10-28", BEFORE),
        ("2026-10-23", "2026-11-03", BEFORE),
        ("2026-10-22", "2026-11-03", None),
        ("2026-11-03", "2026-10-28", PASSED),
    ],
    ids=["two", "one", "day", "past", "weekend", "in half-term", "after it, INSET", "Thursday", "back"],
)
def test_the_day_before_is_a_school_day(today, last, step):
    assert deadline_step(day(today), day(last), CALENDAR) is step


def test_it_is_somebodys_own_last_day_at_work():
    assert deadline_step(day("2026-10-12"), day("2026-10-16"), CALENDAR, MONDAYS) is BEFORE
    assert deadline_step(day("2026-10-05"), day("2026-10-16"), CALENDAR, MONDAYS) is None


@pytest.mark.parametrize(
    ("today", "first"),
    [
        ("2026-10-01", True),
        ("2026-10-02", False),
        ("2026-11-03", True),
        ("2026-11-04", False),
        ("2027-01-05", True),
        ("2027-06-07", True),
    ],
)
def test_the_first_school_day_of_a_month_comes_after_weekends_holidays_and_inset_days(today, first):
    assert is_first_of_month(day(today), CALENDAR) is first
