"""Notices of what a person raises: with their flag or not at all, and once."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from tests.factories import a_message, a_school
from tests.store.builders import NOW, a_mailbox, a_notice, actions_of, an_intake, claim, send, take_in
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.visibility import viewer
from triage.store import workflow
from triage.store.actions import add_action
from triage.store.flagging import raise_flag
from triage.store.flags import DROPPED
from triage.store.health import withheld
from triage.store.notices import CONCERNED, read_notices
from triage.store.outbox import Claimed, Withheld, due
from triage.store.switches import stop_replies
from triage.store.tables import flags
from triage.store.workflow import Change, ChangedMeanwhileError

YEAR_8, LEAD, DEPUTY = "year8@oakfield.example", "safe@oakfield.example", "safe2@oakfield.example"
HEAD, ADMIN = "head@oakfield.example", "admin@oakfield.example"
SCHOOL = a_school()
QUARREL = Flag(Topic.CONTENTIOUS, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8, why="heat")
MEDICAL = replace(QUARREL, topic=Topic.MEDICAL)
HARM = Flag(Topic.SAFEGUARDING, Severity.HIGH, Route.SAFEGUARDING_LEAD, year=8, why="passed on")
NOTICES = [a_notice(dedupe=f"high:{to}", recipient=to, parts=("high",)) for to in (LEAD, DEPUTY)]


@pytest.fixture
def case(database) -> int:
    """A case with two open flags, 1 and 2, of a message in one teacher's mailbox."""
    with database.write() as conn:
        mailbox = a_mailbox(conn)
    return take_in(database, an_intake(mailbox, 1, message=a_message(), flags=(QUARREL, MEDICAL))).case_id


def pass_on(database, flag=1, version=0, notices=NOTICES):
    with database.write() as conn:
        return workflow.pass_to_lead(conn, Change(flag, version, YEAR_8, NOW), HARM, "", notices)


def add_missed(database, *raised, version=0, notices=NOTICES):
    with database.write() as conn:
        return workflow.add_missed(conn, Change(1, version, YEAR_8, NOW), raised, "", notices)


def asked(database, case):
    return actions_of(database, case)


def recipients(database, case):
    return [action.recipient for action in asked(database, case)]


def test_each_notice_of_what_is_passed_on_is_a_row_that_is_due(database, case):
    pass_on(database)
    assert recipients(database, case) == [LEAD, DEPUTY]
    with database.read() as conn:
        assert due(conn, NOW, 9) == [action.id for action in asked(database, case)]


def test_so_is_each_notice_of_what_was_missed(database, case):
    add_missed(database, HARM)
    assert recipients(database, case) == [LEAD, DEPUTY]


def test_one_that_waits_for_the_school_to_open_is_not_due_before(database, case):
    pass_on(database, notices=[replace(NOTICES[0], not_before=NOW.replace(hour=20))])
    with database.read() as conn:
        assert due(conn, NOW, 9) == []
        assert len(due(conn, NOW.replace(hour=20), 9)) == 1


def test_whoever_is_second_raises_no_flag_and_causes_no_notice(database, case):
    pass_on(database)
    with pytest.raises(ChangedMeanwhileError):
        pass_on(database)
    assert len(asked(database, case)) == 2


def test_of_a_flag_that_is_not_kept_no_notice_is_kept_either(database, case):
    def fails():
        yield from NOTICES
        raise RuntimeError("the power failed")

    with pytest.raises(RuntimeError, match="the power failed"):
        pass_on(database, notices=fails())
    assert asked(database, case) == []


def test_a_flag_that_two_people_raise_is_told_once(database, case):
    pass_on(database)
    add_missed(database, HARM, version=1)
    pass_on(database, flag=2)
    assert recipients(database, case) == [LEAD, DEPUTY]


def test_what_is_raised_anew_after_it_was_closed_is_told_anew(database, case):
    lead_flag = pass_on(database)
    with database.write() as conn:
        workflow.resolve(conn, Change(lead_flag, 0, LEAD, NOW), "not referred", "looked into")
    with database.write() as conn:
        workflow.pass_to_lead(conn, Change(2, 0, YEAR_8, NOW.replace(hour=12)), HARM, "", NOTICES)
    assert recipients(database, case) == [LEAD, DEPUTY, LEAD, DEPUTY]


def test_it_is_told_although_replies_are_stopped_and_only_rehearsed(database, case):
    pass_on(database)
    with database.write() as conn:
        stop_replies(conn, "by hand", HEAD, NOW)
    assert all(isinstance(claim(database, one.id, live=False), Claimed) for one in asked(database, case))


class TestWhoMayKnow:
    def shown(self, database, case, who):
        with database.read() as conn:
            return [notice.recipient for notice in read_notices(conn, viewer(SCHOOL, who), case)]

    def test_the_leads_know_of_every_notice(self, database, case):
        pass_on(database)
        assert self.shown(database, case, DEPUTY) == [LEAD, DEPUTY]

    def test_somebody_else_knows_of_their_own(self, database, case):
        pass_on(database, notices=[*NOTICES, replace(NOTICES[0], dedupe="x", recipient=HEAD.title())])
        assert self.shown(database, case, HEAD) == [HEAD.title()]

    @pytest.mark.parametrize("who", [YEAR_8, ADMIN, HEAD])
    def test_and_of_no_other(self, database, case, who):
        pass_on(database)
        assert self.shown(database, case, who) == []

    def test_it_is_told_how_it_stands(self, database, case):
        pass_on(database)
        send(database, asked(database, case)[0].id)
        with database.read() as conn:
            first, second = read_notices(conn, viewer(SCHOOL, LEAD), case)
        assert (first.state, first.attempts, first.ended) == ("sent", 1, NOW)
        assert (second.state, second.attempts, second.due, second.ended) == ("pending", 0, NOW, None)


class TestWhomItIsAbout:
    def ask(self, database, case, flag, *, kind="notify", to=LEAD) -> int:
        """Ask for a notice of the case, then raise a flag on it; return the notice."""
        new = a_notice(dedupe=to, recipient=to, parts=("immediate",))
        with database.write() as conn:
            asked = add_action(conn, database.keyring, case, replace(new, kind=kind), NOW)
            raise_flag(conn, case, flag, NOW, origin="by hand")
        return asked

    def test_who_is_accused_while_their_notice_waits_never_gets_it(self, database, case):
        asked = self.ask(database, case, replace(HARM, about=LEAD.upper()))
        assert claim(database, asked) == Withheld(CONCERNED)

    def test_the_others_get_theirs(self, database, case):
        assert isinstance(claim(database, self.ask(database, case, replace(HARM, about=DEPUTY))), Claimed)

    def test_the_head_gets_none_of_what_goes_to_the_chair(self, database, case):
        past_the_head = replace(HARM, route=Route.CHAIR_OF_GOVERNORS)
        asked = self.ask(database, case, past_the_head, to=HEAD)
        assert claim(database, asked) == Withheld(CONCERNED)

    def test_an_alert_about_the_person_on_call_is_withheld(self, database, case):
        asked = self.ask(database, case, replace(HARM, about=SCHOOL.on_call), kind="alert", to="on-call 1")
        assert claim(database, asked) == Withheld(CONCERNED)

    def test_what_was_marked_as_wrong_keeps_nobody_from_it(self, database, case):
        asked = self.ask(database, case, replace(HARM, about=LEAD))
        with database.write() as conn:
            conn.execute(update(flags).where(flags.c.about.is_not(None)).values(state=DROPPED))
        assert isinstance(claim(database, asked), Claimed)

    def test_no_page_tells_that_a_notice_was_kept_from_somebody(self, database, case):
        claim(database, self.ask(database, case, replace(HARM, about=LEAD)))
        with database.read() as conn:
            assert read_notices(conn, viewer(SCHOOL, DEPUTY), case) == ()
            assert read_notices(conn, viewer(SCHOOL, LEAD), case) == ()
            assert withheld(conn, ADMIN, NOW) == {}
