"""Who is shown which flags, and how a flag ends."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import PARENT, TEACHER, a_message, a_school
from tests.store.builders import ABSENCE, DISCLOSURE, NOW, a_mailbox, an_intake, close_flag, take_in
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.visibility import Scope, admits, scope, viewer
from triage.store import audit, decided, flags, intake
from triage.store.db import Database

SAFE = "safe@oakfield.example"
HEAD = "head@oakfield.example"
YEAR_8 = Scope("year8@oakfield.example", head_of_year=True, years=frozenset({8}))
LEAD_OF_NOBODY = Scope("nobody@oakfield.example", everything=True)
LEAD = Scope(SAFE, everything=True)
PLACES = (TEACHER, HEAD, "m.lee@oakfield.example")
A_FLAG = st.builds(
    Flag,
    topic=st.sampled_from([Topic.ABSENCE, Topic.URGENT, Topic.SAFEGUARDING, Topic.COMPLAINT, Topic.MEDICAL]),
    severity=st.sampled_from(Severity),
    route=st.sampled_from(Route),
    year=st.sampled_from([None, 7, 8]),
    about=st.sampled_from([None, *PLACES]),
)
A_SCOPE = st.builds(
    Scope,
    address=st.sampled_from(PLACES),
    everything=st.booleans(),
    routes=st.frozensets(st.sampled_from(Route), max_size=2),
    office=st.booleans(),
    head_of_year=st.booleans(),
    years=st.frozensets(st.sampled_from([7, 8])),
    manages=st.frozensets(st.sampled_from(PLACES)),
    own_mail=st.booleans(),
)


@pytest.fixture
def mailbox(database: Database) -> int:
    with database.write() as conn:
        return a_mailbox(conn)


def raise_all(database: Database, mailbox: int, *raised: Flag, uid: int = 1) -> tuple[int, ...]:
    message = a_message(message_id=f"<{uid}@home.example>")
    return take_in(database, an_intake(mailbox, uid, message=message, flags=raised)).flag_ids


def shown(database: Database, within: Scope, state: str = "open") -> list[Flag]:
    with database.read() as conn:
        return [row.flag for row in flags.list_flags(conn, within, state)]


def resolve(database: Database, flag_id: int) -> None:
    with database.write() as conn:
        close_flag(conn, flag_id, "spoke to her", actor=HEAD, note="rang home")


def test_a_flag_comes_back_as_it_was_raised(database, mailbox):
    flag = replace(ABSENCE, deadline=NOW + timedelta(hours=2), about=TEACHER)
    raise_all(database, mailbox, flag)
    assert shown(database, LEAD) == [flag]


def test_a_head_of_year_sees_the_year_and_the_year_unknown(database, mailbox):
    unknown, other = replace(ABSENCE, year=None), replace(ABSENCE, year=9)
    raise_all(database, mailbox, ABSENCE, unknown, other)
    assert {flag.year for flag in shown(database, YEAR_8)} == {8, None}


def test_safeguarding_is_not_shown_to_a_head_of_year(database, mailbox):
    raise_all(database, mailbox, DISCLOSURE)
    assert shown(database, YEAR_8) == []


def test_an_allegation_is_never_shown_to_whom_it_is_about(database, mailbox):
    allegation = Flag(Topic.SAFEGUARDING, Severity.IMMEDIATE, Route.HEADTEACHER, about=SAFE)
    raise_all(database, mailbox, allegation)
    assert shown(database, LEAD) == []


def test_nor_is_anything_else_of_that_case(database, mailbox):
    allegation = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=YEAR_8.address.upper())
    raise_all(database, mailbox, allegation, ABSENCE)
    assert shown(database, YEAR_8) == []


def test_a_viewer_without_any_role_sees_nothing(database, mailbox):
    raise_all(database, mailbox, ABSENCE, DISCLOSURE)
    assert shown(database, scope(viewer(a_school(), "stranger@elsewhere.example"))) == []


def test_the_parent_sees_nothing_of_what_they_raised(database, mailbox):
    raise_all(database, mailbox, ABSENCE)
    assert shown(database, Scope(PARENT, own_mail=True)) == []


def test_a_teacher_sees_what_came_of_their_own_mail_only(database, mailbox):
    with database.write() as conn:
        other = a_mailbox(conn, HEAD)
    raise_all(database, mailbox, ABSENCE)
    raise_all(database, other, replace(ABSENCE, year=7), uid=2)
    assert [flag.year for flag in shown(database, Scope(TEACHER, own_mail=True))] == [8]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raised=st.lists(A_FLAG, min_size=1, max_size=3), within=A_SCOPE, place=st.sampled_from(PLACES))
def test_the_query_shows_exactly_what_the_rule_admits(database, raised, within, place):
    with database.engine.connect() as conn, conn.begin() as transaction:
        box = a_mailbox(conn, place)
        from_intake = record_in(conn, database, box, raised)
        stored = [row.flag for row in flags.list_flags(conn, LEAD_OF_NOBODY) if row.id in from_intake]
        listed = [row.flag for row in flags.list_flags(conn, within) if row.id in from_intake]
        transaction.rollback()
    expected = [flag for flag in stored if admits(within, flag, frozenset({place}), stored)]
    assert listed == expected


def record_in(conn, database, box, raised) -> set[int]:
    """Record one flagged message in a transaction that is rolled back."""
    intake.begin_attempts(conn, box, 77, [1], NOW)
    return set(decided.record(conn, database.keyring, an_intake(box, 1, flags=raised)).flag_ids)


def test_the_most_pressing_comes_first_then_the_deadline_then_the_oldest(database, mailbox):
    soon = replace(ABSENCE, topic=Topic.URGENT, deadline=NOW)
    later = replace(ABSENCE, topic=Topic.MEDICAL, deadline=NOW + timedelta(days=1))
    raise_all(database, mailbox, ABSENCE, later, soon, DISCLOSURE)
    order = [flag.topic for flag in shown(database, LEAD)]
    assert order == [Topic.SAFEGUARDING, Topic.URGENT, Topic.MEDICAL, Topic.ABSENCE]


def test_a_resolved_flag_leaves_the_queue(database, mailbox):
    (flag_id,) = raise_all(database, mailbox, ABSENCE)
    resolve(database, flag_id)
    assert (shown(database, LEAD), shown(database, LEAD, "resolved")) == ([], [ABSENCE])


def test_the_history_tells_who_resolved_it_and_why(database, mailbox):
    (flag_id,) = raise_all(database, mailbox, ABSENCE)
    resolve(database, flag_id)
    with database.read() as conn:
        last = flags.flag_events(conn, flag_id)[-1]
    assert last == flags.FlagEvent(NOW, "resolved", HEAD, "spoke to her", "rang home")


def test_resolving_is_in_the_audit_by_id_only(database, mailbox):
    (flag_id,) = raise_all(database, mailbox, ABSENCE)
    resolve(database, flag_id)
    with database.read() as conn:
        (line,) = audit.lines(conn)
    assert (line.actor, line.action, line.object) == (HEAD, "flag resolved", f"flag {flag_id}")


def test_counts_tell_numbers_only(database, mailbox):
    raise_all(database, mailbox, ABSENCE, replace(ABSENCE, topic=Topic.MEDICAL), DISCLOSURE)
    with database.read() as conn:
        found = flags.flag_counts(conn)
    assert found == [
        flags.FlagCount("head-of-year", "review", "open", 2),
        flags.FlagCount("safeguarding-lead", "immediate", "open", 1),
    ]
