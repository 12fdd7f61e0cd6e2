"""One case as each viewer may see it."""

from dataclasses import replace

import pytest

from tests.factories import PARENT, TEACHER, a_message, an_identity
from tests.store.builders import (
    ABSENCE,
    DISCLOSURE,
    NOW,
    a_mailbox,
    a_notice,
    a_reply,
    an_intake,
    send,
    take_in,
)
from triage.domain.model import Flag, History, Route, Severity, Topic, Verdict
from triage.domain.proof import Proof
from triage.domain.school import Role
from triage.domain.visibility import Access, Viewer
from triage.store.cases import CaseView, read_case
from triage.store.db import Database

TEXT = a_message().text
LEAD = Viewer("safe@oakfield.example", frozenset({Role.SAFEGUARDING_LEAD}))
YEAR_8 = Viewer("year8@oakfield.example", frozenset({Role.HEAD_OF_YEAR}), years=frozenset({8}))
OFFICE = Viewer("office@oakfield.example", frozenset({Role.OFFICE}))
ADMINISTRATOR = Viewer("admin@oakfield.example", frozenset({Role.ADMINISTRATOR}))
OWNER = Viewer(TEACHER, frozenset({Role.TEACHER}))
TO_OFFICE = replace(ABSENCE, route=Route.OFFICE)


@pytest.fixture
def mailbox(database: Database) -> int:
    with database.write() as conn:
        return a_mailbox(conn)


def case_of(database: Database, mailbox: int, *raised: Flag, **more) -> int:
    return take_in(database, an_intake(mailbox, 1, flags=raised, **more)).case_id


def view(database: Database, who: Viewer, case_id: int) -> CaseView | None:
    with database.read() as conn:
        return read_case(conn, who, case_id)


def seen(database: Database, who: Viewer, case_id: int) -> CaseView:
    found = view(database, who, case_id)
    assert found is not None
    return found


def test_the_head_of_year_reads_the_text_with_the_flag(database, mailbox):
    found = seen(database, YEAR_8, case_of(database, mailbox, ABSENCE))
    (letter,) = found.letters
    assert (found.access, letter.text, letter.sender) == (Access.FULL, TEXT, PARENT)
    assert found.pupils == ("P001",)


def test_the_evidence_points_into_the_classified_text(database, mailbox):
    (letter,) = seen(database, YEAR_8, case_of(database, mailbox, ABSENCE)).letters
    (shown,) = letter.evidence
    assert letter.classified[shown.start : shown.end] == shown.text


def test_the_decision_is_told_with_its_gates(database, mailbox):
    (letter,) = seen(database, YEAR_8, case_of(database, mailbox, ABSENCE)).letters
    assert letter.topics == (("absence", 0.9),)
    assert [gate.name for gate in letter.gates] == ["null-return-path"]
    assert (letter.policy_hash, letter.parts) == ("policy-1", ("greeting", "absence", "help"))


def test_the_strictest_flag_governs_the_text_for_everybody(database, mailbox):
    case_id = case_of(database, mailbox, ABSENCE, DISCLOSURE)
    found = seen(database, YEAR_8, case_id)
    assert (found.access, found.letters, found.pupils) == (Access.NONE, (), ())
    assert [row.flag for row in found.flags] == [ABSENCE]


def test_the_safeguarding_lead_reads_all_of_it(database, mailbox):
    found = seen(database, LEAD, case_of(database, mailbox, ABSENCE, DISCLOSURE))
    assert (found.access, len(found.flags), len(found.letters)) == (Access.FULL, 2, 1)


def test_the_office_reads_only_the_words_that_matter(database, mailbox):
    (letter,) = seen(database, OFFICE, case_of(database, mailbox, TO_OFFICE)).letters
    assert [shown.text for shown in letter.evidence] == ["Reading homework"]
    assert (letter.subject, letter.text, letter.classified, letter.gates) == ("", "", "", ())


@pytest.mark.parametrize(
    ("dmarc", "proof"),
    [(Verdict.PASS, Proof.VERIFIED), (Verdict.NONE, Proof.UNPROVEN), (Verdict.FAIL, Proof.FAILED)],
)
def test_the_office_is_told_whether_the_sender_is_who_the_address_says(database, mailbox, dmarc, proof):
    case_id = take_in(
        database, an_intake(mailbox, 3, message=a_message(dmarc=dmarc), flags=[TO_OFFICE])
    ).case_id
    (letter,) = seen(database, OFFICE, case_id).letters
    assert letter.proof is proof


def test_an_absence_that_is_a_disclosure_too_is_closed_to_the_office(database, mailbox):
    assert seen(database, OFFICE, case_of(database, mailbox, TO_OFFICE, DISCLOSURE)).letters == ()


def test_an_administrator_whom_a_case_is_about_does_not_see_that_it_is_there(database, mailbox):
    about = replace(DISCLOSURE, route=Route.HEADTEACHER, about=ADMINISTRATOR.address)
    case_id = case_of(database, mailbox, about)
    with database.read() as conn:
        assert read_case(conn, ADMINISTRATOR, case_id) is None


def test_an_administrator_sees_ids_and_states_of_every_case_and_no_word(database, mailbox):
    case_id = case_of(database, mailbox, DISCLOSURE)
    found = seen(database, ADMINISTRATOR, case_id)
    assert [state for _, state in found.states] == ["open"]
    assert (found.flags, found.letters, found.pupils) == ((), (), ())


def test_a_teacher_sees_what_came_of_their_mail_without_its_text(database, mailbox):
    case_id = case_of(database, mailbox, ABSENCE, actions=[a_reply(mailbox), a_notice(mailbox)])
    found = seen(database, OWNER, case_id)
    assert [row.flag.topic for row in found.flags] == [Topic.ABSENCE]
    assert (found.letters, [action.kind for action in found.actions]) == ((), ["reply"])


def test_a_teacher_does_not_learn_that_a_case_is_a_disclosure(database, mailbox):
    assert view(database, OWNER, case_of(database, mailbox, DISCLOSURE)) is None


def test_whom_an_allegation_is_about_sees_nothing_of_the_case(database, mailbox):
    allegation = Flag(Topic.SAFEGUARDING, Severity.IMMEDIATE, Route.HEADTEACHER, about=LEAD.address)
    assert view(database, LEAD, case_of(database, mailbox, allegation, ABSENCE)) is None


def test_an_unflagged_case_is_shown_to_nobody(database, mailbox):
    assert view(database, LEAD, case_of(database, mailbox)) is None


def test_a_case_that_is_not_there_is_none(database):
    assert view(database, LEAD, 99) is None


def test_copies_in_several_mailboxes_are_one_letter(database, mailbox):
    case_id = case_of(database, mailbox, ABSENCE)
    with database.write() as conn:
        other = a_mailbox(conn, "head@oakfield.example")
    take_in(database, an_intake(other, 1, flags=[ABSENCE]))
    assert len(seen(database, LEAD, case_id).letters) == 1


def test_an_answer_is_a_second_letter_of_the_case(database, mailbox):
    unknown = an_identity(pupils=(), years=())
    recorded = take_in(
        database, an_intake(mailbox, 1, identity=unknown, flags=[ABSENCE], actions=[a_reply(mailbox)])
    )
    send(database, recorded.action_ids[0])
    answer = a_message(message_id="<answer@home.example>", text="Jake, 8B")
    history = History(answers_our_reply=recorded.case_id)
    take_in(database, an_intake(mailbox, 2, message=answer, history=history, flags=[ABSENCE]))
    found = seen(database, LEAD, recorded.case_id)
    assert [letter.text for letter in found.letters] == [TEXT, "Jake, 8B"]
    assert found.pupils == ("P001",)


def test_what_became_of_the_reply_is_told_by_its_state(database, mailbox):
    recorded = take_in(database, an_intake(mailbox, 1, flags=[ABSENCE], actions=[a_reply(mailbox)]))
    send(database, recorded.action_ids[0])
    (action,) = seen(database, LEAD, recorded.case_id).actions
    assert (action.kind, action.state, action.reason) == ("reply", "sent", None)


def test_times_of_a_case_are_those_of_the_record(database, mailbox):
    assert seen(database, LEAD, case_of(database, mailbox, ABSENCE)).created_at == NOW
