"""A moment that a person has typed."""

from datetime import UTC, datetime

import pytest

from tests.factories import LONDON
from triage.moments import MomentError, read_moment

OCTOBER = datetime(2026, 10, 1, tzinfo=LONDON)
NOVEMBER = datetime(2026, 11, 3, 21, 40, tzinfo=LONDON)


@pytest.mark.parametrize("text", ["2026-10-01", "1 October 2026", "1 Oct 2026", "01/10/2026", "2026/10/01"])
def test_a_day_begins_at_midnight_in_the_schools_zone(text):
    assert read_moment(text, LONDON) == OCTOBER


@pytest.mark.parametrize(
    "text", ["2026-11-03 21:40", "03/11/2026 21:40", "3.11.2026 21:40", "21:40 on Tuesday 3 November 2026"]
)
def test_the_day_stands_before_the_month_but_after_the_year(text):
    assert read_moment(text, LONDON) == NOVEMBER


def test_a_zone_that_is_given_counts():
    assert read_moment("2026-11-03T21:40Z", LONDON) == datetime(2026, 11, 3, 21, 40, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "x", "2026-13-01", "31/02/2026", "2026-11-03 21:40 XYZ", "9" * 30])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(MomentError, match="write it as"):
        read_moment(text, LONDON)
