"""One case as each viewer may see it."""

from dataclasses import replace

import pytest

from tests.factories import PARENT, TEACHER, a_message, a_roster, an_identity
from tests.store.builders import (
    ABSENCE,
    DISCLOSURE,
    NOW,
    a_mailbox,
    a_notice,
    a_reply,
    an_intake,
    claimed,
    confirm,
    send,
    settle,
    take_in,
)
from triage.domain.model import Attachment, Evidence, Flag, History, Route, Severity, Topic, Verdict
from triage.domain.named_later import Told
from triage.domain.proof import Proof
from triage.domain.school import Role
from triage.domain.visibility import Access, Viewer
from triage.store.cases import CaseView, Html, read_case, read_html
from triage.store.db import Database
from triage.store.outbox import Outcome
from triage.store.roster import replace_roster
from triage.store.tables import decisions

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
    told = Told(pupils=("P001",), years=(8,), only=True, sure=True)
    take_in(database, an_intake(mailbox, 2, message=answer, history=history, told=told, flags=[ABSENCE]))
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


# how the message itself is shown

PAGE = "<p>Which <b>page</b>?</p>"
FORM = Attachment("form.pdf", "application/pdf", 1200)


def laid_out(**more: object):
    return replace(a_message(attachments=(FORM,)), **({"html": PAGE} | more))


def html_of(database: Database, case_id: int) -> Html | None:
    (letter,) = seen(database, LEAD, case_id).letters
    with database.read() as conn:
        return read_html(conn, letter)


def test_the_name_beside_the_address_and_what_was_attached_are_kept_with_a_flag(database, mailbox):
    (letter,) = seen(database, YEAR_8, case_of(database, mailbox, ABSENCE, message=laid_out())).letters
    assert (letter.sender_name, letter.attachments) == ("Sara Pole", (FORM,))


@pytest.mark.parametrize("cut", [True, False])
def test_the_html_of_a_flagged_message_is_kept_and_whether_its_end_is_missing(database, mailbox, cut):
    case_id = case_of(database, mailbox, ABSENCE, message=laid_out(html_cut=cut))
    assert seen(database, YEAR_8, case_id).letters[0].laid_out
    assert html_of(database, case_id) == Html(PAGE, cut)


def test_a_plain_message_has_no_html_to_show(database, mailbox):
    case_id = case_of(database, mailbox, ABSENCE)
    assert not seen(database, YEAR_8, case_id).letters[0].laid_out
    assert html_of(database, case_id) is None


def test_of_a_message_without_a_flag_neither_html_nor_names_are_kept(database, mailbox):
    case_of(database, mailbox, message=laid_out())
    with database.read() as conn:
        row = conn.execute(decisions.select()).one()
    assert (row.html, row.html_cut, row.attachments, row.sender_name) == (None, None, None, None)


def test_nothing_of_the_html_can_be_read_in_the_database_without_the_key(database, mailbox):
    case_of(database, mailbox, ABSENCE, message=laid_out())
    with database.engine.connect() as conn:
        row = conn.exec_driver_sql("SELECT html, attachments, sender_name FROM decisions").one()
    stored = b"".join(bytes(each) for each in row)
    assert not any(word in stored for word in (b"page", b"form.pdf", b"Sara"))


def test_a_message_of_an_earlier_version_has_no_attachments_and_no_name(database, mailbox):
    case_id = case_of(database, mailbox, ABSENCE)
    with database.write() as conn:
        conn.execute(decisions.update().values(attachments=None, sender_name=None, html_cut=None))
    (letter,) = seen(database, YEAR_8, case_id).letters
    assert (letter.sender_name, letter.attachments, letter.laid_out) == ("", (), False)


@pytest.mark.parametrize("topic", [Topic.OFFENSIVE, Topic.INDECENT])
def test_a_case_that_is_flagged_as_abusive_or_indecent_is_folded(database, mailbox, topic):
    joined = replace(ABSENCE, joined=(topic,))
    (letter,) = seen(database, YEAR_8, case_of(database, mailbox, joined)).letters
    assert letter.folded


def test_a_message_with_abusive_words_is_folded_for_the_office_too(database, mailbox):
    intake_ = an_intake(mailbox, 1, flags=[TO_OFFICE])
    abuse = Evidence(Topic.OFFENSIVE, "homework", 8, 16)
    found = replace(intake_.classification, evidence=(*intake_.classification.evidence, abuse))
    case_id = take_in(database, replace(intake_, classification=found)).case_id
    assert seen(database, OFFICE, case_id).letters[0].folded


def test_an_ordinary_message_is_not_folded(database, mailbox):
    assert not seen(database, YEAR_8, case_of(database, mailbox, ABSENCE)).letters[0].folded


def test_pupils_whom_the_roster_knows_are_told_with_their_form(database, mailbox):
    with database.write() as conn:
        replace_roster(conn, database.keyring, a_roster(), "roster.csv", NOW)
    found = seen(database, YEAR_8, case_of(database, mailbox, ABSENCE))
    assert [(pupil.given, pupil.family, pupil.form) for pupil in found.on_roll] == [("Jake", "Pole", "8B")]


def test_whoever_may_not_read_the_text_is_not_told_who_the_pupils_are(database, mailbox):
    with database.write() as conn:
        replace_roster(conn, database.keyring, a_roster(), "roster.csv", NOW)
    assert seen(database, OWNER, case_of(database, mailbox, ABSENCE)).on_roll == ()


# what was sent


def answered(database: Database, mailbox: int, outcome: Outcome, flag: Flag = ABSENCE) -> int:
    """A case whose reply, to which a notice stands beside, has gone out."""
    actions = [a_reply(mailbox), a_notice(mailbox)]
    recorded = take_in(database, an_intake(mailbox, 1, flags=[flag], actions=actions))
    for action_id in recorded.action_ids:
        mine = claimed(database, action_id)
        assert confirm(database, mine)
        assert settle(database, mine, outcome, raw=b"To: \xc3\xa9\r\n\r\nthe bytes\r\n")
    return recorded.case_id


@pytest.mark.parametrize("outcome", ["sent", "unsure"])
def test_what_the_sender_was_sent_is_there_byte_for_byte(database, mailbox, outcome):
    (sent,) = seen(database, LEAD, answered(database, mailbox, outcome)).sent
    assert (sent.raw, sent.state) == (b"To: \xc3\xa9\r\n\r\nthe bytes\r\n", outcome)
    assert (sent.recipient, sent.at) == (PARENT, NOW)


def test_a_reply_that_was_refused_was_not_sent(database, mailbox):
    assert seen(database, LEAD, answered(database, mailbox, "rejected")).sent == ()


def test_what_was_sent_is_for_whoever_may_read_the_whole_message(database, mailbox):
    case_id = answered(database, mailbox, "sent", TO_OFFICE)
    assert len(seen(database, LEAD, case_id).sent) == 1
    for who in (OFFICE, OWNER, ADMINISTRATOR):
        assert seen(database, who, case_id).sent == ()
