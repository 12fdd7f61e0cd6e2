"""Opening hours: the week, terms, days off, both change Sundays, and the next opening in words."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import LONDON, TERMS, WEEK, a_calendar
from triage.domain.hours import bank_holidays, opening
from triage.domain.school import Span, Term


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def words(text, **calendar):
    return opening(at(text), a_calendar(**calendar)).words


def why(text, **calendar):
    return opening(at(text), a_calendar(**calendar)).why


NIGHT_SCHOOL = {0: (Span(time(20), time(4)),)}
SATURDAY_NIGHT = {5: (Span(time(22), time(6)),)}


@pytest.mark.parametrize("clock", ["08:00", "12:34", "16:59:59"])
def test_a_school_day_is_open_within_its_hours(clock):
    assert opening(at(f"2026-10-14 {clock}"), a_calendar()).open


@pytest.mark.parametrize("clock", ["00:00", "07:59:59", "17:00", "23:59"])
def test_a_school_day_is_closed_outside_its_hours(clock):
    assert not opening(at(f"2026-10-14 {clock}"), a_calendar()).open


def test_while_open_no_next_opening_is_told():
    result = opening(at("2026-10-14 10:00"), a_calendar())
    assert (result.next, result.words) == (None, "")


def test_an_instant_is_judged_in_the_schools_zone():
    assert opening(datetime(2026, 10, 14, 7, 30, tzinfo=UTC), a_calendar()).open


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="zone"):
        opening(datetime(2026, 10, 14, 7, 30), a_calendar())  # noqa: DTZ001 - the naive time is the point


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ("2026-10-14 10:00", "Wednesday, 8:00 to 17:00"),
        ("2026-10-14 06:00", "before 8:00"),
        ("2026-10-14 17:30", "after 17:00"),
        ("2026-10-17 12:00", "Saturday"),
        ("2026-10-24 12:00", "half-term"),
        ("2026-10-28 12:00", "half-term"),
        ("2026-12-21 12:00", "holiday"),
        ("2026-12-26 12:00", "bank holiday: Boxing Day"),
        ("2027-05-03 12:00", "bank holiday: May Day"),
        ("2026-08-20 12:00", "outside term"),
    ],
)
def test_why_is_said_in_words(when, reason):
    assert why(when) == reason


def test_why_names_an_inset_day():
    assert why("2026-10-14 10:00", inset_days=[date(2026, 10, 14)]) == "INSET day"


def test_why_names_a_closure():
    assert why("2026-10-14 10:00", closures=[date(2026, 10, 14)]) == "closed that day"


def test_why_names_the_break_between_two_spans():
    week = {2: (Span(time(8), time(12)), Span(time(13), time(17)))}
    assert why("2026-10-14 12:30", week=week) == "between 12:00 and 13:00"


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2026-10-14 06:00", "8:00 on Wednesday 14 October"),
        ("2026-10-14 21:40", "8:00 on Thursday 15 October"),
        ("2026-10-16 18:00", "8:00 on Monday 19 October"),
        ("2026-10-23 21:40", "8:00 on Monday 2 November, after half-term"),
        ("2026-10-30 09:00", "8:00 on Monday 2 November, after half-term"),
        ("2026-12-18 17:00", "8:00 on Tuesday 5 January, after the holiday"),
        ("2027-03-30 09:00", "8:00 on Tuesday 13 April, after the holiday"),
        ("2027-05-01 09:00", "8:00 on Tuesday 4 May"),
        ("2026-08-20 12:00", "8:00 on Wednesday 2 September, when term begins"),
    ],
)
def test_the_next_opening_is_put_in_words(when, said):
    assert words(when) == said


def test_an_inset_day_after_half_term_moves_the_opening():
    said = words("2026-10-23 21:40", inset_days=[date(2026, 11, 2)])
    assert said == "8:00 on Tuesday 3 November, after half-term"


def test_two_terms_with_only_a_weekend_between_have_no_holiday_between():
    halves = (Term(date(2026, 9, 2), date(2026, 10, 16)), Term(date(2026, 10, 19), date(2026, 12, 18)))
    assert words("2026-10-16 18:00", terms=halves) == "8:00 on Monday 19 October"


def test_a_weekend_between_two_terms_is_called_by_its_day():
    halves = (Term(date(2026, 9, 2), date(2026, 10, 16)), Term(date(2026, 10, 19), date(2026, 12, 18)))
    assert why("2026-10-17 18:00", terms=halves) == "Saturday"


def test_after_the_last_known_term_no_date_is_told():
    result = opening(at("2027-07-21 18:00"), a_calendar())
    assert (result.next, result.words) == (None, "")


def test_without_terms_the_week_alone_decides():
    assert opening(at("2026-08-20 12:00"), a_calendar(terms=())).open


def test_without_terms_no_holiday_is_named():
    assert words("2026-10-23 21:40", terms=()) == "8:00 on Monday 26 October"


def test_an_empty_week_never_opens_and_the_search_ends():
    assert opening(at("2026-10-14 10:00"), a_calendar(week={}, terms=())).next is None


def test_a_missing_table_of_bank_holidays_means_none():
    assert opening(at("2027-05-03 12:00"), a_calendar(bank_holidays=None)).open


@pytest.mark.parametrize(
    "when", ["2026-10-12 20:00", "2026-10-12 23:59", "2026-10-13 00:00", "2026-10-13 03:59"]
)
def test_23_a_span_over_midnight_is_open_on_both_days(when):
    assert opening(at(when), a_calendar(week=NIGHT_SCHOOL)).open


@pytest.mark.parametrize("when", ["2026-10-12 19:59", "2026-10-13 04:00", "2026-10-12 03:00"])
def test_23_a_span_over_midnight_ends(when):
    assert not opening(at(when), a_calendar(week=NIGHT_SCHOOL)).open


def test_23_a_span_belongs_to_the_day_on_which_it_starts():
    calendar = a_calendar(week=NIGHT_SCHOOL, closures=[date(2026, 10, 13)])
    assert opening(at("2026-10-13 02:00"), calendar).open


def test_23_no_night_follows_a_day_off():
    calendar = a_calendar(week=NIGHT_SCHOOL, closures=[date(2026, 10, 12)])
    assert not opening(at("2026-10-13 02:00"), calendar).open


def test_23_the_night_of_the_autumn_change_is_an_hour_longer():
    calendar = a_calendar(week=SATURDAY_NIGHT, terms=())
    instants = [datetime(2026, 10, 24, 21, 30, tzinfo=UTC) + timedelta(hours=hour) for hour in range(12)]
    assert sum(opening(instant, calendar).open for instant in instants) == 9


def test_23_the_night_of_the_spring_change_is_an_hour_shorter():
    calendar = a_calendar(week=SATURDAY_NIGHT, terms=())
    instants = [datetime(2027, 3, 27, 21, 30, tzinfo=UTC) + timedelta(hours=hour) for hour in range(12)]
    assert sum(opening(instant, calendar).open for instant in instants) == 7


@pytest.mark.parametrize(
    ("when", "utc_hour"),
    [("2026-10-23 21:00", 8), ("2027-03-26 21:00", 7)],
    ids=["autumn", "spring"],
)
def test_23_after_a_change_sunday_monday_opens_by_the_new_clock(when, utc_hour):
    result = opening(at(when), a_calendar(terms=(), bank_holidays={}))
    assert result.next.astimezone(UTC).hour == utc_hour


def test_23_a_span_that_starts_in_the_hour_left_out_starts_after_the_change():
    calendar = a_calendar(week={6: (Span(time(1, 30), time(5)),)}, terms=())
    assert opening(at("2027-03-27 12:00"), calendar).next.astimezone(UTC) == datetime(
        2027, 3, 28, 1, 30, tzinfo=UTC
    )


def test_23_a_span_that_ends_in_the_doubled_hour_ends_with_the_second():
    calendar = a_calendar(week={6: (Span(time(0), time(1, 30)),)}, terms=())
    assert opening(datetime(2026, 10, 25, 1, 15, tzinfo=UTC), calendar).open


def test_the_zone_may_be_anywhere():
    calendar = a_calendar(zone=ZoneInfo("Pacific/Auckland"), terms=())
    assert opening(datetime(2026, 10, 13, 20, 0, tzinfo=UTC), calendar).open


@given(st.datetimes(datetime(2026, 9, 1), datetime(2027, 7, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - a bound
def test_the_next_opening_is_an_opening_and_nothing_is_open_before_it(instant):
    calendar = a_calendar()
    result = opening(instant, calendar)
    if not result.open:
        assert opening(result.next, calendar).open
        assert not opening(result.next - timedelta(seconds=1), calendar).open
        assert result.next > instant


def test_bank_holidays_come_with_their_names():
    assert bank_holidays("GB", "ENG", [2026])[date(2026, 12, 25)] == "Christmas Day"


def test_bank_holidays_differ_by_part_of_the_country():
    assert date(2026, 11, 30) in bank_holidays("GB", "SCT", [2026])
    assert date(2026, 11, 30) not in bank_holidays("GB", "ENG", [2026])


@pytest.mark.parametrize("place", [("GB", "QQ"), ("QQ", None)])
def test_an_unknown_country_or_part_is_refused_by_name(place):
    with pytest.raises(ValueError, match="QQ"):
        bank_holidays(*place, [2026])


def test_the_factories_calendar_is_the_one_tested_here():
    assert (a_calendar().terms, a_calendar().week) == (TERMS, WEEK)


# tested end instants (#22): the last second that counts, and the first that does not


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-09-02 07:59:59", False),
        ("2026-09-02 08:00", True),
        ("2026-10-23 16:59:59", True),
        ("2026-10-23 17:00", False),
        ("2026-11-02 07:59:59", False),
        ("2026-11-02 08:00", True),
        ("2027-07-21 16:59:59", True),
        ("2027-07-21 17:00", False),
    ],
)
def test_22_terms_and_half_terms_begin_and_end_on_the_second(when, is_open):
    assert opening(at(when), a_calendar()).open is is_open


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-10-13 23:59:59", True),
        ("2026-10-14 00:00", False),
        ("2026-10-14 23:59:59", False),
        ("2026-10-15 00:00", True),
    ],
)
@pytest.mark.parametrize("kind", ["inset_days", "closures", "bank_holidays"])
def test_22_a_day_off_begins_and_ends_at_midnight(when, is_open, kind):
    days = {date(2026, 10, 14): "A Day"} if kind == "bank_holidays" else [date(2026, 10, 14)]
    round_the_clock = dict.fromkeys(range(7), (Span(time(0), time(0)),))
    assert opening(at(when), a_calendar(week=round_the_clock, **{kind: days})).open is is_open


@pytest.mark.parametrize(
    ("day", "part"),
    [
        (date(2026, 11, 30), "SCT"),
        (date(2027, 1, 4), "SCT"),
        (date(2027, 3, 17), "NIR"),
        (date(2027, 7, 12), "NIR"),
    ],
)
def test_22_a_bank_holiday_closes_the_part_of_the_country_that_keeps_it(day, part):
    noon = datetime.combine(day, time(12), LONDON)
    closed = {
        one
        for one in ("ENG", "WLS", "SCT", "NIR")
        if not opening(noon, a_calendar(terms=(), bank_holidays=bank_holidays("GB", one, [day.year]))).open
    }
    assert closed == {part}


@pytest.mark.parametrize("part", ["ENG", "WLS", "SCT", "NIR"])
def test_22_christmas_closes_every_part_of_the_country(part):
    calendar = a_calendar(terms=(), bank_holidays=bank_holidays("GB", part, [2026]))
    assert why_of("2026-12-25 12:00", calendar) == "bank holiday: Christmas Day"


def why_of(when, calendar):
    return opening(at(when), calendar).why


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        (datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 1, 29, 59, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), False),
    ],
)
def test_23_in_the_doubled_hour_of_autumn_the_later_end_is_the_end(instant, is_open):
    calendar = a_calendar(week={6: (Span(time(0), time(1, 30)),)}, terms=())
    assert opening(instant, calendar).open is is_open
