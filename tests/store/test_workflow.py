"""What people do with a flag: each change once, by one person, on the record."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, Update, select, text, update

from tests.factories import a_message, a_school
from tests.store.builders import NOW, a_mailbox, an_intake, take_in
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.visibility import Access, viewer
from triage.store import audit, workflow
from triage.store.beside import beside
from triage.store.cases import read_case
from triage.store.db import Database
from triage.store.encrypted import keyring_of
from triage.store.flagging import raise_flag
from triage.store.flags import FlagRow, flag_events
from triage.store.tables import corrections, decisions, flags
from triage.store.workflow import Change, ChangedMeanwhileError

YEAR_8, OTHER, LEAD = "year8@oakfield.example", "year7@oakfield.example", "safe@oakfield.example"
SCHOOL = a_school()
QUARREL = Flag(Topic.CONTENTIOUS, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8, why="heat")
HARM = Flag(Topic.SAFEGUARDING, Severity.HIGH, Route.SAFEGUARDING_LEAD, year=8, why="passed on")
MEDICAL = replace(QUARREL, topic=Topic.MEDICAL)
LATER = NOW + timedelta(minutes=5)


def take(conn, change):
    workflow.take(conn, change, YEAR_8)


def note(conn, change):
    workflow.add_note(conn, change, "rang, no answer")


def resolve(conn, change):
    workflow.resolve(conn, change, "nothing to do", "")


def pass_on(conn, change):
    return workflow.pass_to_lead(conn, change, HARM, "worried")


def mark_wrong(conn, change, topic="contentious"):
    workflow.mark_wrong(conn, change, topic)


def add_missed(conn, change, *missed):
    return workflow.add_missed(conn, change, missed or (MEDICAL,), "also this")


ACTS = (take, note, resolve, pass_on, mark_wrong, add_missed)
CHANGES = pytest.mark.parametrize("act", ACTS, ids=[act.__name__ for act in ACTS])


@pytest.fixture
def case(database: Database) -> int:
    with database.write() as conn:
        mailbox = a_mailbox(conn)
    return take_in(database, an_intake(mailbox, 1, message=a_message(), flags=(QUARREL,))).case_id


def two_at_once(database: Database, act: Callable[[Connection], object], row: Update) -> None:
    """Change a row and write a line, while somebody who waits for the row acts; raises what either raises."""
    with ThreadPoolExecutor(1) as beside:
        with database.write() as conn:
            conn.execute(row)
            acting = beside.submit(acted, database, act)
            wait_until_somebody_waits(database)
            audit.append(conn, database.keyring, NOW, LEAD, "flag taken", object_="flag 2")
        acting.result(timeout=20)


def acted(database: Database, act: Callable[[Connection], object]) -> None:
    with database.write() as conn:
        act(conn)


def wait_until_somebody_waits(database: Database) -> None:
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    for _ in range(200):
        with database.read() as conn:
            if conn.execute(waiting).scalar_one():
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def row(database, case, topic=Topic.CONTENTIOUS) -> FlagRow:
    with database.read() as conn:
        view = read_case(conn, viewer(SCHOOL, LEAD), case)
    return next(each for each in view.flags if each.flag.topic is topic)


def do(database, act, flag: FlagRow, actor=YEAR_8):
    with database.write() as conn:
        return act(conn, Change(flag.id, flag.version, actor, LATER))


def history(database, flag_id):
    with database.read() as conn:
        return [(each.event, each.actor, each.reason, each.note) for each in flag_events(conn, flag_id)]


def access(database, who, case):
    with database.read() as conn:
        return beside(conn, viewer(SCHOOL, who), [case])[case].access


@CHANGES
def test_of_two_people_at_once_the_second_is_told_and_changes_nothing(database, case, act):
    shown = row(database, case)
    do(database, act, shown)
    before = history(database, shown.id)
    for again in ACTS:
        with pytest.raises(ChangedMeanwhileError):
            do(database, again, shown, OTHER)
    assert history(database, shown.id) == before


@CHANGES
def test_every_change_is_in_the_history_and_in_the_audit_by_who_did_it(database, case, act):
    shown = row(database, case)
    do(database, act, shown)
    assert history(database, shown.id)[-1][1] == YEAR_8
    with database.read() as conn:
        line = next(line for line in reversed(audit.lines(conn)) if line.object == f"flag {shown.id}")
    assert line.actor == YEAR_8


def test_what_is_closed_is_not_closed_again_and_what_is_open_not_opened(database, case):
    with pytest.raises(ChangedMeanwhileError):
        do(database, lambda conn, change: workflow.reopen(conn, change, "x"), row(database, case))
    do(database, resolve, row(database, case))
    with pytest.raises(ChangedMeanwhileError):
        do(database, resolve, row(database, case))


def test_a_flag_that_is_not_there_is_not_closed(database, case):
    with pytest.raises(ChangedMeanwhileError), database.write() as conn:
        resolve(conn, Change(99, 0, YEAR_8, LATER))


def test_the_history_tells_who_gave_it_to_whom(database, case):
    do(database, lambda conn, change: workflow.take(conn, change, OTHER), row(database, case))
    do(database, take, row(database, case))
    do(database, lambda conn, change: workflow.take(conn, change, None), row(database, case))
    assert history(database, row(database, case).id)[1:] == [
        ("assigned", YEAR_8, "", OTHER),
        ("taken", YEAR_8, "", YEAR_8),
        ("released", YEAR_8, "", ""),
    ]


def test_whoever_takes_a_flag_holds_it_until_it_is_released(database, case):
    do(database, take, row(database, case))
    assert row(database, case).holder == YEAR_8
    do(database, lambda conn, change: workflow.take(conn, change, None), row(database, case))
    assert row(database, case).holder is None


def test_a_flag_that_became_more_pressing_is_not_closed_by_who_read_it_before(database, case):
    shown = row(database, case)
    with database.write() as conn:
        raise_flag(conn, case, replace(QUARREL, severity=Severity.HIGH), LATER)
    with pytest.raises(ChangedMeanwhileError):
        do(database, resolve, shown)


def test_a_closed_flag_can_be_opened_again(database, case):
    do(database, resolve, row(database, case))
    do(database, lambda conn, change: workflow.reopen(conn, change, "she wrote again"), row(database, case))
    opened = row(database, case)
    assert (opened.state, opened.resolved_at) == ("open", None)


class TestPassingOn:
    def test_the_lead_gets_a_flag_for_today(self, database, case):
        passed = do(database, pass_on, row(database, case))
        raised = row(database, case, Topic.SAFEGUARDING)
        assert raised.id == passed
        assert (raised.flag.severity, raised.flag.route) == (Severity.HIGH, Route.SAFEGUARDING_LEAD)

    def test_the_message_is_closed_to_who_passed_it_on(self, database, case):
        assert access(database, YEAR_8, case) is Access.FULL
        do(database, pass_on, row(database, case))
        assert access(database, YEAR_8, case) is Access.NONE
        assert access(database, LEAD, case) is Access.FULL

    def test_the_note_goes_with_it_and_stays_for_nobody_else(self, database, case):
        shown = row(database, case)
        passed = do(database, pass_on, shown)
        assert history(database, passed)[-1] == ("raised by a person", YEAR_8, "", "worried")
        assert history(database, shown.id)[-1] == ("passed on", YEAR_8, "passed to the safeguarding lead", "")


class TestCorrections:
    def test_a_wrong_guess_is_dropped_from_the_record(self, database, case):
        with database.write() as conn:
            wrong = raise_flag(conn, case, replace(QUARREL, topic=Topic.ABSENCE), NOW)
        shown = row(database, case, Topic.ABSENCE)
        do(database, partial(mark_wrong, topic="absence"), shown)
        with database.read() as conn:
            decided = conn.execute(select(decisions)).mappings().one()
            state = conn.execute(select(flags.c.state).where(flags.c.id == wrong)).scalar_one()
        assert (decided["topics"], decided["scores"], json.loads(decided["evidence"])) == ({}, {}, [])
        assert state == "dropped"

    def test_a_flag_that_stands_for_more_goes_on_without_the_wrong_topic(self, database, case):
        with database.write() as conn:
            raise_flag(conn, case, replace(QUARREL, joined=(Topic.COMPLAINT,)), NOW)
        do(database, mark_wrong, row(database, case))
        left = row(database, case, Topic.COMPLAINT)
        assert (left.state, left.flag.joined) == ("open", ())

    def test_what_was_wrong_and_what_was_missed_is_kept_for_the_classifier(self, database, case):
        do(database, mark_wrong, row(database, case))
        with database.write() as conn:
            raise_flag(conn, case, replace(QUARREL, topic=Topic.ABSENCE), NOW)
        do(database, add_missed, row(database, case, Topic.ABSENCE))
        with database.read() as conn:
            kept = conn.execute(select(corrections).order_by(corrections.c.id)).mappings().all()
        assert [(each["topic"], each["verdict"], each["actor"]) for each in kept] == [
            ("contentious", "not there", YEAR_8),
            ("medical", "missed", YEAR_8),
        ]

    def test_a_missed_topic_is_flagged_now_with_the_note_of_who_found_it(self, database, case):
        (missed,) = do(database, add_missed, row(database, case))
        assert row(database, case, Topic.MEDICAL).id == missed
        assert history(database, missed)[-1] == ("raised by a person", YEAR_8, "", "also this")

    def test_what_was_missed_is_found_under_a_closed_flag_too(self, database, case):
        do(database, resolve, row(database, case))
        do(database, add_missed, row(database, case))
        assert row(database, case, Topic.MEDICAL).state == "open"
        assert row(database, case).state == "resolved"

    def test_a_topic_that_was_missed_for_two_people_is_one_correction(self, database, case):
        head = replace(HARM, route=Route.HEADTEACHER)
        do(database, partial(lambda conn, change: add_missed(conn, change, HARM, head)), row(database, case))
        with database.read() as conn:
            assert len(conn.execute(select(corrections)).all()) == 1

    def test_what_is_flagged_already_is_not_flagged_twice(self, database, case):
        shown = row(database, case)
        assert do(database, lambda conn, change: add_missed(conn, change, QUARREL), shown) == [shown.id]

    def test_what_another_flag_stands_for_is_not_forgotten(self, database, case):
        with database.write() as conn:
            raise_flag(conn, case, replace(QUARREL, topic=Topic.ABSENCE), NOW)
            raise_flag(conn, case, replace(QUARREL, topic=Topic.ABSENCE, year=7), NOW)
        shown = row(database, case, Topic.ABSENCE)
        do(database, partial(mark_wrong, topic="absence"), shown)
        with database.read() as conn:
            assert list(conn.execute(select(decisions.c.topics)).scalar_one()) == ["absence"]
        do(database, partial(mark_wrong, topic="absence"), row(database, case, Topic.ABSENCE))
        with database.read() as conn:
            assert conn.execute(select(decisions.c.topics)).scalar_one() == {}

    def test_the_reasons_no_longer_name_what_was_wrong(self, database, case):
        why = "absence 0.90: by telephone; behaviour 0.70: told at a meeting; not today"
        with database.write() as conn:
            both = replace(QUARREL, topic=Topic.ABSENCE, joined=(Topic.BEHAVIOUR,), why=why)
            raise_flag(conn, case, both, NOW)
        do(database, partial(mark_wrong, topic="absence"), row(database, case, Topic.ABSENCE))
        left = row(database, case, Topic.BEHAVIOUR).flag
        assert left.why == "behaviour 0.70: told at a meeting; not today"

    def test_a_safeguarding_guess_that_was_wrong_leaves_no_mark_of_danger(self, database, case):
        with database.write() as conn:
            raise_flag(conn, case, HARM, NOW)
            conn.execute(update(decisions).values(immediate=True, phrase_floor=True))
        do(database, partial(mark_wrong, topic="safeguarding"), row(database, case, Topic.SAFEGUARDING), LEAD)
        with database.read() as conn:
            marks = conn.execute(select(decisions.c.immediate, decisions.c.phrase_floor)).one()
        assert tuple(marks) == (False, False)

    def test_why_it_was_wrong_stays_in_the_history(self, database, case):
        with database.write() as conn:
            raise_flag(conn, case, replace(QUARREL, joined=(Topic.COMPLAINT,)), NOW)
        shown = row(database, case)
        do(
            database,
            lambda conn, change: workflow.mark_wrong(conn, change, "complaint", "a thank-you"),
            shown,
        )
        assert history(database, shown.id)[-1] == ("marked as wrong", YEAR_8, "complaint", "a thank-you")

    def test_a_dropped_safeguarding_guess_no_longer_closes_the_message(self, database, case):
        with database.write() as conn:
            guess = Flag(Topic.SAFEGUARDING, Severity.REVIEW, Route.SAFEGUARDING_LEAD, year=8, why="x")
            raise_flag(conn, case, guess, NOW)
        assert access(database, YEAR_8, case) is Access.NONE
        shown = row(database, case, Topic.SAFEGUARDING)
        do(database, partial(mark_wrong, topic="safeguarding"), shown, LEAD)
        assert access(database, YEAR_8, case) is Access.FULL

    def test_whoever_was_wrongly_taken_for_accused_still_does_not_see_the_case(self, database, case):
        with database.write() as conn:
            about = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=YEAR_8, why="x")
            raise_flag(conn, case, about, NOW)
        shown = row(database, case, Topic.COMPLAINT)
        do(database, partial(mark_wrong, topic="complaint"), shown, LEAD)
        with database.read() as conn:
            assert read_case(conn, viewer(SCHOOL, YEAR_8), case) is None


# two at once, where rows can be locked one by one


@pytest.fixture
def harm_too(database: Database, case: int) -> int:
    """A flag for the lead on the same case, beside that of the head of year."""
    if database.engine.dialect.name == "sqlite":
        pytest.skip("on SQLite one writes at a time")
    with database.write() as conn:
        return raise_flag(conn, case, HARM, NOW)


def missed_harm(conn: Connection, change: Change) -> object:
    return workflow.add_missed(conn, change, [replace(HARM, severity=Severity.IMMEDIATE)], "also this")


def note_and_then_change(conn: Connection, change: Change) -> None:
    audit.append(conn, keyring_of(conn), NOW, YEAR_8, "flag noted", object_="flag 2")
    conn.execute(update(flags).where(flags.c.id == change.flag_id + 1).values(why="changed"))


@pytest.mark.parametrize("act", [pass_on, missed_harm, note_and_then_change])
def test_who_changes_another_flag_too_and_who_is_about_to_write_a_line_of_it_both_come_through(
    database, harm_too, act
):
    taken = update(flags).where(flags.c.id == harm_too).values(version=flags.c.version + 1)
    two_at_once(database, lambda conn: act(conn, Change(1, 0, YEAR_8, LATER)), taken)
    with database.read() as conn:
        assert audit.verify(conn, database.keyring) is None
        assert audit.lines(conn)[0].actor == LEAD


def test_two_who_change_the_same_two_flags_come_through_in_either_order(database, case, harm_too):
    """Both hold the flags of the case before the first change, the oldest first."""
    oldest = update(flags).where(flags.c.id == 1).values(why="read")

    def missed_beside_the_second(conn: Connection) -> None:
        workflow.add_missed(conn, Change(harm_too, 0, LEAD, LATER), [QUARREL])

    with ThreadPoolExecutor(1) as beside:
        with database.write() as conn:
            conn.execute(oldest)
            acting = beside.submit(acted, database, missed_beside_the_second)
            wait_until_somebody_waits(database)
            workflow.pass_to_lead(conn, Change(1, 0, YEAR_8, LATER), HARM, "worried")
        acting.result(timeout=20)
