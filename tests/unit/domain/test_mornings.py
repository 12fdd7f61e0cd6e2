"""When a morning's mails are due: at the start of each person's own working day, in the school's zone."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.factories import LONDON, a_calendar
from triage.domain.mornings import morning, start_times
from triage.domain.school import Span

SCHOOL = a_calendar(inset_days=[date(2026, 11, 2)], closures=[date(2026, 12, 3)])
PART_TIME = {0: (Span(time(9, 30), time(13)),), 2: (Span(time(7), time(12, 30)),)}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def day_of(text: str, own=None) -> date | None:
    found = morning(at(text), SCHOOL, own)
    return None if found is None else found.day


@pytest.mark.parametrize(
    ("moment", "due"),
    [("07:59:59", False), ("08:00", True), ("12:00", True), ("16:59", True), ("17:00", False)],
)
def test_a_morning_is_due_from_the_start_of_the_day_to_its_end(moment, due):
    assert (day_of(f"2026-10-14 {moment}") == date(2026, 10, 14)) is due


@pytest.mark.parametrize(
    "day",
    ["2026-10-17", "2026-10-28", "2026-11-02", "2026-12-03", "2027-05-03"],
    ids=["Saturday", "half-term", "INSET day", "closure", "bank holiday"],
)
def test_on_a_day_off_nothing_is_due(day):
    assert day_of(f"{day} 10:00") is None


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        ("2026-10-12 09:29", False),
        ("2026-10-12 09:30", True),
        ("2026-10-12 13:00", False),
        ("2026-10-13 10:00", False),
        ("2026-10-14 07:30", False),
        ("2026-10-14 08:00", True),
    ],
)
def test_own_hours_put_it_later_but_never_before_the_school_opens(moment, due):
    assert (day_of(moment, PART_TIME) is not None) is due


def test_somebody_without_hours_has_no_morning():
    assert day_of("2026-10-14 10:00", {}) is None


@pytest.mark.parametrize(
    ("sunday", "monday", "utc"),
    [("2026-10-25", "2026-11-03", 8), ("2027-03-14", "2027-03-15", 8), ("2027-03-28", "2027-04-13", 7)],
    ids=["after the clocks went back", "in winter time", "after the clocks went forward"],
)
def test_23_the_start_is_by_the_wall_clock_on_both_sides_of_a_change_of_clocks(sunday, monday, utc):
    assert day_of(f"{sunday} 08:00") is None
    found = morning(at(f"{monday} 08:00"), SCHOOL)
    assert found is not None
    assert found.began == datetime.fromisoformat(f"{monday}T{utc:02}:00").replace(tzinfo=UTC)
    assert morning(found.began - timedelta(seconds=1), SCHOOL) is None


def test_23_a_school_open_on_the_sunday_of_a_change_begins_by_the_wall_clock():
    every_day = a_calendar(week=dict.fromkeys(range(7), (Span(time(8), time(17)),)), terms=())
    starts = [morning(at(f"{day} 09:00"), every_day).began for day in ("2026-10-24", "2026-10-25")]
    assert [start.hour for start in starts] == [7, 8]
    assert starts[1] - starts[0] == timedelta(hours=25)


def test_the_day_before_the_first_after_half_term_is_the_last_before_it():
    found = morning(at("2026-11-03 08:30"), SCHOOL)
    assert found is not None
    assert found.before == at("2026-10-23 08:00")


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin():
    night = a_calendar(week={0: (Span(time(20), time(4)),)}, terms=())
    assert morning(at("2026-10-13 03:00"), night).day == date(2026, 10, 12)


def test_a_naive_time_is_refused():
    with pytest.raises(TypeError):
        morning(datetime(2026, 10, 14, 9), SCHOOL)  # noqa: DTZ001 - that is the test


def test_each_start_is_named_once():
    assert start_times(SCHOOL, [None, PART_TIME, None]) == (time(7), time(8), time(9, 30))


def test_a_day_without_hours_has_no_start():
    assert start_times(a_calendar(week={0: ()}), [{1: ()}]) == ()
