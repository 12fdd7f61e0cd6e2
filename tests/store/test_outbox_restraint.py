"""What holds a reply back at the moment of its claim."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from tests.factories import PARENT, an_identity
from tests.store.builders import (
    DISCLOSURE,
    MINUTE,
    NOW,
    PLENTY,
    a_mailbox,
    a_notice,
    a_reply,
    an_intake,
    claim,
    claimed,
    put,
    read,
    send,
    settle,
    state_of,
    take_in,
)
from triage.domain.model import SenderKind
from triage.store import mailboxes, outbox, restraint, switches
from triage.store.db import Database
from triage.store.outbox import Caps, Claimed, NewAction, NotDue, Withheld

HEAD = "head@oakfield.example"
OTHER = "tom@brand.example"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def mailbox(database: Database) -> int:
    with database.write() as conn:
        return a_mailbox(conn)


@pytest.fixture
def reply(mailbox: int) -> NewAction:
    return a_reply(mailbox)


def caps(**lower: int) -> Caps:
    return Caps(**{name: getattr(PLENTY, name) for name in Caps.__dataclass_fields__} | lower)


def said_to(conn: Connection, database: Database, sender: str) -> None:
    """Put "absence" into the ledger for a sender, as a claim does."""
    new = a_reply(None, recipient=sender, dedupe=sender)
    action_id = outbox.add_action(conn, database.keyring, None, new, NOW)
    action = outbox.read_action(conn, action_id)
    restraint.enter(conn, action, action.parts, NOW)


def stop(database: Database) -> None:
    with database.write() as conn:
        switches.stop_replies(conn, "a loop was seen", HEAD, NOW)


def held(database: Database, new: NewAction, **how) -> str:
    got = claim(database, put(database, new), **how)
    assert isinstance(got, Withheld), got
    return got.reason


class TestGates:
    def test_a_reply_that_nothing_holds_is_claimed(self, database, reply):
        assert isinstance(claim(database, put(database, reply)), Claimed)

    def test_stopped_replies_are_withheld(self, database, reply):
        stop(database)
        assert held(database, reply) == "stopped"

    def test_started_replies_go_out_again(self, database, reply):
        stop(database)
        with database.write() as conn:
            switches.start_replies(conn, HEAD, NOW)
        assert isinstance(claim(database, put(database, reply)), Claimed)

    def test_what_was_withheld_does_not_go_out_later(self, database, reply):
        stop(database)
        action_id = put(database, reply)
        claim(database, action_id)
        with database.write() as conn:
            switches.start_replies(conn, HEAD, NOW)
        assert isinstance(claim(database, action_id), NotDue)
        assert read(database, action_id).reason == "stopped"

    def test_a_rehearsal_sends_nothing(self, database, reply):
        assert held(database, reply, live=False) == "rehearsal"

    def test_a_late_reply_is_no_reply(self, database, reply):
        late = a_reply(reply.mailbox_id, not_after=NOW - MINUTE)
        assert held(database, late) == "late"

    def test_a_reply_at_its_last_moment_still_goes(self, database, reply):
        last = a_reply(reply.mailbox_id, not_after=NOW)
        assert isinstance(claim(database, put(database, last)), Claimed)

    def test_a_paused_mailbox_answers_nobody(self, database, reply):
        with database.write() as conn:
            mailboxes.pause(conn, reply.mailbox_id, HEAD, NOW)
        assert held(database, reply) == "paused"

    def test_a_paused_mailbox_does_not_pause_others(self, database, reply):
        with database.write() as conn:
            mailboxes.pause(conn, reply.mailbox_id, HEAD, NOW)
            other = a_mailbox(conn, HEAD)
        assert isinstance(claim(database, put(database, a_reply(other))), Claimed)

    def test_an_address_that_refused_us_is_never_written_to_again(self, database, reply):
        settle(
            database, claimed(database, put(database, reply)), "rejected", code=550, recipient_refused=True
        )
        assert held(database, reply, now=NOW + 90 * DAY) == "suppressed"

    def test_the_stop_comes_before_every_other_reason(self, database, reply):
        stop(database)
        late = a_reply(reply.mailbox_id, not_after=NOW - MINUTE)
        assert held(database, late, live=False) == "stopped"

    def test_withheld_replies_are_counted_by_reason(self, database, reply):
        held(database, reply, live=False)
        held(database, reply, live=False)
        with database.read() as conn:
            assert outbox.withheld_reasons(conn) == {"rehearsal": 2}


class TestSafeguarding:
    """A disclosure that came after a reply was decided, and before it left."""

    @pytest.fixture
    def disclosure(self, database, mailbox) -> None:
        take_in(database, an_intake(mailbox, 1, flags=[DISCLOSURE]))

    def test_while_a_flag_is_open_on_the_sender_no_topic_reply_leaves(self, database, reply, disclosure):
        assert held(database, reply) == "safeguarding"

    def test_the_plain_out_of_hours_notice_still_leaves_alone(self, database, reply, disclosure):
        closed = replace(reply, parts=("greeting", "out-of-hours", "absence", "help"))
        assert claimed(database, put(database, closed)).parts == ("greeting", "out-of-hours", "help")

    def test_somebody_else_is_answered_as_ever(self, database, reply, disclosure):
        assert isinstance(claim(database, put(database, replace(reply, recipient=OTHER))), Claimed)


class TestLedger:
    def test_a3_the_same_part_is_not_said_again_after_6_days_23_hours(self, database, reply):
        send(database, put(database, reply))
        assert held(database, reply, now=NOW + 7 * DAY - HOUR) == "already-answered"

    def test_a3_the_same_part_is_said_again_after_7_days_1_hour(self, database, reply):
        send(database, put(database, reply))
        assert isinstance(claim(database, put(database, reply), now=NOW + 7 * DAY + HOUR), Claimed)

    def test_v2_another_part_is_said_at_once(self, database, reply):
        send(database, put(database, reply))
        urgent = a_reply(reply.mailbox_id, parts=("greeting", "urgent", "help"))
        assert isinstance(claim(database, put(database, urgent)), Claimed)

    def test_v2_only_what_is_new_is_said(self, database, reply):
        send(database, put(database, reply))
        both = a_reply(reply.mailbox_id, parts=("greeting", "absence", "urgent", "help"))
        got = claimed(database, put(database, both))
        assert got.parts == got.action.said == ("greeting", "urgent", "help")

    def test_greeting_and_help_alone_are_no_reply(self, database, mailbox):
        assert held(database, a_reply(mailbox, parts=("greeting", "help"))) == "already-answered"

    def test_v3_other_facts_make_no_other_part(self, database, reply):
        send(database, put(database, reply))
        other = a_reply(reply.mailbox_id, facts={"opens": "8:00 on Monday"}, subject="Another")
        assert held(database, other) == "already-answered"

    def test_the_ledger_is_school_wide(self, database, reply):
        send(database, put(database, reply))
        with database.write() as conn:
            other = a_mailbox(conn, HEAD)
        assert held(database, a_reply(other)) == "already-answered"

    def test_the_ledger_ignores_case_and_blanks_of_the_address(self, database, reply):
        send(database, put(database, reply))
        shouted = a_reply(reply.mailbox_id, recipient=f" {PARENT.upper()} ")
        assert held(database, shouted) == "already-answered"

    def test_each_correspondent_has_a_ledger_of_their_own(self, database, reply):
        send(database, put(database, reply))
        other = a_reply(reply.mailbox_id, recipient=OTHER)
        assert isinstance(claim(database, put(database, other)), Claimed)

    def test_a_part_may_have_a_window_of_its_own(self, database, reply):
        send(database, put(database, reply))
        next_day = {"now": NOW + DAY + MINUTE, "windows": {"absence": DAY}}
        assert isinstance(claim(database, put(database, reply), **next_day), Claimed)

    def test_what_is_only_being_said_counts_as_said(self, database, reply):
        claimed(database, put(database, reply))
        assert held(database, reply) == "already-answered"

    def test_what_may_have_been_said_counts_as_said(self, database, reply):
        settle(database, claimed(database, put(database, reply)), "unsure")
        assert held(database, reply) == "already-answered"

    @pytest.mark.parametrize("kind", ["retry", "abandoned"])
    def test_what_was_not_said_does_not_count(self, database, reply, kind):
        first = put(database, reply)
        settle(database, claimed(database, first), kind, next_attempt_at=NOW + HOUR)
        assert isinstance(claim(database, put(database, reply)), Claimed)

    def test_of_two_waiting_for_the_same_person_the_second_says_nothing_twice(self, database, reply):
        first, second = put(database, reply), put(database, reply)
        settle(database, claimed(database, first), "retry", next_attempt_at=NOW + MINUTE)
        send(database, second)
        got = claim(database, first, now=NOW + MINUTE)
        assert isinstance(got, Withheld)
        assert got.reason == "already-answered"

    def test_v4_a_thousand_and_one_senders_are_all_remembered(self, database, reply):
        senders = [f"parent{number}@home.example" for number in range(1001)]
        with database.write() as conn:
            for sender in senders:
                said_to(conn, database, sender)
        again = a_reply(reply.mailbox_id, recipient=senders[0])
        assert held(database, again, now=NOW + DAY) == "already-answered"


class TestCaps:
    def say(self, database, mailbox, part, recipient=PARENT, **how):
        return claim(
            database,
            put(database, a_reply(mailbox, parts=("greeting", part, "help"), recipient=recipient)),
            **how,
        )

    def fill(self, database, mailbox, number, recipient="parent{}@home.example"):
        for each in range(number):
            assert isinstance(self.say(database, mailbox, f"part{each}", recipient.format(each)), Claimed)

    def test_a_sender_gets_so_many_a_day(self, database, mailbox):
        self.fill(database, mailbox, 2, PARENT)
        assert self.say(database, mailbox, "x", caps=caps(sender_day=2)) == Withheld("cap-sender")

    def test_the_next_day_the_sender_may_be_answered_again(self, database, mailbox):
        self.fill(database, mailbox, 2, PARENT)
        got = self.say(database, mailbox, "x", now=NOW + DAY, caps=caps(sender_day=2))
        assert isinstance(got, Claimed)

    def test_a_domain_gets_so_many_an_hour_whatever_the_address(self, database, mailbox):
        self.fill(database, mailbox, 3)
        got = self.say(database, mailbox, "x", "anybody@HOME.example", caps=caps(domain_hour=3))
        assert got == Withheld("cap-domain")

    def test_another_domain_is_not_capped_with_it(self, database, mailbox):
        self.fill(database, mailbox, 3)
        assert isinstance(self.say(database, mailbox, "x", OTHER, caps=caps(domain_hour=3)), Claimed)

    def test_a_mailbox_answers_so_many_an_hour(self, database, mailbox):
        self.fill(database, mailbox, 3)
        got = self.say(database, mailbox, "x", OTHER, caps=caps(mailbox_hour=3))
        assert got == Withheld("cap-mailbox")

    def test_an_hour_later_the_mailbox_answers_again(self, database, mailbox):
        self.fill(database, mailbox, 3)
        got = self.say(database, mailbox, "x", OTHER, now=NOW + HOUR, caps=caps(mailbox_hour=3))
        assert isinstance(got, Claimed)

    def test_the_schools_cap_trips_the_breaker_and_says_so(self, database, mailbox):
        self.fill(database, mailbox, 3)
        got = self.say(database, mailbox, "x", OTHER, caps=caps(school_hour=3))
        assert got == Withheld("cap-school", tripped=True)
        with database.read() as conn:
            stopped = switches.replies_stopped(conn)
        assert stopped is not None
        assert (stopped.by, stopped.at) == ("breaker", NOW)

    def test_after_the_breaker_has_tripped_nothing_goes_out_until_a_person_says_so(self, database, mailbox):
        self.fill(database, mailbox, 3)
        self.say(database, mailbox, "x", OTHER, caps=caps(school_hour=3))
        later = self.say(database, mailbox, "y", OTHER, now=NOW + DAY)
        assert later == Withheld("stopped")

    def test_replies_started_again_by_hand_are_not_stopped_by_the_hour_before(self, database, mailbox):
        self.fill(database, mailbox, 3)
        self.say(database, mailbox, "x", OTHER, caps=caps(school_hour=3))
        with database.write() as conn:
            switches.start_replies(conn, HEAD, NOW + MINUTE)
        got = self.say(database, mailbox, "y", OTHER, now=NOW + 2 * MINUTE, caps=caps(school_hour=3))
        assert isinstance(got, Claimed)

    def test_what_was_withheld_or_taken_back_does_not_count(self, database, mailbox):
        self.say(database, mailbox, "a", live=False)
        mine = claimed(database, put(database, a_reply(mailbox)))
        settle(database, mine, "retry", next_attempt_at=NOW + HOUR)
        assert isinstance(self.say(database, mailbox, "b", caps=caps(sender_day=1)), Claimed)

    def test_what_may_have_gone_out_counts(self, database, mailbox):
        settle(database, claimed(database, put(database, a_reply(mailbox))), "unsure")
        assert self.say(database, mailbox, "b", caps=caps(sender_day=1)) == Withheld("cap-sender")


class TestStrangers:
    def say(self, database, mailbox, number, sender, **how):
        reply = a_reply(mailbox, parts=("greeting", "out-of-hours", "help"), recipient=f"a{number}@b.example")
        action_id = put(database, reply, identity=an_identity(sender=sender))
        return claim(database, action_id, **{"caps": caps(school_hour=4)} | how)

    def test_2_whoever_is_no_parent_gets_half_of_the_schools_replies_and_parents_get_the_others(
        self, database, mailbox
    ):
        strangers = [self.say(database, mailbox, number, SenderKind.OTHER) for number in range(4)]
        assert [type(got) for got in strangers[:2]] == [Claimed, Claimed]
        assert strangers[2:] == [Withheld("cap-strangers")] * 2
        parents = [self.say(database, mailbox, number, SenderKind.PARENT) for number in range(4, 7)]
        assert [type(got) for got in parents[:2]] == [Claimed, Claimed]
        assert parents[2] == Withheld("cap-school", tripped=True)

    @pytest.mark.parametrize("cap", ["mailbox_hour", "domain_hour"])
    def test_2_they_get_half_of_a_mailboxs_and_of_a_domains_replies_too(self, database, mailbox, cap):
        few = {"caps": caps(**{cap: 4})}
        strangers = [self.say(database, mailbox, number, SenderKind.OTHER, **few) for number in range(3)]
        assert strangers[2] == Withheld("cap-strangers")
        assert isinstance(self.say(database, mailbox, 3, SenderKind.PARENT, **few), Claimed)

    def test_an_hour_later_strangers_are_answered_again(self, database, mailbox):
        for number in range(3):
            self.say(database, mailbox, number, SenderKind.OTHER)
        assert isinstance(self.say(database, mailbox, 3, SenderKind.OTHER, now=NOW + HOUR), Claimed)

    def test_what_parents_got_takes_nothing_from_their_share(self, database, mailbox):
        for number in range(2):
            self.say(database, mailbox, number, SenderKind.PARENT)
        assert isinstance(self.say(database, mailbox, 2, SenderKind.OTHER), Claimed)


class TestNotices:
    def test_notices_are_not_held_by_stop_rehearsal_or_caps(self, database, mailbox):
        stop(database)
        action_id = put(database, a_notice(mailbox))
        assert isinstance(claim(database, action_id, live=False, caps=Caps(0, 0, 0, 0)), Claimed)

    def test_the_same_notice_of_another_message_is_sent(self, database, mailbox):
        for _ in range(2):
            send(database, put(database, a_notice(mailbox)))

    def test_notices_do_not_count_towards_the_caps_of_replies(self, database, mailbox):
        send(database, put(database, a_notice(mailbox)))
        assert isinstance(claim(database, put(database, a_reply(mailbox)), caps=caps(school_hour=1)), Claimed)

    def test_a_notice_without_a_case_is_sent(self, database):
        send(database, put(database, a_notice(), case=False))

    def test_a_label_keeps_its_place(self, database, mailbox):
        label = NewAction("label", "1:7", mailbox, labels=("triage/absence",), uidvalidity=77, uid=7)
        got = claimed(database, put(database, label), live=False)
        assert (got.action.labels, got.action.uidvalidity, got.action.uid) == (("triage/absence",), 77, 7)


def test_a_withheld_reply_leaves_no_trace_in_the_ledger(database, reply):
    held(database, reply, live=False)
    assert isinstance(claim(database, put(database, reply)), Claimed)


def test_a_withheld_action_is_no_longer_due(database, reply):
    action_id = put(database, reply)
    claim(database, action_id, live=False)
    with database.read() as conn:
        assert outbox.due(conn, NOW + DAY, 10) == []
    assert state_of(database, action_id) == "withheld"


def test_stopping_twice_keeps_the_first_reason(database):
    stop(database)
    with database.write() as conn:
        assert not switches.stop_replies(conn, "later", HEAD, NOW)
        stopped = switches.replies_stopped(conn)
    assert stopped is not None
    assert stopped.reason == "a loop was seen"


def test_starting_what_runs_says_so(database):
    with database.write() as conn:
        assert not switches.start_replies(conn, HEAD, NOW)
