"""Claim, confirm, settle, recover: an action's way, with every place where a process may die."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import PARENT
from tests.store.builders import (
    MINUTE,
    NOW,
    a_mailbox,
    a_notice,
    a_reply,
    claim,
    claimed,
    confirm,
    put,
    read,
    send,
    settle,
    state_of,
)
from triage.domain.model import Route, Trouble
from triage.store import outbox
from triage.store.db import Database, database_now, open_database
from triage.store.outbox import Claimed, NewAction, NotDue, Recovered
from triage.store.settlement import LABEL_ATTEMPTS
from triage.store.tables import actions, flags

HOUR = timedelta(hours=1)


@pytest.fixture
def mailbox(database: Database) -> int:
    with database.write() as conn:
        return a_mailbox(conn)


@pytest.fixture
def due_reply(database: Database, mailbox: int) -> int:
    return put(database, a_reply(mailbox))


def recover(database: Database) -> Recovered:
    with database.write() as conn:
        return outbox.recover(conn, NOW)


def raised(database: Database) -> list[tuple[str, str]]:
    with database.read() as conn:
        return [(row[0], row[1]) for row in conn.execute(select(flags.c.topic, flags.c.route))]


def due(database: Database, limit: int = 10, now=NOW) -> list[int]:
    with database.read() as conn:
        return outbox.due(conn, now, limit)


def put_off(database: Database, action_id: int) -> None:
    with database.write() as conn:
        outbox.put_off(conn, action_id, NOW + MINUTE)


class TestPutOff:
    def test_what_waits_for_its_server_is_due_later_and_no_attempt_is_counted(self, database, due_reply):
        put_off(database, due_reply)
        assert (due(database), due(database, now=NOW + MINUTE)) == ([], [due_reply])
        assert read(database, due_reply).attempts == 0

    def test_what_is_under_way_is_left_alone(self, database, due_reply):
        claim(database, due_reply)
        before = read(database, due_reply)
        put_off(database, due_reply)
        assert read(database, due_reply) == before


class TestClaim:
    def test_an_action_is_claimed_once(self, database, due_reply):
        claimed(database, due_reply)
        assert isinstance(claim(database, due_reply), NotDue)

    def test_an_unknown_action_is_not_due(self, database):
        assert isinstance(claim(database, 99), NotDue)

    def test_an_action_is_not_claimed_before_its_time(self, database, mailbox):
        later = put(database, a_reply(mailbox, not_before=NOW + MINUTE))
        assert isinstance(claim(database, later), NotDue)
        assert isinstance(claim(database, later, now=NOW + MINUTE), Claimed)

    def test_everything_asked_for_is_read_back(self, database, mailbox):
        asked = a_reply(
            mailbox,
            language="pl",
            subject="Auto: your message to Oakfield School",
            in_reply_to="<one@home.example>",
            references=("<zero@home.example>", "<one@home.example>"),
            facts={"opens": "8:00 on Monday", "may_write": True},
            not_after=NOW + HOUR,
        )
        action = claimed(database, put(database, asked)).action
        for name in ("parts", "language", "subject", "in_reply_to", "references", "facts", "not_after"):
            assert getattr(action, name) == getattr(asked, name)
        assert (action.recipient, action.mailbox_id, action.attempts) == (PARENT, mailbox, 1)

    def test_the_message_id_is_of_our_domain_and_cannot_be_guessed(self, database, due_reply):
        message_id = claimed(database, due_reply).message_id
        assert message_id.endswith("@oakfield.example>")
        assert len(message_id.partition("@")[0]) == 41

    def test_the_message_id_stays_the_same_over_attempts(self, database, due_reply):
        first = claimed(database, due_reply)
        settle(database, first, "retry", next_attempt_at=NOW + MINUTE)
        assert claimed(database, due_reply, now=NOW + MINUTE).message_id == first.message_id

    def test_two_actions_have_two_message_ids(self, database, mailbox, due_reply):
        other = put(database, a_notice(mailbox))
        assert claimed(database, due_reply).message_id != claimed(database, other).message_id

    def test_a_claim_outlives_the_process(self, database, due_reply, database_url, keyring):
        claimed(database, due_reply)
        reopened = open_database(database_url, keyring)
        assert isinstance(claim(reopened, due_reply), NotDue)
        reopened.close()


class TestConfirm:
    def test_a_claim_holds_until_data(self, database, due_reply):
        assert confirm(database, claimed(database, due_reply))

    def test_a_claim_that_ran_out_by_the_databases_clock_does_not(self, database, due_reply):
        assert not confirm(database, claimed(database, due_reply, seconds=-1))

    def test_a_claim_taken_over_does_not(self, database, due_reply):
        frozen = claimed(database, due_reply, seconds=-1)
        recover(database)
        claimed(database, due_reply)
        assert not confirm(database, frozen)

    def test_a_settled_claim_does_not(self, database, due_reply):
        mine = send(database, due_reply)
        assert not confirm(database, mine)


class TestSettle:
    def test_a_sent_reply_keeps_what_was_sent(self, database, due_reply):
        send(database, due_reply)
        action = read(database, due_reply)
        assert (action.state, action.code, action.answer, action.raw) == ("sent", 250, "queued", b"the bytes")

    def test_bytes_of_every_value_come_back(self, database, due_reply):
        settle(database, claimed(database, due_reply), "sent", raw=bytes(range(256)))
        assert read(database, due_reply).raw == bytes(range(256))

    def test_a_sent_reply_is_never_claimed_again(self, database, due_reply):
        send(database, due_reply)
        assert isinstance(claim(database, due_reply, now=NOW + 90 * HOUR), NotDue)

    def test_a_retry_waits_until_its_time(self, database, due_reply):
        settle(database, claimed(database, due_reply), "retry", code=451, next_attempt_at=NOW + MINUTE)
        assert due(database) == []
        assert due(database, now=NOW + MINUTE) == [due_reply]

    def test_a_retry_without_a_time_gives_up_with_a_flag(self, database, due_reply):
        settle(database, claimed(database, due_reply), "retry", code=451)
        assert state_of(database, due_reply) == "failed"
        assert raised(database) == [(Trouble.REPLY_FAILED, Route.ADMINISTRATOR)]

    def test_an_abandoned_reply_is_due_at_once(self, database, due_reply):
        settle(database, claimed(database, due_reply), "abandoned")
        assert due(database) == [due_reply]

    def test_a_rejected_reply_fails_with_a_flag(self, database, due_reply):
        settle(database, claimed(database, due_reply), "rejected", code=554, text="no")
        assert (state_of(database, due_reply), read(database, due_reply).answer) == ("failed", "no")
        assert raised(database) == [(Trouble.REPLY_FAILED, Route.ADMINISTRATOR)]

    def test_a_refusal_that_is_not_the_recipients_suppresses_nobody(self, database, mailbox, due_reply):
        settle(database, claimed(database, due_reply), "rejected", code=550)
        assert isinstance(claim(database, put(database, a_reply(mailbox))), Claimed)

    def test_an_unsure_reply_is_never_sent_again_and_a_person_is_told(self, database, due_reply):
        settle(database, claimed(database, due_reply), "unsure", text="the line broke after the final dot")
        assert isinstance(claim(database, due_reply, now=NOW + 90 * HOUR), NotDue)
        assert raised(database) == [(Trouble.REPLY_UNSURE, Route.ADMINISTRATOR)]

    def test_only_the_holder_settles(self, database, due_reply):
        frozen = claimed(database, due_reply, seconds=-1)
        recover(database)
        mine = claimed(database, due_reply)
        assert not settle(database, frozen, "retry", next_attempt_at=NOW)
        assert settle(database, mine, "sent")

    def test_a_claim_is_settled_once(self, database, due_reply):
        mine = send(database, due_reply)
        assert not settle(database, mine, "retry", next_attempt_at=NOW)
        assert state_of(database, due_reply) == "sent"

    def test_a_claim_that_ran_out_may_still_tell_the_truth(self, database, due_reply):
        mine = claimed(database, due_reply, seconds=-1)
        assert settle(database, mine, "sent")

    def test_an_unknown_action_cannot_be_settled(self, database, due_reply):
        mine = claimed(database, due_reply)
        with database.write() as conn:
            assert not outbox.settle(conn, 99, mine.token, kind="sent", now=NOW)

    def test_an_unsure_notice_is_sent_again_because_a_lost_one_does_harm(self, database, mailbox):
        notice = put(database, a_notice(mailbox))
        settle(database, claimed(database, notice), "unsure", next_attempt_at=NOW + MINUTE)
        assert due(database, now=NOW + MINUTE) == [notice]
        assert raised(database) == []

    def test_a_notice_that_fails_is_told_to_the_administrator(self, database, mailbox):
        notice = put(database, a_notice(mailbox))
        settle(database, claimed(database, notice), "rejected", code=550, recipient_refused=True)
        assert raised(database) == [(Trouble.NOTICE_FAILED, Route.ADMINISTRATOR)]

    def test_a_label_that_fails_bothers_nobody(self, database, mailbox):
        label = put(database, NewAction("label", "1:7", mailbox, labels=("triage/absence",)))
        settle(database, claimed(database, label), "rejected")
        assert (state_of(database, label), raised(database)) == ("failed", [])

    def test_a_notice_without_a_case_fails_without_a_flag(self, database):
        notice = put(database, a_notice(), case=False)
        settle(database, claimed(database, notice), "rejected", code=550)
        assert (state_of(database, notice), raised(database)) == ("failed", [])


class TestRecover:
    def test_once_data_has_begun_a_claim_outlasts_the_answer_to_the_final_dot(self, database, due_reply):
        mine = claimed(database, due_reply, seconds=1)
        assert confirm(database, mine)
        with database.read() as conn:
            expires = conn.execute(select(actions.c.claim_expires_at)).scalar_one()
            assert expires - database_now(conn) > 14 * MINUTE

    def test_a_label_that_dies_each_time_is_given_up(self, database, mailbox):
        label = put(database, NewAction("label", "1:7", mailbox, labels=("triage/absence",)))
        for _ in range(LABEL_ATTEMPTS):
            claimed(database, label, seconds=-1)
            recover(database)
        assert state_of(database, label) == "failed"

    def test_a_claim_that_holds_is_left_alone(self, database, due_reply):
        mine = claimed(database, due_reply)
        assert recover(database) == Recovered()
        assert confirm(database, mine)

    def test_a_reply_whose_data_had_not_begun_is_due_again(self, database, due_reply):
        claimed(database, due_reply, seconds=-1)
        assert recover(database) == Recovered(returned=(due_reply,))
        assert due(database) == [due_reply]

    def test_its_parts_are_unsaid_again(self, database, due_reply):
        claimed(database, due_reply, seconds=-1)
        recover(database)
        assert claimed(database, due_reply).parts == ("greeting", "absence", "help")

    def test_a_reply_whose_data_had_begun_is_unsure(self, database, due_reply):
        died_in_data(database, due_reply)
        assert recover(database) == Recovered(unsure=(due_reply,))
        assert isinstance(claim(database, due_reply, now=NOW + 90 * HOUR), NotDue)
        assert raised(database) == [(Trouble.REPLY_UNSURE, Route.ADMINISTRATOR)]

    def test_what_an_unsure_reply_may_have_said_stays_said(self, database, mailbox, due_reply):
        died_in_data(database, due_reply)
        recover(database)
        assert not isinstance(claim(database, put(database, a_reply(mailbox))), Claimed)

    def test_a_notice_whose_data_had_begun_is_due_again(self, database, mailbox):
        notice = put(database, a_notice(mailbox))
        died_in_data(database, notice)
        assert recover(database) == Recovered(returned=(notice,))

    def test_a_second_sweep_finds_nothing(self, database, due_reply):
        died_in_data(database, due_reply)
        recover(database)
        assert recover(database) == Recovered()

    def test_a_process_that_wakes_after_the_sweep_changes_nothing(self, database, due_reply):
        mine = died_in_data(database, due_reply)
        recover(database)
        assert not settle(database, mine, "retry", next_attempt_at=NOW)
        assert state_of(database, due_reply) == "unsure"

    def test_settled_actions_are_left_alone(self, database, due_reply):
        settle(database, claimed(database, due_reply, seconds=-1), "sent")
        assert recover(database) == Recovered()


class TestDue:
    def test_what_tells_people_goes_before_what_answers_and_an_alert_before_all(self, database, mailbox):
        label = put(
            database, NewAction("label", "label:1:77:5", mailbox, labels=("x",), uidvalidity=77, uid=5)
        )
        reply, notice = put(database, a_reply(mailbox)), put(database, a_notice(mailbox))
        alert = put(database, NewAction("alert", "one", None, "service 1", ("breaker",)))
        assert due(database) == [alert, notice, reply, label]

    def test_alerts_and_mail_can_be_asked_for_apart(self, database, mailbox):
        reply = put(database, a_reply(mailbox))
        alert = put(database, NewAction("alert", "one", None, "service 1", ("breaker",)))
        with database.read() as conn:
            assert outbox.due(conn, NOW, 10, ("alert",)) == [alert]
            assert outbox.due(conn, NOW, 10, outbox.BY_MAIL) == [reply]

    def test_notices_come_before_replies_and_replies_before_labels(self, database, mailbox):
        label = put(database, NewAction("label", "1", mailbox), now=NOW - HOUR)
        reply = put(database, a_reply(mailbox), now=NOW - MINUTE)
        notice = put(database, a_notice(mailbox))
        assert due(database) == [notice, reply, label]

    def test_the_oldest_comes_first(self, database, mailbox):
        young = put(database, a_reply(mailbox))
        old = put(database, a_reply(mailbox), now=NOW - HOUR)
        assert due(database) == [old, young]

    def test_no_more_come_than_are_asked_for(self, database, mailbox):
        first = put(database, a_reply(mailbox))
        put(database, a_reply(mailbox))
        assert due(database, limit=1) == [first]

    def test_nothing_claimed_is_due(self, database, due_reply):
        claimed(database, due_reply)
        assert due(database) == []


def test_the_tally_counts_every_state_once(database: Database, mailbox: int):
    replies = [put(database, a_reply(mailbox, recipient=f"p{n}@home.example")) for n in range(5)]
    send(database, replies[0])
    settle(database, claimed(database, replies[1]), "unsure")
    settle(database, claimed(database, replies[2]), "rejected")
    claim(database, replies[3], live=False)
    put(database, a_notice(mailbox))
    with database.read() as conn:
        found = outbox.tally(conn, "reply")
        assert sum(outbox.tally(conn).values()) == 6
    assert found == {"sent": 1, "unsure": 1, "failed": 1, "withheld": 1, "pending": 1}


def test_the_same_notice_without_a_case_is_written_once(database: Database):
    with database.write() as conn:
        added = [
            outbox.add_action(conn, database.keyring, None, a_notice(dedupe="breaker 1"), NOW)
            for _ in range(2)
        ]
    assert added[1] is None


def died_in_data(database: Database, action_id: int) -> Claimed:
    """Claim, begin DATA, and let the claim run out."""
    mine = claimed(database, action_id)
    assert confirm(database, mine)
    with database.write() as conn:
        conn.exec_driver_sql("UPDATE actions SET claim_expires_at = '2026-01-01 00:00:00.000000'")
    return mine
