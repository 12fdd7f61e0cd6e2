"""What an answer to our reply changes on its case, as it stands when the answer is written down."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.factories import a_guardian, a_message, a_pupil, an_identity
from tests.store.builders import ABSENCE, DISCLOSURE, NOW, a_mailbox, an_intake, close_flag, take_in
from triage.domain.model import History, Route
from triage.domain.named_later import Head, Told
from triage.domain.roster import Roster
from triage.store import workflow
from triage.store.roster import replace_roster
from triage.store.tables import case_pupils, decisions, flag_events, flags
from triage.store.workflow import Change

JAKE, ELLA = "P001", "P002"
HEAD = Head("year10@oakfield.example", frozenset({"marsh"}))
TOLD_ELLA = Told((ELLA,), (10,), only=True, sure=True, heads=(HEAD,))
UNKNOWN = an_identity(pupils=(), several=(JAKE, ELLA), years=())
FOR_OFFICE = replace(ABSENCE, route=Route.OFFICE)
FIRST = a_message(text="He won't be in school today. Mr Hale knows.")


@pytest.fixture
def mailbox(database) -> int:
    pupils = [a_pupil(), a_pupil(id=ELLA, given="Ella", year=10, form="10A")]
    roster = Roster(pupils, [a_guardian(pupils=(JAKE, ELLA))])
    with database.write() as conn:
        replace_roster(conn, database.keyring, roster, "test", NOW)
        return a_mailbox(conn)


@pytest.fixture
def first(database, mailbox):
    """Take in the first message of the case with some flags."""

    def _first(*raised, identity=None, message=FIRST, uid=1, box=mailbox):
        return take_in(database, an_intake(box, uid, message=message, identity=identity, flags=raised))

    return _first


@pytest.fixture
def answer(database, mailbox):
    """Take in an answer to the reply of a case."""

    def _answer(case, told=TOLD_ELLA, uid=2, box=mailbox, **more):
        message = a_message(message_id=f"<answer-{uid}@home.example>", text="Sorry, it's Ella, 10A")
        history = History(answers_our_reply=case.case_id)
        intake_ = an_intake(box, uid, message=message, history=history, told=told, **more)
        return take_in(database, intake_)

    return _answer


@pytest.fixture
def pupils(database):
    """The pupils of all cases."""

    def _pupils() -> list[str]:
        with database.read() as conn:
            return sorted(conn.execute(select(case_pupils.c.pupil_id)).scalars())

    return _pupils


@pytest.fixture
def flagged(database):
    """Topic, route, year and the last thing that happened, of each flag."""

    def _flagged() -> list[tuple]:
        last = select(flag_events.c.event).where(flag_events.c.flag_id == flags.c.id)
        event = last.order_by(flag_events.c.id.desc()).limit(1).scalar_subquery()
        with database.read() as conn:
            rows = conn.execute(select(flags.c.route, flags.c.year, event).order_by(flags.c.id))
            return [tuple(row) for row in rows]

    return _flagged


@pytest.fixture
def take(database):
    """Let somebody take the first flag."""

    def _take(holder: str) -> None:
        with database.write() as conn:
            workflow.take(conn, Change(1, 0, holder, NOW), holder)

    return _take


def test_the_child_and_the_year_are_filled_in(first, answer, pupils, flagged):
    answer(first(replace(ABSENCE, year=None), identity=UNKNOWN))
    assert (pupils(), flagged()) == ([ELLA], [("head-of-year", 10, "routed")])


def test_the_offices_flag_gets_its_year_too(first, answer, flagged):
    answer(first(replace(FOR_OFFICE, year=None), identity=UNKNOWN))
    assert flagged() == [("office", 10, "routed")]


def test_an_absence_of_the_same_child_in_the_answer_is_no_second_line(first, answer, flagged):
    answer(first(replace(FOR_OFFICE, year=None), identity=UNKNOWN), flags=[replace(FOR_OFFICE, year=10)])
    assert len(flagged()) == 1


def test_the_leads_flag_gets_the_pupil(first, answer, pupils, flagged):
    answer(first(replace(DISCLOSURE, year=None), identity=UNKNOWN))
    assert (pupils(), flagged()) == ([ELLA], [("safeguarding-lead", 10, "routed")])


def test_a_flag_moves_to_the_year_of_the_child_whom_a_correction_names(first, answer, pupils, flagged):
    answer(first(ABSENCE))
    assert (pupils(), flagged()) == ([ELLA], [("head-of-year", 10, "moved")])


def test_who_has_the_page_open_meanwhile_cannot_close_a_flag_that_has_moved(database, first, answer):
    answer(first(ABSENCE))
    with database.write() as conn, pytest.raises(workflow.ChangedMeanwhileError):
        workflow.resolve(conn, Change(1, 0, "year8@oakfield.example", NOW), "done", "")


def test_a_flag_that_somebody_has_taken_stays_with_them_and_the_right_head_gets_one(
    first, answer, take, flagged
):
    case = first(ABSENCE)
    take("year8@oakfield.example")
    answer(case)
    assert flagged() == [("head-of-year", 8, "named another"), ("head-of-year", 10, "raised")]


def test_a_flag_without_a_year_that_the_right_head_has_taken_gets_its_year(first, answer, take, flagged):
    case = first(replace(ABSENCE, year=None), identity=UNKNOWN)
    take(HEAD.address)
    answer(case)
    assert flagged() == [("head-of-year", 10, "routed")]


def test_a_flag_without_a_year_that_another_head_has_taken_stays_in_sight_of_all(
    first, answer, take, flagged
):
    case = first(replace(ABSENCE, year=None), identity=UNKNOWN)
    take("year8@oakfield.example")
    answer(case)
    assert flagged() == [("head-of-year", None, "named another")]


def test_a_flag_does_not_move_to_a_head_of_year_whom_the_message_names(first, answer, flagged):
    case = first(ABSENCE, message=a_message(text="Mr Marsh was rude to him."))
    answer(case)
    assert flagged() == [("head-of-year", 8, "named another")]


def test_a_name_opens_nothing_that_is_closed(database, first, answer, flagged):
    case = first(ABSENCE)
    with database.write() as conn:
        close_flag(conn, 1, "done")
    answer(case)
    assert flagged() == [("head-of-year", 8, "resolved")]


def test_nobody_leaves_a_case_of_safeguarding(first, answer, pupils, flagged):
    answer(first(DISCLOSURE))
    assert (pupils(), flagged()) == ([JAKE, ELLA], [("safeguarding-lead", 8, "raised")])


def test_a_child_who_could_not_be_told_is_noted_for_whoever_has_the_flag(first, answer, pupils, flagged):
    answer(first(ABSENCE), told=Told(only=True, unclear=True))
    assert (pupils(), flagged()) == ([JAKE], [("head-of-year", 8, "named unclearly")])


def test_an_answer_that_tells_nothing_changes_nothing(first, answer, pupils, flagged):
    answer(first(ABSENCE), told=None, identity=an_identity(pupils=(ELLA,), years=(10,)))
    assert (pupils(), flagged()) == ([JAKE], [("head-of-year", 8, "raised")])


def test_a_copy_of_the_answer_in_another_mailbox_changes_nothing_more(database, first, answer, flagged):
    case = first(ABSENCE)
    with database.write() as conn:
        other = a_mailbox(conn, "office@oakfield.example")
    answer(case)
    answer(case, box=other)
    assert flagged() == [("head-of-year", 10, "moved")]


def test_a_late_copy_of_the_first_message_undoes_nothing(database, first, answer, pupils, flagged):
    answer(first(ABSENCE))
    with database.write() as conn:
        late = a_mailbox(conn, "office@oakfield.example")
    first(ABSENCE, box=late)
    assert (pupils(), flagged()) == ([ELLA], [("head-of-year", 10, "moved")])


def test_the_words_of_an_answer_that_told_the_child_of_a_flag_are_kept(database, first, answer):
    answer(first(ABSENCE))
    with database.read() as conn:
        kept = list(conn.execute(select(decisions.c.text).order_by(decisions.c.id)).scalars())
    assert kept == [FIRST.text, "Sorry, it's Ella, 10A"]


def test_the_words_of_an_answer_on_a_case_without_a_flag_are_not_kept(database, first, answer):
    answer(first())
    with database.read() as conn:
        assert list(conn.execute(select(decisions.c.text)).scalars()) == [None, None]
