"""Who is told at once of a flag, and how long to wait after a failure."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests.factories import AFTER_SCHOOL, IN_SCHOOL_HOURS, PEOPLE, TEACHER, a_school
from triage.context import Alerts, Retrying
from triage.domain.by_hand import Place, missed, passed_on
from triage.domain.hours import opening
from triage.domain.model import Decision, Flag, Reply, Route, Severity, Topic
from triage.domain.school import Role
from triage.outgoing import NOTICE_SUBJECT, alarm, called, notices_by_hand
from triage.visit import backoff

LEAD, DEPUTY, ON_CALL = "safe@oakfield.example", "safe2@oakfield.example", "call@oakfield.example"
YEAR_8 = "year8@oakfield.example"
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

    def test_what_goes_to_the_chair_is_kept_from_a_head_on_call_though_it_names_nobody(self):
        beside = replace(DANGER, route=Route.CHAIR_OF_GOVERNORS)
        assert told(DANGER, beside, on_call=HEAD) == (LEAD, DEPUTY)

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


class TestByHand:
    """What a person finds is told as if the software had found it, and is not forgotten overnight."""

    def notices(self, *flags, about=(), beside=(), actor=YEAR_8, at=IN_SCHOOL_HOURS, school=SCHOOL):
        place = Place(school, at, year=8, about=frozenset(about), beside=tuple(beside))
        return notices_by_hand(flags or [passed_on(place)], place, actor, at)

    def told(self, *flags, **how):
        return [notice.recipient for notice in self.notices(*flags, **how)]

    def test_whom_the_software_would_tell_is_told_of_what_is_passed_on(self):
        assert self.told() == list(told(HIGH, at=OPEN)) == [LEAD, DEPUTY]

    def test_the_notice_is_the_one_that_the_software_sends(self):
        notice = self.notices()[0]
        assert (notice.kind, notice.parts, notice.subject) == ("notify", ("high",), NOTICE_SUBJECT)
        assert (notice.facts, notice.in_reply_to, notice.not_before) == ({}, None, None)

    def test_out_of_hours_it_waits_until_the_school_opens(self):
        (lead, deputy) = self.notices(at=AFTER_SCHOOL)
        assert lead.not_before == deputy.not_before == opening(AFTER_SCHOOL, SCHOOL.calendar).next

    def test_where_nobody_knows_when_the_school_opens_it_goes_out_at_once(self):
        never = replace(SCHOOL, calendar=replace(SCHOOL.calendar, week={}))
        assert [notice.not_before for notice in self.notices(school=never)] == [None, None]

    def test_immediate_danger_waits_for_nothing_and_is_for_the_person_on_call(self):
        (notice,) = self.notices(DANGER, at=AFTER_SCHOOL)
        assert (notice.recipient, notice.parts, notice.not_before) == (ON_CALL, ("immediate",), None)

    @pytest.mark.parametrize("concerned", [LEAD, LEAD.upper()])
    def test_nobody_is_told_of_an_allegation_about_them(self, concerned):
        assert LEAD not in self.told(about(concerned, HIGH))
        assert LEAD not in self.told(about(concerned, HIGH), replace(HIGH, about=TEACHER))

    def test_nor_of_another_matter_in_a_message_about_them(self):
        assert self.told(HIGH, about=[LEAD]) == [DEPUTY]

    def test_what_goes_to_the_chair_already_is_kept_from_a_head_on_call(self):
        beside = [replace(DANGER, route=Route.CHAIR_OF_GOVERNORS)]
        assert self.told(DANGER, beside=beside, school=a_school(on_call=HEAD)) == [LEAD, DEPUTY]

    def test_harm_by_staff_is_told_to_the_leads_and_the_headteacher(self):
        place = Place(SCHOOL, IN_SCHOOL_HOURS, year=8)
        flags = missed(Topic.SAFEGUARDING, None, place, TEACHER)
        assert self.told(*flags) == [LEAD, DEPUTY, HEAD]

    def test_harm_by_the_headteacher_is_told_to_the_leads_and_the_chair(self):
        place = Place(SCHOOL, IN_SCHOOL_HOURS, year=8)
        flags = missed(Topic.SAFEGUARDING, None, place, HEAD)
        assert self.told(*flags) == [LEAD, DEPUTY, CHAIR]

    def test_of_two_flags_at_once_each_is_told_once_and_of_the_more_pressing_one(self):
        alone = a_school(people=tuple(one for one in PEOPLE if one.address == LEAD), on_call=None)
        (notice,) = self.notices(HIGH, DANGER, school=alone)
        assert (notice.recipient, notice.parts) == (LEAD, ("immediate",))

    def test_who_raises_it_is_not_told_of_it(self):
        assert self.told(actor=LEAD.upper()) == [DEPUTY]

    def test_what_calls_nobody_when_the_software_finds_it_calls_nobody(self):
        assert self.told(Flag(Topic.MEDICAL, Severity.HIGH, Route.HEAD_OF_YEAR)) == []
        assert self.told(replace(HIGH, severity=Severity.REVIEW)) == []


@pytest.mark.parametrize("failures", [0, 1, 2, 5, 50, 5000])
def test_the_wait_after_failures_grows_to_a_bound_and_is_spread(failures):
    waits = {backoff(failures, Retrying()) for _ in range(20)}
    assert all(timedelta(seconds=20) < wait <= 1.25 * Retrying().longest for wait in waits)
    assert len(waits) > 1


def test_the_wait_doubles_with_each_failure():
    shortest = [min(backoff(failures, Retrying()) for _ in range(50)) for failures in range(4)]
    assert shortest == sorted(shortest)


class TestTroubleWithTheService:
    def alarmed(self, people):
        context = SimpleNamespace(school=a_school(people=people), alerts=Alerts())
        return [notice.recipient for notice in alarm(context, "breaker", IN_SCHOOL_HOURS)]

    def test_the_administrator_is_told(self):
        assert self.alarmed(PEOPLE) == [ADMIN]

    def test_without_an_administrator_the_head_is_told(self):
        assert self.alarmed([one for one in PEOPLE if one.role is not Role.ADMINISTRATOR]) == [HEAD]
