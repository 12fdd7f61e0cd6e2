"""Flags that a person raises: to whom they go, how soon, by when."""

from dataclasses import replace
from datetime import datetime

import pytest

from tests.factories import IN_SCHOOL_HOURS, LONDON, PEOPLE, TEACHER, a_school
from triage.domain.by_hand import Place, can_be_missed, missed, passed_on, staff_known
from triage.domain.holders import HELD_BY
from triage.domain.model import Route, Severity, Topic
from triage.domain.policy import FlagRule, Period, Rule
from triage.domain.school import Person, Role

HEAD, CHAIR, LEAD = "head@oakfield.example", "chair@governors.oakfield.example", "safe@oakfield.example"
YEAR_8, DATA = "year8@oakfield.example", "data@oakfield.example"
SCHOOL = a_school(owners=(("Mr R. Hale", TEACHER), ("", "m.lee@oakfield.example")))
PLACE = Place(SCHOOL, IN_SCHOOL_HOURS, year=8, mailboxes=frozenset({TEACHER}))
EACH = pytest.mark.parametrize("topic", Topic)


def rule(topic: Topic, route: Route, severity: Severity = Severity.REVIEW, **more) -> Rule:
    return Rule(topic, "a clause", flag=FlagRule(route, severity), **more)


COMPLAINT = rule(Topic.COMPLAINT, Route.HEAD_OF_YEAR)


def about(*addresses: str) -> Place:
    """The place of a case with flags about people already."""
    return replace(PLACE, about=frozenset(addresses))


def routes(topic: Topic, found: Rule | None, place: Place, accused: str | None = None) -> list[Route]:
    return [flag.route for flag in missed(topic, found, place, accused)]


def test_what_is_passed_on_is_for_the_lead_today():
    flag = passed_on(PLACE)
    assert (flag.topic, flag.severity, flag.route) == (
        Topic.SAFEGUARDING,
        Severity.HIGH,
        Route.SAFEGUARDING_LEAD,
    )
    assert flag.year == 8


@pytest.mark.parametrize(
    ("concerned", "route"),
    [
        ([LEAD], Route.HEADTEACHER),
        ([LEAD, HEAD], Route.CHAIR_OF_GOVERNORS),
        ([LEAD, HEAD, CHAIR], Route.SAFEGUARDING_LEAD),  # where the deputy sees it, and the lead does not
    ],
)
def test_of_a_case_about_the_lead_it_goes_one_step_up(concerned, route):
    assert passed_on(about(*concerned)).route is route


def test_a_missed_topic_goes_where_the_policy_sends_it_and_as_soon():
    found = rule(Topic.MEDICAL, Route.HEAD_OF_YEAR, Severity.HIGH)
    (flag,) = missed(Topic.MEDICAL, found, PLACE)
    assert (flag.topic, flag.route, flag.severity, flag.year) == (
        Topic.MEDICAL,
        Route.HEAD_OF_YEAR,
        Severity.HIGH,
        8,
    )
    assert (flag.about, flag.deadline) == (None, None)


def test_its_deadline_is_counted_from_the_day_on_which_the_message_came():
    found = rule(Topic.COMPLAINT, Route.HEAD_OF_YEAR, deadline=Period(2, "school days"))
    (flag,) = missed(Topic.COMPLAINT, found, PLACE)
    assert flag.deadline == datetime(2026, 10, 16, 23, 59, tzinfo=LONDON)


@pytest.mark.parametrize("found", [None, Rule(Topic.BEHAVIOUR, "a clause")])
def test_what_the_policy_tells_nobody_is_flagged_to_nobody(found):
    assert missed(Topic.BEHAVIOUR, found, PLACE) == ()
    assert not can_be_missed(Topic.BEHAVIOUR, found)


@pytest.mark.parametrize("found", [None, rule(Topic.SAFEGUARDING, Route.OFFICE)])
def test_safeguarding_goes_to_the_lead_whatever_the_policy(found):
    assert routes(Topic.SAFEGUARDING, found, PLACE) == [Route.SAFEGUARDING_LEAD]
    assert can_be_missed(Topic.SAFEGUARDING, found)


def test_a_mailbox_without_a_line_manager_has_the_headteacher():
    found = rule(Topic.OFFENSIVE, Route.LINE_MANAGER)
    assert routes(Topic.OFFENSIVE, found, PLACE) == [Route.LINE_MANAGER]
    elsewhere = replace(PLACE, mailboxes=frozenset({"m.lee@oakfield.example"}))
    assert routes(Topic.OFFENSIVE, found, elsewhere) == [Route.HEADTEACHER]


def test_a_flag_of_a_case_about_its_reader_goes_past_that_reader():
    assert routes(Topic.COMPLAINT, COMPLAINT, about(YEAR_8)) == [Route.HEADTEACHER]
    assert routes(Topic.COMPLAINT, COMPLAINT, about("year7@oakfield.example")) == [Route.HEAD_OF_YEAR]


def test_while_the_year_is_unknown_every_head_of_year_is_its_reader():
    unknown = replace(about("year7@oakfield.example"), year=None)
    assert routes(Topic.COMPLAINT, COMPLAINT, unknown) == [Route.HEADTEACHER]


def test_a_service_that_is_not_all_concerned_stays_open():
    found = rule(Topic.DATA_REQUEST, Route.DATA_PROTECTION_OFFICER)
    two = (*PEOPLE, Person("data2@oakfield.example", Role.DATA_PROTECTION_OFFICER))
    shared = replace(about(DATA), school=a_school(people=two))
    assert routes(Topic.DATA_REQUEST, found, shared) == [Route.DATA_PROTECTION_OFFICER]
    assert routes(Topic.DATA_REQUEST, found, about(DATA)) == [Route.HEADTEACHER]


class TestAboutStaff:
    def test_it_goes_to_the_headteacher_and_says_about_whom(self):
        (flag,) = missed(Topic.COMPLAINT, COMPLAINT, PLACE, TEACHER.upper())
        assert (flag.route, flag.about, flag.severity) == (Route.HEADTEACHER, TEACHER, Severity.REVIEW)

    def test_about_the_headteacher_it_goes_to_the_chair(self):
        assert routes(Topic.COMPLAINT, COMPLAINT, PLACE, HEAD) == [Route.CHAIR_OF_GOVERNORS]

    def test_harm_goes_to_the_lead_too(self):
        both = [Route.SAFEGUARDING_LEAD, Route.HEADTEACHER]
        assert routes(Topic.SAFEGUARDING, None, PLACE, TEACHER) == both

    def test_harm_by_the_lead_goes_to_the_headteacher_alone(self):
        assert routes(Topic.SAFEGUARDING, None, PLACE, LEAD) == [Route.HEADTEACHER]

    def test_what_the_policy_tells_nobody_is_told_when_it_is_about_staff(self):
        assert routes(Topic.BEHAVIOUR, None, PLACE, TEACHER) == [Route.HEADTEACHER]

    def test_its_deadline_stays(self):
        found = replace(COMPLAINT, deadline=Period(2, "school days"))
        (flag,) = missed(Topic.COMPLAINT, found, PLACE, TEACHER)
        assert flag.deadline is not None

    @EACH
    @pytest.mark.parametrize("accused", [person.address for person in PEOPLE])
    def test_it_never_goes_to_whoever_it_is_about(self, topic, accused):
        flags = missed(topic, rule(topic, Route.HEAD_OF_YEAR), PLACE, accused)
        roles = {person.role for person in PEOPLE if person.address == accused}
        assert flags
        assert all(flag.about == accused and not roles & HELD_BY[flag.route] for flag in flags)


def test_the_staff_known_are_people_with_a_role_and_owners_by_name():
    known = staff_known(SCHOOL)
    assert known[TEACHER] == "Mr R. Hale"
    assert known["m.lee@oakfield.example"] == "m.lee@oakfield.example"
    assert known[HEAD] == "Mrs A. Quill"
    assert list(known.values()) == sorted(known.values(), key=str.casefold)
