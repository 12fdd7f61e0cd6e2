"""When the last school day ended: what came since then is today's."""

from datetime import UTC, date, datetime

import pytest

from tests.factories import a_calendar
from triage.domain.hours import last_closing


@pytest.mark.parametrize(
    ("day", "ended"),
    [
        (date(2026, 10, 14), datetime(2026, 10, 13, 16, tzinfo=UTC)),
        (date(2026, 10, 12), datetime(2026, 10, 9, 16, tzinfo=UTC)),
        (date(2026, 11, 2), datetime(2026, 10, 23, 16, tzinfo=UTC)),
        (date(2026, 11, 3), datetime(2026, 11, 2, 17, tzinfo=UTC)),
    ],
    ids=["the day before", "over a weekend", "over half-term", "in winter time"],
)
def test_it_is_the_end_of_the_school_day_before(day, ended):
    assert last_closing(day, a_calendar()) == ended


def test_a_day_on_which_the_school_was_closed_does_not_count():
    calendar = a_calendar(inset_days=[date(2026, 10, 13)])
    assert last_closing(date(2026, 10, 14), calendar) == datetime(2026, 10, 12, 16, tzinfo=UTC)


def test_where_no_school_day_is_known_there_is_none():
    assert last_closing(date(2026, 10, 14), a_calendar(week={})) is None
