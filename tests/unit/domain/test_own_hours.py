"""A member of staff's own hours: they narrow the school's, and parents are never told them."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import LONDON, a_calendar
from triage.domain.hours import OUTSIDE_OWN, explain_hours, opening
from triage.domain.school import Span

NIGHT_SCHOOL = {0: (Span(time(20), time(4)),)}


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


MORNINGS = {0: (Span(time(9), time(13)),), 2: (Span(time(9), time(13)),)}
WEDNESDAY = "2026-10-14"


@pytest.mark.parametrize(
    ("clock", "is_open"), [("08:59:59", False), ("09:00", True), ("12:59:59", True), ("13:00", False)]
)
def test_22_own_hours_begin_and_end_on_the_second(clock, is_open):
    assert opening(at(f"{WEDNESDAY} {clock}"), a_calendar(), MORNINGS).open is is_open


def test_without_hours_of_their_own_the_schools_count():
    moment = at(f"{WEDNESDAY} 16:00")
    assert opening(moment, a_calendar(), None) == opening(moment, a_calendar())


def test_a_day_that_own_hours_leave_out_is_out_of_hours():
    assert not opening(at("2026-10-15 10:00"), a_calendar(), MORNINGS).open


def test_own_hours_never_open_a_closed_school():
    early = {2: (Span(time(6), time(23)),)}
    assert opening(at(f"{WEDNESDAY} 06:30"), a_calendar(), early) == opening(
        at(f"{WEDNESDAY} 06:30"), a_calendar()
    )


@pytest.mark.parametrize("when", ["2026-10-28 10:00", "2026-12-28 10:00"])
def test_own_hours_keep_the_schools_holidays(when):
    assert not opening(at(when), a_calendar(), MORNINGS).open


@pytest.mark.parametrize("kind", ["inset_days", "closures"])
def test_own_hours_keep_the_schools_days_off(kind):
    calendar = a_calendar(**{kind: [date(2026, 10, 14)]})
    assert opening(at(f"{WEDNESDAY} 10:00"), calendar, MORNINGS) == opening(
        at(f"{WEDNESDAY} 10:00"), calendar
    )


def test_own_hours_may_go_over_midnight():
    night = {0: (Span(time(22), time(2)),)}
    calendar = a_calendar(week=NIGHT_SCHOOL)
    judged = [opening(at(when), calendar, night).open for when in ("2026-10-13 01:59", "2026-10-13 02:00")]
    assert judged == [True, False]


def test_the_school_is_open_while_its_mailboxs_owner_is_out():
    result = opening(at(f"{WEDNESDAY} 15:00"), a_calendar(), MORNINGS)
    assert (result.open, result.owner_out, result.school_open) == (False, True, True)


def test_nobody_is_said_to_be_out_while_the_school_is_closed():
    result = opening(at(f"{WEDNESDAY} 20:00"), a_calendar(), MORNINGS)
    assert (result.owner_out, result.school_open) == (False, False)


def test_when_the_school_is_closed_the_words_are_the_schools_and_not_the_owners():
    result = opening(at(f"{WEDNESDAY} 20:00"), a_calendar(), MORNINGS)
    assert result.words == "8:00 on Thursday 15 October"


INSTANTS = st.datetimes(datetime(2026, 9, 1), datetime(2027, 7, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
OWN_WEEKS = st.dictionaries(st.integers(0, 6), st.tuples(st.builds(Span, st.times(), st.times())), max_size=7)


@given(INSTANTS, OWN_WEEKS)
def test_whatever_own_hours_are_nothing_that_is_told_shows_them(instant, own):
    """No staff leave in replies: of one out of hours by their own all answers are the same."""
    result, school = opening(instant, a_calendar(), own), opening(instant, a_calendar())
    if result.owner_out:
        assert (result.why, result.next, result.words) == (OUTSIDE_OWN, None, "")
    else:
        assert result == school


@given(INSTANTS, OWN_WEEKS)
def test_own_hours_only_ever_narrow_the_schools(instant, own):
    assert opening(instant, a_calendar(), own).open <= opening(instant, a_calendar()).open
    assert opening(instant, a_calendar(), own).school_open == opening(instant, a_calendar()).open


# explained to staff


def explained(when, own=None, **calendar):
    return explain_hours(at(when), a_calendar(**calendar), own)


def test_an_open_moment_is_explained():
    assert explained(f"{WEDNESDAY} 10:05") == (
        "Wednesday 14 October 2026, 10:05 BST",
        "the school is open: Wednesday, 8:00 to 17:00",
        "a message received then is within hours",
    )


def test_a_closed_moment_is_explained_with_the_next_opening():
    assert explained("2026-10-23 21:40", MORNINGS) == (
        "Friday 23 October 2026, 21:40 BST",
        "the school is closed: after 17:00",
        "it opens at 8:00 on Monday 2 November, after half-term",
        "not in own hours: Friday",
        "a message received then is out of hours",
    )


def test_the_end_of_the_known_terms_is_explained():
    assert "no later opening is known" in explained("2027-07-21 18:00")


def test_own_hours_that_hold_are_explained():
    assert explained(f"{WEDNESDAY} 10:00", MORNINGS)[2:] == (
        "own hours: 9:00 to 13:00",
        "a message received then is within hours",
    )


def test_own_hours_that_do_not_hold_are_explained_with_what_a_reply_keeps_to_itself():
    assert explained(f"{WEDNESDAY} 15:00", MORNINGS)[2:] == (
        "not in own hours: after 13:00",
        "a message received then is out of hours",
        "a reply tells neither these hours nor that somebody is out",
    )


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Sunday 25 October 2026, 1:30 BST"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Sunday 25 October 2026, 1:30 GMT"),
        (datetime(2027, 3, 28, 0, 59, tzinfo=UTC), "Sunday 28 March 2027, 0:59 GMT"),
        (datetime(2027, 3, 28, 1, 0, tzinfo=UTC), "Sunday 28 March 2027, 2:00 BST"),
    ],
)
def test_23_an_explained_moment_tells_which_of_the_two_clocks(instant, said):
    assert explain_hours(instant, a_calendar())[0] == said


def test_a_naive_time_is_not_explained():
    with pytest.raises(ValueError, match="zone"):
        explain_hours(datetime(2026, 10, 14, 7, 30), a_calendar())  # noqa: DTZ001 - the naive time is the point
