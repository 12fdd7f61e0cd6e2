"""What one look finds is handled together, and comes out as if each message had come alone."""

import pytest
from sqlalchemy import select

import triage.batch
import triage.store.decided
from tests.acceptance.school import a_mail
from tests.restraint.running import MY_SON, answered
from triage.mail.imap import MailboxSession
from triage.store.errors import StoreError
from triage.store.tables import decisions

MATTER = "Jake is being bullied by some of the boys in his form, and he is very unhappy."
AGAIN = "Jake is still being bullied by those boys, every day on the bus."
IN_DANGER = "Jake has hurt himself on purpose last night and says that he wants to die."
STRANGER = "tom@brand.example"


@pytest.fixture
def deliver(worded):
    def _deliver(text: str, **more) -> None:
        sender = more.get("sender")
        mail = a_mail(text, to=worded.address(), **more)
        worded.deliver(mail, **({"mail_from": sender} if sender else {}))

    return _deliver


@pytest.fixture
def breaking(monkeypatch):
    """Make writing fail for what has such a text, as a defect of ours would."""
    index = triage.store.decided.index_words

    def _breaking(text: str) -> None:
        def broken(conn, case_id, words) -> None:
            if text in words:
                raise RuntimeError(text)
            index(conn, case_id, words)

        monkeypatch.setattr(triage.store.decided, "index_words", broken)

    return _breaking


def test_what_a_message_has_opened_is_under_discussion_for_the_next_of_the_same_look(worded, deliver):
    deliver(MATTER)
    deliver("What time is the fair?", sender=STRANGER)
    deliver(AGAIN)
    worded.poll()
    assert worded.states() == {"decided": 3}
    assert [topic for topic, *_ in worded.flags()].count("sensitive-issue") == 1


def test_a_disclosure_takes_the_form_letter_from_the_next_message_of_the_same_look(worded, deliver):
    deliver(IN_DANGER)
    deliver(MY_SON, subject="Jake again")
    worded.poll()
    assert worded.states() == {"decided": 2}
    assert answered(worded) == []
    with worded.service.database.read() as conn:
        parts = conn.execute(select(decisions.c.parts).order_by(decisions.c.id)).scalars().all()
    assert "absence" not in parts[1]


def test_a_message_that_cannot_be_written_costs_none_that_came_with_it(worded, deliver, breaking):
    breaking("in his form")
    deliver(MATTER)
    deliver("What time is the fair?", sender=STRANGER)
    worded.poll()
    assert worded.states() == {"quarantined": 1, "decided": 1}


def test_whoever_is_called_at_any_hour_is_called_whatever_the_messages_behind_do(
    worded, deliver, monkeypatch
):
    deliver(IN_DANGER)
    deliver(MATTER, sender=STRANGER)
    judge = triage.batch.judge_letter

    def killed(facts, delivery, letter, history_of):
        if letter.message.sender.address == STRANGER:
            raise KeyboardInterrupt
        return judge(facts, delivery, letter, history_of)

    monkeypatch.setattr(triage.batch, "judge_letter", killed)
    with pytest.raises(KeyboardInterrupt):
        worded.poll()
    assert [topic for topic, *_ in worded.flags()] == ["safeguarding"]


def test_nobody_waits_for_a_large_message_that_came_behind(worded, deliver, monkeypatch):
    deliver(MATTER)
    deliver("What time is the fair?" + " x" * 700_000, sender=STRANGER)
    states, fetch = [], MailboxSession._by_parts

    def noted(session, uid, cap_bytes):
        states.append(worded.states())
        return fetch(session, uid, cap_bytes)

    monkeypatch.setattr(MailboxSession, "_by_parts", noted)
    worded.poll()
    assert states == [{"decided": 1, "seen": 1}]


def test_a_message_that_met_another_transaction_in_a_ring_is_written_at_the_second_try(
    worded, deliver, monkeypatch
):
    losses = [StoreError("locked")]
    write = triage.batch.record_all

    def losing(*args):
        for loss in losses:
            losses.clear()
            raise loss
        return write(*args)

    monkeypatch.setattr(triage.batch, "record_all", losing)
    deliver(MATTER)
    worded.poll()
    assert (losses, worded.states()) == ([], {"decided": 1})
