"""What people have said is not there: to whom it is told beside how the software decided."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import a_message, a_school
from tests.store.builders import NOW, a_mailbox, an_intake, take_in
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.visibility import viewer
from triage.store.cases import CaseView, read_case
from triage.store.taken_away import TakenAway
from triage.store.workflow import Change, add_missed, mark_wrong

YEAR_8, LEAD, OFFICE = "year8@oakfield.example", "safe@oakfield.example", "office@oakfield.example"
SCHOOL = a_school()
QUARREL = Flag(Topic.CONTENTIOUS, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8, why="heat")
BOTH = replace(QUARREL, joined=(Topic.COMPLAINT,))
HARM = Flag(Topic.SAFEGUARDING, Severity.HIGH, Route.SAFEGUARDING_LEAD, year=8, why="a phrase")
ABSENCE = Flag(Topic.ABSENCE, Severity.REVIEW, Route.OFFICE, year=8, why="told")
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def receive(database):
    """Takes in a message with flags."""
    with database.write() as conn:
        mailbox = a_mailbox(conn)

    def take(*raised: Flag) -> int:
        return take_in(database, an_intake(mailbox, 1, message=a_message(), flags=raised)).case_id

    return take


def wrong(database, flag: int, topic: Topic, actor: str = YEAR_8, version: int = 0) -> None:
    with database.write() as conn:
        mark_wrong(conn, Change(flag, version, actor, LATER), topic.value)


def seen(database, who: str, case: int = 1) -> CaseView:
    with database.read() as conn:
        view = read_case(conn, viewer(SCHOOL, who), case)
    assert view is not None
    return view


def test_by_whom_and_when_is_told_of_the_topic(database, receive):
    receive(BOTH)
    wrong(database, 1, Topic.CONTENTIOUS)
    expected = (TakenAway("contentious", LATER, YEAR_8),)
    assert seen(database, YEAR_8).taken_away == seen(database, LEAD).taken_away == expected


def test_it_is_told_of_a_flag_that_was_dropped_whole(database, receive):
    receive(QUARREL, replace(QUARREL, topic=Topic.MEDICAL))
    wrong(database, 2, Topic.MEDICAL)
    assert [each.topic for each in seen(database, YEAR_8).taken_away] == ["medical"]


def test_nothing_is_said_of_a_topic_for_which_another_flag_stands(database, receive):
    receive(QUARREL, replace(QUARREL, year=None))
    wrong(database, 1, Topic.CONTENTIOUS)
    assert seen(database, YEAR_8).taken_away == ()


def test_nor_of_one_that_was_found_after_all(database, receive):
    receive(BOTH)
    wrong(database, 1, Topic.CONTENTIOUS)
    with database.write() as conn:
        add_missed(conn, Change(1, 1, LEAD, LATER), [QUARREL])
    assert seen(database, YEAR_8).taken_away == ()


def test_a_guess_that_was_the_leads_alone_is_told_to_nobody_else_nor_how_it_came_about(database, receive):
    receive(QUARREL, HARM)
    wrong(database, 2, Topic.SAFEGUARDING, LEAD)
    assert [each.topic for each in seen(database, LEAD).taken_away] == ["safeguarding"]
    assert seen(database, LEAD).letters[0].gates
    assert seen(database, YEAR_8).taken_away == ()
    assert [(letter.gates, letter.why) for letter in seen(database, YEAR_8).letters] == [((), ())]


def test_how_it_was_decided_stays_for_whoever_is_told_all_of_it(database, receive):
    receive(BOTH)
    wrong(database, 1, Topic.CONTENTIOUS)
    assert seen(database, YEAR_8).letters[0].gates


def test_the_office_is_told_of_its_own_topics(database, receive):
    receive(ABSENCE, replace(ABSENCE, topic=Topic.URGENT), replace(QUARREL, year=7))
    wrong(database, 1, Topic.ABSENCE, OFFICE)
    wrong(database, 3, Topic.CONTENTIOUS, LEAD)
    assert [each.topic for each in seen(database, OFFICE).taken_away] == ["absence"]
