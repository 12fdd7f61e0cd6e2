"""The office's list as it is read: what is left out of a long one, and how a line was closed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import a_message
from tests.store.builders import NOW, a_mailbox, an_intake, take_in
from triage.domain.model import Flag, History, Route, Severity, Topic
from triage.domain.school import Role
from triage.domain.visibility import Viewer
from triage.store import absences
from triage.store.absences import AbsenceList, find_absence, read_absences
from triage.store.workflow import Change, mark_wrong, pass_to_lead

OFFICE = Viewer("office@oakfield.example", frozenset({Role.OFFICE}))
LEAD = Viewer("safe@oakfield.example", frozenset({Role.SAFEGUARDING_LEAD}))
ABSENCE = Flag(Topic.ABSENCE, Severity.REVIEW, Route.OFFICE, year=8, why="told by email")
HARM = Flag(Topic.SAFEGUARDING, Severity.HIGH, Route.SAFEGUARDING_LEAD, year=8, why="passed on")
URGENT = Flag(Topic.URGENT, Severity.HIGH, Route.OFFICE, year=8, why="today")
DAY = timedelta(days=1)


@pytest.fixture
def told(database):
    """Records a message with these flags."""
    with database.write() as conn:
        mailbox = a_mailbox(conn)

    def tell(uid: int, *flags: Flag) -> int:
        message = a_message(message_id=f"<{uid}@home.example>")
        return take_in(database, an_intake(mailbox, uid, message=message, flags=flags)).case_id

    return tell


def read(database, who: Viewer = OFFICE) -> AbsenceList:
    with database.read() as conn:
        return read_absences(conn, who, NOW - DAY, NOW - DAY)


def test_a_list_that_is_too_long_is_cut_and_says_so(database, told, monkeypatch):
    monkeypatch.setattr(absences, "MOST", 2)
    for uid in (1, 2, 3):
        told(uid, ABSENCE)
    found = read(database)
    assert (len(found.today), found.is_cut) == (2, True)


def test_what_is_urgent_is_never_what_is_cut(database, told, monkeypatch):
    monkeypatch.setattr(absences, "MOST", 2)
    told(1, URGENT)
    for uid in (2, 3, 4):
        told(uid, ABSENCE)
    assert [each.row.flag.topic for each in read(database).urgent] == [Topic.URGENT]


def test_a_list_of_just_so_many_is_not_cut(database, told, monkeypatch):
    monkeypatch.setattr(absences, "MOST", 2)
    told(1, ABSENCE)
    told(2, ABSENCE)
    assert not read(database).is_cut


def test_what_was_passed_on_is_closed_to_the_office_and_says_by_whom(database, told):
    told(1, ABSENCE)
    with database.write() as conn:
        pass_to_lead(conn, Change(1, 0, OFFICE.address, NOW), HARM, "he sounds unsafe")
    (line,) = read(database).done
    assert line.is_closed_to_office
    assert line.closing.actor == OFFICE.address


def test_an_answer_that_only_names_the_child_makes_no_new_absence_of_it(database):
    early = a_message(received=NOW - 3 * DAY)
    with database.write() as conn:
        mailbox = a_mailbox(conn)
    case = take_in(database, an_intake(mailbox, 1, message=early, flags=[ABSENCE])).case_id
    history = History(answers_our_reply=case)
    answer = a_message(message_id="<answer@home.example>", received=NOW)
    taken = an_intake(mailbox, 2, message=answer, history=history)
    take_in(database, replace(taken, decision=replace(taken.decision, topics={})))
    (line,) = read(database).earlier
    assert line.received == early.received


def test_a_guess_that_was_wrong_is_on_no_list(database, told):
    told(1, ABSENCE)
    with database.write() as conn:
        mark_wrong(conn, Change(1, 0, OFFICE.address, NOW), Topic.ABSENCE)
    assert read(database).every == ()


def test_an_absence_that_goes_to_a_head_of_year_is_not_the_offices(database, told):
    told(1, Flag(Topic.ABSENCE, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8))
    assert read(database, LEAD).every == ()
    with database.read() as conn:
        assert find_absence(conn, LEAD, 1) is None


def test_that_a_line_was_passed_to_the_safeguarding_lead_is_told_to_nobody(database, told):
    """The list lies printed on a desk: not even whoever did it reads it there."""
    case = told(1, ABSENCE)
    with database.write() as conn:
        pass_to_lead(conn, Change(1, 0, OFFICE.address, NOW), HARM, "he sounds unsafe")
    for who in (OFFICE, Viewer("office2@oakfield.example", OFFICE.roles), LEAD):
        (line,) = read(database, who).done
        assert (line.row.case_id, line.closing.actor, line.closing.at) == (case, OFFICE.address, NOW)
        assert (line.closing.event, line.closing.reason, line.closing.note) == ("resolved", "", "")
