"""What the record says of a message before it is decided."""

from dataclasses import replace
from datetime import timedelta

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
    claim,
    claimed,
    close_flag,
    put,
    read,
    send,
    settle,
    take_in,
)
from triage.domain.model import History, Topic, Verdict
from triage.store import sent
from triage.store.db import Database
from triage.store.history import JOINS_FOR, read_history

OTHER = "tom@brand.example"


def history(database: Database, message=None, identity=None, *, resync: bool = False) -> History:
    message, identity = message or a_message(), identity or an_identity()
    with database.read() as conn:
        return read_history(conn, database.keyring, message, identity, mailbox=TEACHER, resync=resync)


@pytest.fixture
def mailbox(database: Database) -> int:
    with database.write() as conn:
        return a_mailbox(conn)


def answer(message_id: str, **changes):
    return a_message(message_id="<answer@home.example>", in_reply_to=(message_id,), **changes)


def test_an_empty_record_says_nothing(database: Database):
    assert history(database) == History()


def test_a_resync_is_handed_on(database: Database):
    assert history(database, resync=True).resync


def test_an_answer_to_our_reply_is_known_by_its_message_id(database: Database, mailbox: int):
    sent = send(database, put(database, a_reply(mailbox)))
    assert history(database, answer(sent.message_id)).answers_our_reply == sent.action.case_id


def test_an_answer_from_somebody_else_is_none(database: Database, mailbox: int):
    sent = send(database, put(database, a_reply(mailbox)))
    assert history(database, answer(sent.message_id, sender=OTHER)).answers_our_reply is None


def test_an_answer_is_known_whatever_the_case_of_the_address(database: Database, mailbox: int):
    sent = send(database, put(database, a_reply(mailbox)))
    assert history(database, answer(sent.message_id, sender=PARENT.upper())).answers_our_reply is not None


def test_who_writes_anew_by_answering_an_old_reply_joins_no_case(database: Database, mailbox: int):
    sent = send(database, put(database, a_reply(mailbox)))
    joined, alone = (
        history(database, answer(sent.message_id, received=NOW + span))
        for span in (JOINS_FOR - timedelta(hours=1), JOINS_FOR + timedelta(hours=1))
    )
    assert (joined.answers_our_reply, alone.answers_our_reply) == (sent.action.case_id, None)
    assert alone.answers_automatic


def test_part_of_our_message_id_is_not_enough(database: Database, mailbox: int):
    sent = send(database, put(database, a_reply(mailbox)))
    assert history(database, answer(sent.message_id[:-2] + ">")).answers_our_reply is None


def test_without_in_reply_to_the_last_reference_counts(database: Database, mailbox: int):
    sent = send(database, put(database, a_reply(mailbox)))
    last = a_message(message_id="<a@b.example>", references=("<x@y.example>", sent.message_id))
    assert history(database, last).answers_our_reply == sent.action.case_id


def test_a_later_letter_in_the_thread_is_no_answer_to_our_reply(database: Database, mailbox: int):
    sent = send(database, put(database, a_reply(mailbox)))
    later = a_message(
        message_id="<a@b.example>",
        in_reply_to=("<staff@oakfield.example>",),
        references=(sent.message_id, "<staff@oakfield.example>"),
    )
    assert history(database, later).answers_our_reply is None


def test_an_unsure_reply_can_be_answered(database: Database, mailbox: int):
    mine = claimed(database, put(database, a_reply(mailbox)))
    settle(database, mine, "unsure")
    assert history(database, answer(mine.message_id)).answers_our_reply == mine.action.case_id


def test_a_notice_is_not_a_reply_to_answer(database: Database, mailbox: int):
    sent = send(database, put(database, a_notice(mailbox)))
    message = answer(sent.message_id, sender="safe@oakfield.example")
    assert history(database, message).answers_our_reply is None


def test_our_own_mail_is_known_when_it_comes_back(database: Database, mailbox: int):
    for new in (a_reply(mailbox), a_notice(mailbox)):
        sent = send(database, put(database, new))
        assert history(database, a_message(message_id=sent.message_id)).is_our_own


def test_a_message_without_a_message_id_is_not_ours(database: Database, mailbox: int):
    put(database, a_reply(mailbox))
    assert not history(database, a_message(message_id=None)).is_our_own


def test_an_open_safeguarding_flag_on_the_sender_is_known(database: Database, mailbox: int):
    take_in(database, an_intake(mailbox, 1, flags=[DISCLOSURE]))
    assert history(database, identity=an_identity(pupils=())).open_safeguarding


def test_an_open_safeguarding_flag_on_the_pupil_is_known(database: Database, mailbox: int):
    take_in(database, an_intake(mailbox, 1, flags=[DISCLOSURE]))
    assert history(database, a_message(sender=OTHER)).open_safeguarding


def test_an_open_safeguarding_flag_on_a_child_who_may_be_meant_is_known(database: Database, mailbox: int):
    take_in(database, an_intake(mailbox, 1, flags=[DISCLOSURE]))
    siblings = an_identity(pupils=(), several=("P001", "P009"))
    assert history(database, a_message(sender=OTHER), siblings).open_safeguarding


@pytest.mark.parametrize("dmarc", [Verdict.NONE, Verdict.UNKNOWN])
def test_t2_whoever_is_not_verified_cannot_learn_of_a_pupils_flag(database: Database, mailbox: int, dmarc):
    take_in(database, an_intake(mailbox, 1, flags=[DISCLOSURE]))
    assert not history(database, a_message(sender=OTHER, dmarc=dmarc)).open_safeguarding


def test_a_safeguarding_flag_on_others_does_not_count(database: Database, mailbox: int):
    take_in(database, an_intake(mailbox, 1, flags=[DISCLOSURE]))
    assert not history(database, a_message(sender=OTHER), an_identity(pupils=("P004",))).open_safeguarding


def test_another_open_flag_does_not_count(database: Database, mailbox: int):
    take_in(database, an_intake(mailbox, 1, flags=[ABSENCE]))
    assert not history(database).open_safeguarding


def test_a_resolved_safeguarding_flag_does_not_count(database: Database, mailbox: int):
    (flag_id,) = take_in(database, an_intake(mailbox, 1, flags=[DISCLOSURE])).flag_ids
    with database.write() as conn:
        close_flag(conn, flag_id, "done", actor="safe")
    assert not history(database).open_safeguarding


def test_a_suppressed_correspondent_is_known_with_the_reason(database: Database, mailbox: int):
    mine = claimed(database, put(database, a_reply(mailbox)))
    settle(database, mine, "rejected", code=550, recipient_refused=True)
    assert history(database).suppressed == "the address refused a reply"


LETTER = "<letter@mail.example>"


def note_sent(database: Database, *message_ids: str, read_at=NOW) -> None:
    """Read the sent mail of the teacher's mailbox to its end."""
    with database.write() as conn:
        sent.add_sent(conn, dict.fromkeys(message_ids, NOW))
        folder = sent.SentFolder(folder="Sent", uidvalidity=1, high_water=9, read_at=read_at)
        sent.save_sent_folder(conn, TEACHER, folder)


@pytest.mark.parametrize(
    "thread",
    [
        {"in_reply_to": (LETTER,)},
        {"references": (LETTER, "<later@home.example>")},
        {"in_reply_to": ("<later@home.example>",), "references": (LETTER, "<later@home.example>")},
    ],
)
def test_whoever_answers_what_staff_have_sent_is_known_by_the_thread(database: Database, thread):
    note_sent(database, LETTER)
    assert history(database, a_message(**thread)).answers_sent


def test_whoever_answers_something_else_is_known_not_to_while_sent_mail_is_read(database: Database):
    note_sent(database, LETTER)
    assert history(database, answer("<other@oakfield.example>")).answers_sent is False


def test_nothing_is_known_while_sent_mail_is_not_read(database: Database):
    assert history(database, answer("<other@oakfield.example>")).answers_sent is None


def test_nothing_is_known_when_sent_mail_was_last_read_long_before(database: Database):
    note_sent(database, LETTER, read_at=NOW - timedelta(days=2))
    assert history(database, answer("<other@oakfield.example>")).answers_sent is None


def test_a_letter_that_was_sent_is_known_for_ever_so_long(database: Database):
    note_sent(database, LETTER, read_at=NOW - timedelta(days=2))
    assert history(database, answer(LETTER)).answers_sent


@pytest.mark.parametrize("whose", [PARENT, OTHER])
def test_whoever_answers_mail_of_ours_answers_a_machine(database: Database, mailbox: int, whose):
    message_id = send(database, put(database, a_reply(mailbox))).message_id
    assert history(database, answer(message_id, sender=whose)).answers_automatic


def test_an_answer_to_nothing_of_ours_answers_no_machine(database: Database, mailbox: int):
    send(database, put(database, a_reply(mailbox)))
    assert not history(database, answer(LETTER)).answers_automatic


def test_what_is_under_discussion_is_handed_on(database: Database, mailbox: int):
    early = a_message(message_id="<early@home.example>")
    opened = replace(ABSENCE, topic=Topic.SENSITIVE_ISSUE)
    take_in(database, an_intake(mailbox, 1, message=early, flags=[opened]))
    assert history(database).under_discussion == {Topic.SENSITIVE_ISSUE}


def test_a_reply_withheld_was_never_heard_of(database: Database, mailbox: int):
    action_id = put(database, a_reply(mailbox))
    claim(database, action_id, live=False)
    assert read(database, action_id).message_id is None
