"""Who is told at once of a flag, and how long to wait after a failure."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests.factories import AFTER_SCHOOL, IN_SCHOOL_HOURS, PEOPLE, TEACHER, a_school
from triage.domain.hours import opening
from triage.domain.model import Decision, Flag, Reply, Route, Severity, Topic
from triage.domain.school import Role
from triage.outgoing import alarm, called
from triage.visit import LONGEST_WAIT, backoff

LEAD, DEPUTY, ON_CALL = "safe@oakfield.example", "safe2@oakfield.example", "call@oakfield.example"
HEAD, CHAIR, ADMIN = "head@oakfield.example", "chair@governors.oakfield.example", "admin@oakfield.example"
DANGER = Flag(Topic.SAFEGUARDING, Severity.IMMEDIATE, Route.SAFEGUARDING_LEAD)
HIGH = replace(DANGER, severity=Severity.HIGH)
SCHOOL = a_school(on_call=ON_CALL)
OPEN, CLOSED = (opening(at, SCHOOL.calendar) for at in (IN_SCHOOL_HOURS, AFTER_SCHOOL))


def told(flag, *beside, on_call=ON_CALL, at=CLOSED, people=PEOPLE):
    """Who is told of a flag that is raised with others."""
    decision = Decision({}, (), Reply(None), (flag, *beside), (), (), "hash")
    return called(a_school(on_call=on_call, people=people), flag, decision, at)


def about(address, flag=DANGER):
    return replace(flag, about=address)


class TestImmediateDanger:
    @pytest.mark.parametrize("at", [OPEN, CLOSED], ids=["open", "closed"])
    def test_the_person_on_call_is_called_at_any_hour(self, at):
        assert told(DANGER, at=at) == (ON_CALL,)

    def test_with_nobody_on_call_the_safeguarding_leads_are_called(self):
        assert told(DANGER, on_call=None) == (LEAD, DEPUTY)

    def test_the_person_whom_an_allegation_concerns_is_never_called(self):
        assert told(about(LEAD), on_call=LEAD) == (DEPUTY,)

    @pytest.mark.parametrize("written", [LEAD, LEAD.upper()])
    def test_nobody_is_called_whom_another_flag_of_the_message_is_about(self, written):
        assert told(DANGER, about(written), on_call=LEAD) == (DEPUTY,)

    def test_when_no_lead_is_left_the_headteacher_is_called(self):
        assert told(about(LEAD), about(DEPUTY), on_call=LEAD) == (HEAD,)

    def test_when_the_headteacher_is_concerned_too_the_chair_is_called(self):
        assert told(DANGER, about(LEAD), about(DEPUTY), about(HEAD), on_call=None) == (CHAIR,)

    def test_when_nobody_else_is_left_an_administrator_is_called(self):
        concerned = (about(LEAD), about(DEPUTY), about(HEAD), about(CHAIR))
        assert told(DANGER, *concerned, on_call=None) == (ADMIN,)

    def test_a_school_without_leads_on_record_still_calls_somebody(self):
        people = tuple(one for one in PEOPLE if one.role is Role.HEADTEACHER)
        assert told(DANGER, on_call=None, people=people) == (HEAD,)

    def test_a_flag_for_the_headteacher_calls_the_headteacher(self):
        assert told(replace(about(LEAD), route=Route.HEADTEACHER), on_call=LEAD) == (HEAD,)

    def test_a_flag_for_the_chair_calls_the_chair(self):
        assert told(replace(about(HEAD), route=Route.CHAIR_OF_GOVERNORS)) == (CHAIR,)

    def test_a_teacher_who_is_concerned_changes_nobody(self):
        assert told(about(TEACHER)) == (ON_CALL,)


class TestHighSafeguarding:
    def test_the_leads_are_told_while_the_school_is_open(self):
        assert told(HIGH, at=OPEN) == (LEAD, DEPUTY)

    def test_out_of_hours_nobody_is_told(self):
        assert told(HIGH, at=CLOSED) == ()

    def test_a_lead_who_is_concerned_is_not_told(self):
        assert told(HIGH, about(LEAD, HIGH), at=OPEN) == (DEPUTY,)

    def test_what_goes_to_the_headteacher_tells_the_headteacher(self):
        assert told(replace(about(LEAD, HIGH), route=Route.HEADTEACHER), at=OPEN) == (HEAD,)

    def test_another_high_flag_tells_nobody(self):
        assert told(Flag(Topic.URGENT, Severity.HIGH, Route.OFFICE), at=OPEN) == ()


@pytest.mark.parametrize("at", [OPEN, CLOSED], ids=["open", "closed"])
def test_a_flag_to_review_tells_nobody(at):
    assert told(replace(DANGER, severity=Severity.REVIEW), at=at) == ()


@pytest.mark.parametrize("failures", [0, 1, 2, 5, 50, 5000])
def test_the_wait_after_failures_grows_to_a_bound_and_is_spread(failures):
    waits = {backoff(failures) for _ in range(20)}
    assert all(timedelta(seconds=20) < wait <= 1.25 * LONGEST_WAIT for wait in waits)
    assert len(waits) > 1


def test_the_wait_doubles_with_each_failure():
    shortest = [min(backoff(failures) for _ in range(50)) for failures in range(4)]
    assert shortest == sorted(shortest)


class TestTroubleWithTheService:
    def alarmed(self, people):
        context = SimpleNamespace(school=a_school(people=people))
        return [notice.recipient for notice in alarm(context, "breaker", IN_SCHOOL_HOURS)]

    def test_the_administrator_is_told(self):
        assert self.alarmed(PEOPLE) == [ADMIN]

    def test_without_an_administrator_the_head_is_told(self):
        assert self.alarmed([one for one in PEOPLE if one.role is not Role.ADMINISTRATOR]) == [HEAD]
