"""Who is called about a flag, in which turn and when: a step up after 15 minutes and after 30, then again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import LONDON, PEOPLE, TEACHER, a_calendar, a_school
from triage.domain.calling import (
    calls_due,
    holders_of,
    kept_from,
    ladder,
    next_up,
    passed_up,
    told_at,
)
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.school import Role

LEAD, DEPUTY, ON_CALL = "safe@oakfield.example", "safe2@oakfield.example", "call@oakfield.example"
HEAD, CHAIR, ADMIN = "head@oakfield.example", "chair@governors.oakfield.example", "admin@oakfield.example"
YEAR_8, LINE, OFFICE, DATA = (f"{name}@oakfield.example" for name in ("year8", "line", "office", "data"))

DANGER = Flag(Topic.SAFEGUARDING, Severity.IMMEDIATE, Route.SAFEGUARDING_LEAD, year=8)
TO_HEAD, TO_CHAIR = (replace(DANGER, route=to) for to in (Route.HEADTEACHER, Route.CHAIR_OF_GOVERNORS))
LETTER = Flag(Topic.COMPLAINT, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8)
SCHOOL = a_school(on_call=ON_CALL)
CALENDAR = a_calendar()
MINUTE = timedelta(minutes=1)
SATURDAY_NIGHT = datetime(2026, 10, 17, 20, 0, tzinfo=UTC)  # 21:00 in London, in summer time


def steps(flag=DANGER, *, left_out=(), on_call=ON_CALL, without=(), people=PEOPLE):
    people = tuple(one for one in people if one.role not in without)
    school = a_school(on_call=on_call, people=people)
    return [(step.after // MINUTE, step.people) for step in ladder(school, flag, frozenset(left_out))]


LEADS = (LEAD, DEPUTY)
NO_LEADS = (Role.SAFEGUARDING_LEAD, Role.DEPUTY_SAFEGUARDING_LEAD)
NO_DEPUTY = (Role.DEPUTY_SAFEGUARDING_LEAD,)
HEAD_LEADS = tuple(
    replace(one, address=HEAD) if one.role is Role.SAFEGUARDING_LEAD else one for one in PEOPLE
)
"""The people of a small school, whose headteacher is the safeguarding lead too."""


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        pytest.param({}, [(0, (ON_CALL,)), (15, LEADS), (30, (HEAD,))], id="each in turn"),
        pytest.param({"on_call": DEPUTY}, [(0, (DEPUTY,)), (15, (LEAD,)), (30, (HEAD,))], id="once each"),
        pytest.param({"on_call": None}, [(0, LEADS), (15, (HEAD,))], id="nobody on call"),
        pytest.param({"left_out": [ON_CALL]}, [(0, LEADS), (15, (HEAD,))], id="about the one on call"),
        pytest.param({"left_out": [LEAD]}, [(0, (ON_CALL,)), (15, (DEPUTY,)), (30, (HEAD,))], id="a lead"),
        pytest.param({"left_out": LEADS}, [(0, (ON_CALL,)), (15, (HEAD,))], id="about both leads"),
        pytest.param({"left_out": [HEAD]}, [(0, (ON_CALL,)), (15, LEADS), (30, (CHAIR,))], id="the head"),
        pytest.param({"without": NO_LEADS, "on_call": None}, [(0, (HEAD,))], id="no leads on record"),
        pytest.param({"left_out": [*LEADS, HEAD], "on_call": None}, [(0, (CHAIR,))], id="only the chair"),
        pytest.param({"left_out": [*LEADS, HEAD, CHAIR], "on_call": None}, [(0, (ADMIN,))], id="nobody"),
        pytest.param({"on_call": HEAD}, [(0, (HEAD,)), (15, LEADS)], id="the head is on call"),
        pytest.param({"people": HEAD_LEADS}, [(0, (ON_CALL,)), (15, (HEAD, DEPUTY))], id="the head leads"),
        pytest.param(
            {"people": HEAD_LEADS, "on_call": HEAD}, [(0, (HEAD,)), (15, (DEPUTY,))], id="both, with a deputy"
        ),
        pytest.param(
            {"people": HEAD_LEADS, "on_call": HEAD, "without": NO_DEPUTY}, [(0, (HEAD,))], id="both, alone"
        ),
        pytest.param(
            {"people": HEAD_LEADS, "left_out": [HEAD]},
            [(0, (ON_CALL,)), (15, (DEPUTY,)), (30, (CHAIR,))],
            id="about a head who leads",
        ),
        pytest.param({"flag": TO_HEAD}, [(0, (HEAD,)), (15, LEADS)], id="what goes to the head"),
        pytest.param({"flag": TO_CHAIR, "left_out": [HEAD]}, [(0, (CHAIR,))], id="what goes to the chair"),
    ],
)
def test_who_is_called_at_which_step(how, expected):
    assert steps(**how) == expected


@pytest.mark.parametrize("flag", [DANGER, TO_HEAD, TO_CHAIR], ids=lambda flag: flag.route.value)
@pytest.mark.parametrize("about", [person.address for person in PEOPLE] + [ON_CALL])
def test_nobody_is_ever_called_whom_the_case_is_about_and_somebody_always_is(flag, about):
    called = [to for _, people in steps(flag, left_out=[about]) for to in people]
    assert about not in called
    assert called


@pytest.mark.parametrize(
    ("given_to", "flag", "expected"),
    [
        (LEAD, DANGER, [(LEAD,), (DEPUTY,), (HEAD,)]),
        (HEAD, DANGER, [(HEAD,), LEADS]),
        (LEAD, TO_HEAD, [(LEAD,), (HEAD,), (DEPUTY,)]),
    ],
    ids=["a lead", "the head", "what goes to the head"],
)
def test_who_was_given_it_stands_first_instead_of_the_person_on_call(given_to, flag, expected):
    assert [step.people for step in ladder(SCHOOL, flag, (), given_to)] == expected


def test_what_goes_to_the_chair_is_kept_from_the_head_though_it_names_nobody():
    assert kept_from(SCHOOL, [DANGER, TO_CHAIR]) == {HEAD}
    assert kept_from(SCHOOL, [DANGER, TO_HEAD]) == frozenset()
    assert kept_from(SCHOOL, [replace(LETTER, about=TEACHER.upper())]) == {TEACHER}


def test_what_shows_the_case_to_a_chair_who_is_called_keeps_nothing_from_the_head():
    shown = passed_up(SCHOOL, (CHAIR,), DANGER)
    assert kept_from(SCHOOL, [DANGER, *shown]) == frozenset()


def calls(after, *, since=SATURDAY_NIGHT, flag=DANGER):
    due = calls_due(ladder(SCHOOL, flag, ()), since, since + after, LONDON)
    return {call.to: (call.at - since) // MINUTE for call in due}


EVERYBODY = (ON_CALL, *LEADS, HEAD)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (0, {ON_CALL: 0}),
        (14, {ON_CALL: 0}),
        (15, {ON_CALL: 0, LEAD: 15, DEPUTY: 15}),
        (29, {ON_CALL: 0, LEAD: 15, DEPUTY: 15}),
        (30, dict.fromkeys(EVERYBODY, 30)),
        (59, dict.fromkeys(EVERYBODY, 30)),
        (60, dict.fromkeys(EVERYBODY, 60)),
        (240, dict.fromkeys(EVERYBODY, 240)),
        (271, dict.fromkeys(EVERYBODY, 240)),
    ],
)
def test_a_step_up_after_15_minutes_and_30_then_all_of_them_every_half_hour(minutes, expected):
    assert calls(minutes * MINUTE) == expected


def later(clock: str, *, since=SATURDAY_NIGHT):
    now = datetime.fromisoformat(clock).replace(tzinfo=LONDON)
    (at,) = {call.at for call in calls_due(ladder(SCHOOL, DANGER, ()), since, now, LONDON)}
    return at.astimezone(LONDON).strftime("%a %H:%M")


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-10-18 01:00", "Sun 01:00"),
        ("2026-10-18 06:59", "Sun 01:00"),
        ("2026-10-18 07:00", "Sun 07:00"),
        ("2026-10-18 12:30", "Sun 12:00"),
        ("2026-10-18 23:00", "Sun 17:00"),
        ("2026-10-19 06:00", "Sun 17:00"),
        ("2026-10-24 07:10", "Sat 07:00"),
    ],
)
def test_after_four_hours_it_waits_for_the_morning_and_then_calls_three_times_a_day_holidays_too(now, last):
    assert later(now) == last


@pytest.mark.parametrize(
    ("raised", "monday"),
    [("2026-10-24T22:00", "2026-10-25 07:00"), ("2027-03-27T22:00", "2027-03-28 07:00")],
    ids=["clocks go back", "clocks go forward"],
)
def test_23_the_morning_is_by_the_wall_clock_in_the_night_of_a_change_of_clocks(raised, monday):
    since = datetime.fromisoformat(raised).replace(tzinfo=LONDON).astimezone(UTC)
    assert later(monday, since=since) == "Sun 07:00"


@pytest.mark.parametrize("day", ["2026-10-24", "2027-03-27"])
def test_23_the_steps_of_that_night_are_counted_in_time_that_passes(day):
    since = datetime.fromisoformat(f"{day}T23:50").replace(tzinfo=UTC)
    assert calls(75 * MINUTE, since=since) == dict.fromkeys(EVERYBODY, 60)


def opened(people, flag=DANGER, beside=(), mailboxes=frozenset()):
    return [one.route for one in passed_up(SCHOOL, people, flag, mailboxes, beside)]


def test_a_head_who_is_called_is_shown_the_case_by_a_flag_of_their_own():
    (shown,) = passed_up(SCHOOL, (HEAD,), replace(DANGER, deadline=SATURDAY_NIGHT))
    assert shown == replace(DANGER, route=Route.HEADTEACHER, why="nobody has said in time that they have it")


def test_those_who_see_it_anyway_need_none():
    assert opened((ON_CALL, LEAD, DEPUTY)) == []
    assert opened((HEAD,), beside=(TO_HEAD,)) == []
    assert opened((HEAD,), TO_HEAD) == []


def test_a_chair_who_is_called_instead_of_the_head_is_shown_it_too():
    assert opened((CHAIR,)) == [Route.CHAIR_OF_GOVERNORS]


class TestWhoHoldsIt:
    def holders(self, flag, *, mailboxes=frozenset({TEACHER}), beside=(), without=()):
        people = tuple(one for one in PEOPLE if one.role not in without)
        return holders_of(a_school(people=people), flag, mailboxes, beside)

    @pytest.mark.parametrize(
        ("route", "holder"),
        [
            (Route.HEAD_OF_YEAR, (YEAR_8,)),
            (Route.SAFEGUARDING_LEAD, LEADS),
            (Route.LINE_MANAGER, (LINE,)),
            (Route.HEADTEACHER, (HEAD,)),
            (Route.CHAIR_OF_GOVERNORS, (CHAIR,)),
            (Route.DATA_PROTECTION_OFFICER, (DATA,)),
            (Route.ADMINISTRATOR, (ADMIN,)),
        ],
    )
    def test_each_route_is_held_by_whoever_sees_it(self, route, holder):
        assert self.holders(replace(LETTER, route=route)) == holder

    def test_the_office_holds_what_it_sees(self):
        assert self.holders(replace(LETTER, route=Route.OFFICE, topic=Topic.URGENT)) == (OFFICE,)

    def test_a_year_that_nobody_is_head_of_is_held_by_those_who_see_everything(self):
        assert self.holders(replace(LETTER, year=11)) == LEADS

    def test_a_manager_holds_only_what_is_about_the_staff_that_they_manage(self):
        flag = replace(LETTER, route=Route.LINE_MANAGER)
        assert self.holders(flag, mailboxes=frozenset({YEAR_8})) == LEADS

    def test_whoever_the_case_is_about_holds_nothing_of_it(self):
        about = replace(LETTER, about=YEAR_8)
        assert self.holders(LETTER, beside=(LETTER, about)) == LEADS

    def test_where_nobody_may_see_it_nobody_is_told_of_it(self):
        assert self.holders(LETTER, without=(Role.HEAD_OF_YEAR, *NO_LEADS)) == ()


@pytest.mark.parametrize(
    ("route", "left_out", "expected"),
    [
        (Route.HEAD_OF_YEAR, (), (HEAD,)),
        (Route.DATA_PROTECTION_OFFICER, (), (HEAD,)),
        (Route.SAFEGUARDING_LEAD, (), (HEAD,)),
        (Route.HEAD_OF_YEAR, (HEAD,), (CHAIR,)),
        (Route.HEADTEACHER, (), (CHAIR,)),
        (Route.CHAIR_OF_GOVERNORS, (HEAD,), ()),
    ],
)
def test_what_is_overdue_is_told_to_the_next_person_up(route, left_out, expected):
    assert next_up(SCHOOL, replace(LETTER, route=route), left_out) == expected


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


MORNINGS = {0: (a_calendar().week[0][0],)}  # Mondays only


@pytest.mark.parametrize(
    ("raised", "own", "told"),
    [
        ("2026-10-14 10:30:00", None, "2026-10-14 10:30:00"),
        ("2026-10-14 10:30:01", None, "2026-10-14 10:32:00"),
        ("2026-10-14 17:00:00", None, "2026-10-15 08:00:00"),
        ("2026-10-23 17:30:00", None, "2026-11-02 08:00:00"),
        ("2026-10-14 10:30:01", MORNINGS, "2026-10-19 08:00:00"),
        ("2026-10-24 23:00:00", None, "2026-11-02 08:00:00"),
        ("2027-03-25 18:00:00", None, "2027-04-13 08:00:00"),
    ],
    ids=["open", "gathered", "after school", "half-term", "own hours", "clocks back", "clocks forward"],
)
def test_what_is_high_is_told_at_work_or_when_work_begins_next(raised, own, told):
    assert told_at(at(raised), CALENDAR, own) == at(told)


def test_where_no_school_day_is_known_it_is_told_at_once():
    raised = at("2027-08-01 10:00")
    assert told_at(raised, CALENDAR) == raised
