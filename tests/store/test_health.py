"""What the administrator is told of: what did not go out, what was set aside; ids, states and numbers."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from tests.store.builders import (
    MINUTE,
    NOW,
    UIDVALIDITY,
    a_mailbox,
    a_notice,
    a_reply,
    claim,
    claimed,
    close_flag,
    confirm,
    put,
    read,
    send,
    settle,
)
from triage.domain.model import Flag, Route, Severity, Topic
from triage.store import accounts, health, intake
from triage.store.db import Database
from triage.store.flagging import raise_flag
from triage.store.health import Disabled, Few, Import, SetAside, Standing
from triage.store.switches import stop_replies
from triage.store.tables import roster_imports

ADMIN, LEAD = "admin@oakfield.example", "safe@oakfield.example"
DAY = timedelta(days=1)
LATE = NOW + 20 * MINUTE
REPLY, NOTICE = a_reply(None), a_notice()


def unsent(database: Database, kind: str = "reply", now=NOW, who: str = ADMIN) -> dict[Standing, list[int]]:
    with database.read() as conn:
        found = health.unsent(conn, who, kind, now)
    return {standing: [one.id for one in few.shown] for standing, few in found.items() if few.number}


def unsure(database: Database, new=REPLY) -> int:
    action = put(database, new)
    mine = claimed(database, action)
    assert confirm(database, mine)
    assert settle(database, mine, "unsure")
    return action


def refused(database: Database, new=REPLY, **how: object) -> int:
    action = put(database, new, **how)
    assert settle(database, claimed(database, action), "rejected", code=550, text="no such user")
    return action


def resolve_all(database: Database, case: int) -> None:
    with database.write() as conn:
        for flag in range(1, case + 1):
            close_flag(conn, flag, "nothing to do", actor=ADMIN)


class TestWhatDidNotGoOut:
    def test_what_waits_its_turn_and_what_was_sent_is_no_trouble(self, database):
        put(database, REPLY)
        send(database, put(database, REPLY))
        assert unsent(database) == {}

    def test_an_unsure_reply_waits_until_its_flag_is_dealt_with(self, database):
        action = unsure(database)
        assert unsent(database) == {Standing.UNSURE: [action]}
        resolve_all(database, 1)
        assert unsent(database) == {}

    def test_a_refused_reply_waits_until_its_flag_is_dealt_with(self, database):
        action = refused(database)
        assert unsent(database) == {Standing.FAILED: [action]}
        resolve_all(database, 1)
        assert unsent(database) == {}

    def test_what_nobody_has_tried_long_after_its_time_is_stuck(self, database):
        action = put(database, REPLY)
        assert unsent(database, now=NOW + 14 * MINUTE) == {}
        assert unsent(database, now=LATE) == {Standing.STUCK: [action]}

    def test_what_somebody_has_in_hand_is_stuck_when_their_claim_ran_out_long_ago(self, database):
        action, other = put(database, REPLY), put(database, a_reply(None, recipient="b@home.example"))
        claim(database, action, seconds=-20 * 60)
        claim(database, other)
        assert unsent(database, now=LATE) == {Standing.STUCK: [action]}

    def test_what_was_tried_and_will_be_again_is_told(self, database):
        action = put(database, REPLY)
        mine = claimed(database, action)
        settle(database, mine, "retry", code=451, next_attempt_at=NOW + 5 * MINUTE)
        assert unsent(database) == {Standing.TRYING: [action]}

    def test_notices_are_told_apart_from_replies(self, database):
        action = refused(database, NOTICE)
        assert unsent(database) == {}
        assert unsent(database, "notify") == {Standing.FAILED: [action]}

    def test_a_notice_without_a_case_is_told_for_a_month(self, database):
        action = refused(database, NOTICE, case=False)
        assert unsent(database, "notify", NOW + 29 * DAY) == {Standing.FAILED: [action]}
        assert unsent(database, "notify", NOW + 31 * DAY) == {}

    def test_of_each_there_are_ids_and_states_and_what_the_server_answered_as_a_number(self, database):
        action = refused(database)
        with database.read() as conn:
            (one,) = health.unsent(conn, ADMIN, "reply", NOW)[Standing.FAILED].shown
        assert (one.id, one.case_id, one.state, one.at) == (action, 1, "failed", NOW)
        assert (one.attempts, one.code, one.message_id) == (1, 550, read(database, action).message_id)

    def test_of_many_the_newest_are_shown_and_all_are_counted(self, database, monkeypatch):
        monkeypatch.setattr(health, "LISTED", 2)
        actions = [put(database, REPLY) for _ in range(3)]
        with database.read() as conn:
            few = health.unsent(conn, ADMIN, "reply", LATE)[Standing.STUCK]
        assert ([one.id for one in few.shown], few.number, few.more) == (actions[:0:-1], 3, 1)

    def test_what_is_about_the_administrator_is_for_others(self, database):
        action = unsure(database)
        about = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=ADMIN, why="x")
        with database.write() as conn:
            raise_flag(conn, 1, about, NOW)
        assert unsent(database) == {}
        assert unsent(database, who="other@oakfield.example") == {Standing.UNSURE: [action]}


class TestWithheld:
    def test_replies_are_counted_by_reason_and_the_most_come_first(self, database):
        for live in (False, True, False):
            claim(database, put(database, REPLY), live=live, now=NOW)
        with database.write() as conn:
            stop_replies(conn, "a test", "the office", NOW)
        claim(database, put(database, REPLY))
        assert withheld(database) == {"rehearsal": 2, "stopped": 1}

    def test_those_of_long_ago_are_not_counted(self, database):
        claim(database, put(database, REPLY), live=False)
        assert withheld(database, NOW + 31 * DAY) == {}


def withheld(database: Database, now=NOW) -> dict[str, int]:
    with database.read() as conn:
        return dict(health.withheld(conn, ADMIN, now))


class TestSetAside:
    @pytest.fixture
    def mailbox(self, database) -> int:
        with database.write() as conn:
            mailbox = a_mailbox(conn)
            intake.begin_attempts(conn, mailbox, UIDVALIDITY, [7], NOW)
            intake.quarantine(
                conn, database.keyring, mailbox, UIDVALIDITY, 7, reason="unreadable", now=NOW + MINUTE
            )
        return mailbox

    def test_a_message_is_told_by_where_it_lies(self, database, mailbox):
        assert set_aside(database) == Few((SetAside("r.hale@oakfield.example", "INBOX", 7, 1, NOW, 1),), 1)

    def test_once_somebody_has_dealt_with_its_flag_it_is_told_no_more(self, database, mailbox):
        resolve_all(database, 1)
        assert set_aside(database) == Few()


def set_aside(database: Database) -> Few[SetAside]:
    with database.read() as conn:
        return health.set_aside(conn, ADMIN)


def test_the_last_import_of_the_roster_counts(database):
    with database.write() as conn:
        for number in (10, 20):
            values = {"source": "a.csv", "content": "x", "guardians": 5}
            conn.execute(insert(roster_imports).values(imported_at=NOW, pupils=number, **values))
    with database.read() as conn:
        assert health.last_import(conn) == Import(NOW, 20, 5)


def test_without_an_import_there_is_none(database):
    with database.read() as conn:
        assert health.last_import(conn) is None


def test_accounts_that_are_shut_out_are_told_and_no_others(database):
    with database.write() as conn:
        accounts.add_account(conn, ADMIN, None, NOW)
        accounts.disable_account(conn, LEAD, NOW)
    with database.read() as conn:
        assert health.disabled_accounts(conn) == Few((Disabled(LEAD, NOW),), 1)
