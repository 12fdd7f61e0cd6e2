"""The arithmetic of the reports: whole weeks across the change of the clock, middles, and what is kept."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import LONDON, PEOPLE, TEACHER, a_calendar, a_school
from triage.domain.model import Severity
from triage.domain.report import (
    LONGEST,
    SMALL,
    Evenings,
    Hidden,
    Kept,
    Period,
    Range,
    Wait,
    evenings,
    hours_of_day,
    is_school_day,
    kept_in_time,
    monday_of,
    period_of,
    quantile,
    school_weeks,
    share,
    sight,
    times,
    told,
)
from triage.domain.school import Person, Role, Term
from triage.domain.visibility import viewer

CALENDAR = a_calendar()
SCHOOL = a_school(people=(*PEOPLE, Person(TEACHER, Role.TEACHER)))
ZONES = tuple(ZoneInfo(name) for name in ("Europe/London", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"))
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))
NOW = datetime(2026, 10, 14, 9, 30, tzinfo=UTC)
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


class TestWeeks:
    @given(DAYS)
    def test_a_week_begins_on_the_monday_before(self, day):
        assert monday_of(day).weekday() == 0
        assert timedelta() <= day - monday_of(day) < timedelta(days=7)

    @given(DAYS, st.integers(1, LONGEST), st.sampled_from(ZONES))
    def test_edges_are_midnights_of_the_zone_and_follow_one_another(self, day, weeks, zone):
        edges = Period(monday_of(day), weeks).edges(zone)
        assert len(edges) == weeks + 1
        assert {edge.astimezone(zone).hour for edge in edges} == {0}
        assert {edge.astimezone(zone).weekday() for edge in edges} == {0}
        assert all(earlier < later for earlier, later in pairwise(edges))

    def test_the_week_in_which_the_clock_goes_back_is_an_hour_longer(self):
        first, second, third = Period(date(2026, 10, 19), 2).edges(LONDON)
        assert (second - first, third - second) == (timedelta(days=7, hours=1), timedelta(days=7))

    @given(DAYS, st.sampled_from(Range))
    def test_a_range_is_of_whole_weeks_that_are_over(self, today, asked):
        period = period_of(asked, today, CALENDAR)
        assert period.first.weekday() == 0
        assert 1 <= period.weeks <= LONGEST
        assert period.last == monday_of(today) - timedelta(days=1)

    @pytest.mark.parametrize(
        ("asked", "today", "first"),
        [
            (Range.FOUR_WEEKS, date(2026, 10, 14), date(2026, 9, 14)),
            (Range.HALF_TERM, date(2026, 10, 14), date(2026, 8, 31)),  # term began on Wednesday 2 September
            (Range.HALF_TERM, date(2026, 10, 29), date(2026, 8, 31)),  # a holiday belongs to the term before
            (Range.HALF_TERM, date(2026, 11, 4), date(2026, 8, 31)),  # no week of the new one is over
            (Range.HALF_TERM, date(2026, 11, 9), date(2026, 11, 2)),
            (Range.SCHOOL_YEAR, date(2027, 7, 1), date(2026, 8, 31)),
            (Range.SCHOOL_YEAR, date(2026, 8, 20), date(2025, 9, 1)),
        ],
    )
    def test_where_a_range_begins(self, asked, today, first):
        assert period_of(asked, today, CALENDAR).first == first

    def test_a_school_year_may_begin_in_august(self):
        calendar = a_calendar(terms=(Term(date(2026, 8, 19), date(2026, 12, 18)),))
        assert period_of(Range.SCHOOL_YEAR, date(2026, 11, 4), calendar).first == date(2026, 8, 17)

    def test_without_terms_there_are_ranges_too(self):
        calendar = a_calendar(terms=())
        found = {asked: period_of(asked, date(2026, 10, 14), calendar).weeks for asked in Range}
        assert found == {Range.FOUR_WEEKS: 4, Range.HALF_TERM: 6, Range.SCHOOL_YEAR: 6}

    def test_of_terms_long_gone_by_no_more_than_a_year_is_shown(self):
        assert period_of(Range.HALF_TERM, date(2029, 3, 1), CALENDAR).weeks == LONGEST


class TestDaysOfSchool:
    @pytest.mark.parametrize(
        ("day", "school"),
        [
            (date(2026, 10, 14), True),
            (date(2026, 10, 17), False),  # a Saturday
            (date(2026, 10, 28), False),  # half-term
            (date(2027, 5, 3), False),  # May Day
            (date(2026, 11, 20), False),  # an INSET day
            (date(2026, 11, 23), False),  # closed for snow
        ],
    )
    def test_which_days_are_days_of_school(self, day, school):
        off = {"inset_days": [date(2026, 11, 20)], "closures": [date(2026, 11, 23)]}
        assert is_school_day(day, a_calendar(**off)) is school

    def test_weeks_of_school_leave_out_the_holidays(self):
        found = school_weeks(date(2026, 11, 11), 3, CALENDAR)
        assert found == (date(2026, 11, 2), date(2026, 10, 19), date(2026, 10, 12))

    def test_the_week_that_is_not_over_is_left_out(self):
        assert school_weeks(date(2026, 10, 18), 1, CALENDAR) == (date(2026, 10, 5),)

    def test_where_terms_are_long_gone_by_there_are_none(self):
        assert school_weeks(date(2030, 1, 1), 5, CALENDAR) == ()


class TestHoursOfTheDay:
    def test_an_hour_is_that_of_the_schools_clock(self):
        summer, winter = (datetime(2026, month, 14, 16, 10, tzinfo=UTC) for month in (10, 12))
        school, other = hours_of_day({summer: 2, winter: 3}, CALENDAR)
        assert (school[17], school[16], sum(other)) == (2, 3, 0)

    def test_weekends_and_holidays_are_counted_apart(self):
        sunday = datetime(2026, 10, 11, 20, 0, tzinfo=LONDON)
        school, other = hours_of_day({sunday: 4}, CALENDAR)
        assert (sum(school), other[20]) == (0, 4)

    def test_the_hour_that_comes_twice_holds_both(self):
        night = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        _, other = hours_of_day({night: 1, night + timedelta(hours=1): 1}, CALENDAR)
        assert (other[1], sum(other)) == (2, 2)

    @given(
        st.dictionaries(
            st.integers(0, 4 * 24 * 700).map(lambda quarters: JANUARY + quarters * HOUR / 4),
            st.integers(1, 9),
        ),
        st.sampled_from(ZONES),
    )
    def test_nothing_is_lost_or_counted_twice(self, moments, zone):
        school, other = hours_of_day(moments, replace(CALENDAR, zone=zone))
        assert (len(school), len(other)) == (24, 24)
        assert sum(school) + sum(other) == sum(moments.values())


class TestMiddles:
    @given(st.lists(st.integers(0, 1000), min_size=1), st.sampled_from([1, 50, 90, 100]))
    def test_so_many_in_a_hundred_do_not_pass_it_and_with_the_next_lower_fewer(self, values, percent):
        found = quantile(values, percent)
        assert found in values
        assert 100 * sum(value <= found for value in values) >= percent * len(values)
        assert 100 * sum(value < found for value in values) < percent * len(values)

    def test_of_nothing_there_is_no_middle(self):
        assert quantile([], 50) is None

    @pytest.mark.parametrize(("part", "whole", "found"), [(1, 4, 0.25), (0, 4, 0.0), (0, 0, None)])
    def test_a_share_of_nothing_is_none(self, part, whole, found):
        assert share(part, whole) == found


class TestTimes:
    @pytest.mark.parametrize(
        ("deadline", "resolved", "kept"),
        [
            (None, NOW, None),
            (NOW + HOUR, None, None),
            (NOW, None, None),
            (NOW - HOUR, None, False),
            (NOW - HOUR, NOW, False),
            (NOW - HOUR, NOW - HOUR, True),
            (NOW + HOUR, NOW, True),
        ],
    )
    def test_whether_a_deadline_was_kept(self, deadline, resolved, kept):
        assert kept_in_time(deadline, resolved, NOW) is kept

    def test_what_has_not_happened_is_not_in_the_middle_but_in_the_number(self):
        waits = [
            Wait(Severity.HIGH, None, 60, 600, in_time=True),
            Wait(Severity.HIGH, None, 120, None, in_time=False),
            Wait(Severity.HIGH, None, None, None, in_time=None),
        ]
        found = times(waits)
        assert (found.flags, found.looked, found.resolved, found.due, found.in_time) == (3, 2, 1, 2, 1)
        assert (found.look_middle, found.look_most, found.resolve_middle) == (60, 120, 600)


class TestEvenings:
    @given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda two: (sum(two), two[1]))))
    def test_fewer_than_ten_mailboxes_with_mail_are_never_summed_up(self, boxes):
        counting = [box for box in boxes if box[0]]
        found = evenings(boxes)
        assert (found is None) == (len(counting) < 10)
        assert found is None or found.messages == sum(every for every, _ in boxes)

    def test_the_share_is_that_of_the_mailbox_in_the_middle(self):
        boxes = [(10, late) for late in range(11)] + [(0, 0)]
        assert evenings(boxes) == Evenings(mailboxes=11, messages=110, late=55, middle_share=0.5)


def possible(cell, number):
    """The numbers that a reader can think of for a cell."""
    if cell is Hidden.FEWER:
        return range(SMALL)
    return range(SMALL, 50) if cell is Hidden.WITHHELD else (number,)


class TestWhatIsNotTold:
    @given(st.lists(st.integers(0, 9), min_size=1, max_size=5), st.booleans())
    def test_no_small_number_is_told_and_no_large_one_is_changed(self, counts, sum_known):
        shown = told(counts, sum_known=sum_known)
        assert len(shown) == len(counts)
        for number, cell in zip(counts, shown, strict=True):
            assert (cell is Hidden.FEWER) == (number < SMALL)
            assert cell in {number, Hidden.FEWER, Hidden.WITHHELD}

    @given(st.lists(st.integers(0, 9), min_size=2, max_size=4).filter(lambda counts: max(counts) >= SMALL))
    def test_who_knows_the_sum_cannot_work_out_a_small_number_that_is_not_zero(self, counts):
        shown = told(counts, sum_known=True)
        ways = [way for way in product(*map(possible, shown, counts)) if sum(way) == sum(counts)]
        for place, cell in enumerate(shown):
            if cell is Hidden.FEWER and counts[place]:
                assert len({way[place] for way in ways}) > 1

    def test_no_more_is_hidden_than_must_be(self):
        assert told([2, 9, 7]) == (Hidden.FEWER, 9, 7)
        assert told([2, 9, 7], sum_known=True) == (Hidden.FEWER, 9, Hidden.WITHHELD)
        assert told([2, 3, 7], sum_known=True) == (Hidden.FEWER, Hidden.FEWER, 7)
        assert told([0, 9], sum_known=True) == (Hidden.FEWER, 9)


class TestWhoMayCountWhat:
    @pytest.mark.parametrize(
        ("who", "years", "unseen"),
        [
            ("safe@oakfield.example", None, set()),
            ("safe2@oakfield.example", None, set()),
            ("head@oakfield.example", None, {Kept.SAFEGUARDING}),
            ("admin@oakfield.example", None, set(Kept)),
            ("year8@oakfield.example", {8}, set(Kept)),
            (TEACHER, set(), set(Kept)),
            ("office@oakfield.example", set(), set(Kept)),
        ],
    )
    def test_the_table(self, who, years, unseen):
        found = sight(viewer(SCHOOL, who))
        assert (found.years, found.unseen, found.whole) == (years, unseen, years is None)
