"""Every message comes to rest once, with all that follows from it, or with nothing."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from tests.factories import a_message, an_identity
from tests.store.builders import (
    ABSENCE,
    DISCLOSURE,
    NOW,
    UIDVALIDITY,
    a_mailbox,
    a_notice,
    a_reply,
    an_intake,
    close_flag,
    send,
    take_in,
)
from triage.domain.model import Flag, History, Route, Severity, Topic, Trouble
from triage.domain.named_later import Told
from triage.store import decided, intake, mailboxes
from triage.store import flags as flag_store
from triage.store.db import Database, StoreError, open_database
from triage.store.keys import Keyring
from triage.store.tables import actions, case_pupils, cases, decisions, flag_events, flags, messages

OFFICE = "office@oakfield.example"
HEAD = "head@oakfield.example"


@pytest.fixture
def mailbox(database: Database) -> int:
    with database.write() as conn:
        return a_mailbox(conn)


def begin(database: Database, mailbox: int, *uids: int) -> dict[int, int]:
    with database.write() as conn:
        return intake.begin_attempts(conn, mailbox, UIDVALIDITY, uids, NOW)


def number_of(database: Database, table) -> int:
    with database.read() as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar_one()


def high_water(database: Database, mailbox: int) -> int:
    with database.read() as conn:
        return mailboxes.read_mailbox(conn, mailbox).high_water


def all_of(database: Database, column):
    with database.read() as conn:
        return list(conn.execute(select(column)).scalars())


def a_flag(**changes: object) -> Flag:
    return replace(ABSENCE, **changes)


class TestAttempts:
    def test_the_first_attempt_is_number_one(self, database: Database, mailbox: int):
        assert begin(database, mailbox, 3, 5) == {3: 1, 5: 1}

    def test_each_further_attempt_is_counted(self, database: Database, mailbox: int):
        begin(database, mailbox, 3)
        assert begin(database, mailbox, 3, 4) == {3: 2, 4: 1}

    def test_what_is_finished_is_not_begun_again(self, database: Database, mailbox: int):
        take_in(database, an_intake(mailbox, 3))
        assert begin(database, mailbox, 3, 4) == {4: 1}

    def test_what_is_begun_and_not_finished_is_found_again(self, database: Database, mailbox: int):
        begin(database, mailbox, 3, 4, 9)
        take_in(database, an_intake(mailbox, 4))
        with database.read() as conn:
            assert intake.unfinished(conn, mailbox, UIDVALIDITY) == [3, 9]

    def test_another_uidvalidity_is_another_message(self, database: Database, mailbox: int):
        begin(database, mailbox, 3)
        with database.write() as conn:
            assert intake.begin_attempts(conn, mailbox, UIDVALIDITY + 1, [3], NOW) == {3: 1}


class TestRecord:
    def test_a_message_is_decided_exactly_once(self, database: Database, mailbox: int):
        assert take_in(database, an_intake(mailbox, 1)).decided
        assert not take_in(database, an_intake(mailbox, 1)).decided

    def test_a_second_record_writes_nothing(self, database: Database, mailbox: int):
        take_in(database, an_intake(mailbox, 1))
        again = an_intake(mailbox, 1, message=a_message(message_id="<x@y.example>"), flags=[ABSENCE])
        take_in(database, again)
        found = [number_of(database, table) for table in (cases, decisions, flags, actions)]
        assert found == [1, 1, 0, 0]

    def test_a_message_never_begun_is_not_recorded(self, database: Database, mailbox: int):
        with database.write() as conn:
            assert not decided.record(conn, database.keyring, an_intake(mailbox, 1)).decided

    def test_all_of_it_is_written_or_nothing(self, database: Database, mailbox: int):
        begin(database, mailbox, 1)
        broken = an_intake(
            mailbox, 1, flags=[ABSENCE], actions=[a_reply(mailbox), a_reply(999, kind="notify")]
        )
        with pytest.raises(StoreError), database.write() as conn:
            decided.record(conn, database.keyring, broken)
        found = [number_of(database, table) for table in (cases, decisions, flags, actions)]
        assert found == [0, 0, 0, 0]
        assert begin(database, mailbox, 1) == {1: 2}

    def test_the_mark_rises_with_the_message(self, database: Database, mailbox: int):
        take_in(database, an_intake(mailbox, 7))
        assert high_water(database, mailbox) == 7

    def test_the_mark_never_falls(self, database: Database, mailbox: int):
        take_in(database, an_intake(mailbox, 7))
        take_in(database, an_intake(mailbox, 5, message=a_message(message_id="<5@home.example>")))
        assert high_water(database, mailbox) == 7

    def test_a_mark_of_another_uidvalidity_stays(self, database: Database, mailbox: int):
        begin(database, mailbox, 7)
        with database.write() as conn:
            mailboxes.record_contact(conn, mailbox, UIDVALIDITY + 1, 2, NOW, no_reply_below=0)
            intake.record_vanished(conn, mailbox, UIDVALIDITY, 7, NOW)
        assert high_water(database, mailbox) == 2

    def test_the_decision_is_kept_with_what_led_to_it(self, database: Database, mailbox: int):
        take_in(database, an_intake(mailbox, 1))
        with database.read() as conn:
            row = conn.execute(select(decisions)).mappings().one()
        assert (row["policy_hash"], row["sender_kind"], row["scores"]) == (
            "policy-1",
            "parent",
            {"absence": 0.9},
        )
        assert row["parts"] == ["greeting", "absence", "help"]
        assert "null-return-path" in row["gates"]

    def test_text_is_kept_for_a_flagged_message(self, database: Database, mailbox: int):
        take_in(database, an_intake(mailbox, 1, flags=[ABSENCE]))
        assert all_of(database, decisions.c.text) == [a_message().text]

    def test_no_text_is_kept_without_a_flag(self, database: Database, mailbox: int):
        take_in(database, an_intake(mailbox, 1))
        assert all_of(database, decisions.c.text) + all_of(database, decisions.c.classified) == [None, None]

    def test_the_pupils_are_noted_with_the_case(self, database: Database, mailbox: int):
        take_in(database, an_intake(mailbox, 1, identity=an_identity(pupils=("P001", "P002"))))
        assert sorted(all_of(database, case_pupils.c.pupil_id)) == ["P001", "P002"]

    def test_actions_come_back_by_id(self, database: Database, mailbox: int):
        recorded = take_in(database, an_intake(mailbox, 1, actions=[a_reply(mailbox), a_notice(mailbox)]))
        assert len(recorded.action_ids) == 2

    def test_of_two_like_flags_of_a_decision_the_more_pressing_counts(self, database: Database, mailbox: int):
        take_in(database, an_intake(mailbox, 1, flags=[ABSENCE, a_flag(severity=Severity.HIGH)]))
        assert all_of(database, flags.c.severity) == ["high"]

    def test_a_flag_has_its_first_line_of_history(self, database: Database, mailbox: int):
        (flag_id,) = take_in(database, an_intake(mailbox, 1, flags=[ABSENCE])).flag_ids
        with database.read() as conn:
            (line,) = flag_store.flag_events(conn, flag_id)
        assert (line.event, line.at) == ("raised", NOW)


class TestOneCaseSchoolWide:
    @pytest.fixture
    def three(self, database: Database) -> list[intake.Recorded]:
        recorded = []
        for address in ("r.hale@oakfield.example", OFFICE, HEAD):
            with database.write() as conn:
                box = a_mailbox(conn, address)
            copy = an_intake(box, 4, flags=[ABSENCE], actions=[a_reply(box), a_notice(box)])
            recorded.append(take_in(database, copy))
        return recorded

    def test_the_same_message_in_three_mailboxes_is_one_case(self, database, three):
        assert len({copy.case_id for copy in three}) == number_of(database, cases) == 1
        assert [copy.joined for copy in three] == [False, True, True]

    def test_it_is_decided_in_each(self, database, three):
        assert [copy.decided for copy in three] == [True, True, True]
        assert number_of(database, decisions) == 3

    def test_it_raises_one_flag(self, database, three):
        assert [len(copy.flag_ids) for copy in three] == [1, 0, 0]

    def test_it_gets_one_reply_and_one_notice(self, database, three):
        assert [len(copy.action_ids) for copy in three] == [2, 0, 0]

    def test_a_flag_that_was_resolved_is_not_raised_by_a_late_copy(self, database, three):
        with database.write() as conn:
            close_flag(conn, three[0].flag_ids[0], "done")
            late = a_mailbox(conn, "late@oakfield.example")
        assert take_in(database, an_intake(late, 1, flags=[ABSENCE])).flag_ids == ()

    def test_the_same_message_id_with_other_content_is_another_case(self, database, three, mailbox):
        forged = a_message(text="Something else under the same Message-ID")
        assert take_in(database, an_intake(mailbox, 9, message=forged)).case_id != three[0].case_id

    def test_a_case_never_gets_two_replies_whatever_their_name(self, database, three, mailbox):
        again = an_intake(mailbox, 9, actions=[a_reply(mailbox, dedupe="another")])
        assert take_in(database, again).action_ids == ()


JAKE = Told(("P001",), (8,), only=True, sure=True)


class TestAnswers:
    @pytest.fixture
    def first(self, database: Database, mailbox: int) -> intake.Recorded:
        unknown = an_identity(pupils=(), years=())
        flag = a_flag(year=None)
        recorded = take_in(
            database, an_intake(mailbox, 1, identity=unknown, flags=[flag], actions=[a_reply(mailbox)])
        )
        send(database, recorded.action_ids[0])
        return recorded

    def answer(self, database, mailbox, first, uid=2, told=JAKE, **more) -> intake.Recorded:
        message = a_message(message_id=f"<answer-{uid}@home.example>", text="Jake, 8B")
        history = History(answers_our_reply=first.case_id)
        return take_in(database, an_intake(mailbox, uid, message=message, history=history, told=told, **more))

    def test_an_answer_joins_the_case_of_the_reply(self, database, mailbox, first):
        joined = self.answer(database, mailbox, first)
        assert (joined.case_id, joined.joined) == (first.case_id, True)

    def test_an_answer_gets_no_second_reply(self, database, mailbox, first):
        assert self.answer(database, mailbox, first, actions=[a_reply(mailbox)]).action_ids == ()

    def test_an_answer_fills_in_the_pupil(self, database, mailbox, first):
        self.answer(database, mailbox, first)
        assert all_of(database, case_pupils.c.pupil_id) == ["P001"]

    def test_an_answer_that_tells_the_year_routes_the_open_flag(self, database, mailbox, first):
        self.answer(database, mailbox, first)
        assert all_of(database, flags.c.year) == [8]
        assert "routed" in all_of(database, flag_events.c.event)

    def test_an_answer_does_not_double_an_open_flag(self, database, mailbox, first):
        assert self.answer(database, mailbox, first, flags=[ABSENCE]).flag_ids == ()

    def test_an_answer_that_is_more_pressing_presses_the_open_flag(self, database, mailbox, first):
        pressing = a_flag(severity=Severity.HIGH, deadline=NOW + timedelta(hours=1))
        assert self.answer(database, mailbox, first, flags=[pressing]).flag_ids == first.flag_ids
        assert all_of(database, flags.c.severity) == ["high"]
        assert all_of(database, flags.c.deadline) == [NOW + timedelta(hours=1)]

    def test_an_answer_adds_the_topics_for_which_the_open_flag_stands(self, database, mailbox, first):
        more = replace(ABSENCE, joined=(Topic.MEDICAL,))
        assert self.answer(database, mailbox, first, flags=[more]).flag_ids == ()
        assert all_of(database, flags.c.joined) == [["medical"]]

    def test_an_answer_after_the_flag_was_resolved_raises_a_new_one(self, database, mailbox, first):
        with database.write() as conn:
            close_flag(conn, first.flag_ids[0], "done")
        assert len(self.answer(database, mailbox, first, flags=[ABSENCE]).flag_ids) == 1

    def test_an_answer_that_discloses_is_told_to_the_lead(self, database, mailbox, first):
        joined = self.answer(database, mailbox, first, flags=[DISCLOSURE], actions=[a_notice(mailbox)])
        again = self.answer(database, mailbox, first, uid=3, flags=[DISCLOSURE], actions=[a_notice(mailbox)])
        assert [len(joined.action_ids), len(again.action_ids)] == [1, 1]

    def test_an_answer_about_two_years_routes_nothing(self, database, mailbox, first):
        self.answer(database, mailbox, first, told=Told(("P001", "P002"), (7, 8), sure=True))
        assert all_of(database, flags.c.year) == [None]


class TestSetAside:
    def quarantine(self, database, mailbox, uid=1) -> intake.Recorded:
        begin(database, mailbox, uid)
        with database.write() as conn:
            return intake.quarantine(
                conn, database.keyring, mailbox, UIDVALIDITY, uid, reason="it broke the reader", now=NOW
            )

    def test_a_message_that_cannot_be_read_becomes_a_flag(self, database, mailbox):
        self.quarantine(database, mailbox)
        with database.read() as conn:
            row = conn.execute(select(flags)).mappings().one()
        assert (row["topic"], row["route"], row["year"]) == (Trouble.UNREADABLE, Route.HEAD_OF_YEAR, None)
        assert (row["severity"], row["why"]) == (Severity.HIGH, "it broke the reader")

    def test_it_is_finished_and_the_mark_rises(self, database, mailbox):
        self.quarantine(database, mailbox, uid=6)
        assert high_water(database, mailbox) == 6
        assert begin(database, mailbox, 6) == {}

    def test_it_is_set_aside_once(self, database, mailbox):
        self.quarantine(database, mailbox)
        assert not self.quarantine(database, mailbox).decided
        assert number_of(database, flags) == 1

    def test_a_vanished_message_is_finished(self, database, mailbox):
        begin(database, mailbox, 1)
        with database.write() as conn:
            assert intake.record_vanished(conn, mailbox, UIDVALIDITY, 1, NOW)
            assert not intake.record_vanished(conn, mailbox, UIDVALIDITY, 1, NOW)


class TestResync:
    def test_a_message_decided_before_is_known_under_a_new_number(self, database, mailbox):
        take_in(database, an_intake(mailbox, 1))
        with database.read() as conn:
            assert intake.is_known(conn, database.keyring, mailbox, a_message())

    def test_a_message_in_another_mailbox_is_not_known_here(self, database, mailbox):
        take_in(database, an_intake(mailbox, 1))
        with database.write() as conn:
            other = a_mailbox(conn, OFFICE)
            assert not intake.is_known(conn, database.keyring, other, a_message())

    def test_a_message_only_begun_is_not_known(self, database, mailbox):
        begin(database, mailbox, 1)
        with database.read() as conn:
            assert not intake.is_known(conn, database.keyring, mailbox, a_message())

    def test_a_known_message_is_finished_without_a_decision(self, database, mailbox):
        begin(database, mailbox, 2)
        with database.write() as conn:
            assert intake.record_known(
                conn, database.keyring, mailbox, UIDVALIDITY, 2, message=a_message(), now=NOW
            )
        assert number_of(database, decisions) == 0
        assert high_water(database, mailbox) == 2


def test_every_message_seen_is_counted_once(database: Database, mailbox: int):
    begin(database, mailbox, 1, 2, 3, 4, 5)
    take_in(database, an_intake(mailbox, 1))
    with database.write() as conn:
        intake.record_vanished(conn, mailbox, UIDVALIDITY, 2, NOW)
        intake.record_known(conn, database.keyring, mailbox, UIDVALIDITY, 3, message=a_message(), now=NOW)
        intake.quarantine(conn, database.keyring, mailbox, UIDVALIDITY, 4, reason="broken", now=NOW)
        found = intake.counts(conn, mailbox)
    assert found == intake.Counts(seen=5, decided=1, known=1, vanished=1, quarantined=1, unfinished=1)


def test_no_word_of_a_message_can_be_read_in_the_file(
    tmp_path: Path, sqlite_template: Path, keyring: Keyring
):
    (tmp_path / "triage.db").write_bytes(sqlite_template.read_bytes())
    database = open_database(f"sqlite:///{tmp_path}/triage.db", keyring)
    message = a_message(text="Zanzibarmarker", subject="Quetzalmarker", sender="xylophonemarker@home.example")
    with database.write() as conn:
        box = a_mailbox(conn)
    flag = a_flag(about="okapimarker@oakfield.example", why="kumquatmarker")
    reply = a_reply(
        box, recipient="xylophonemarker@home.example", subject="vicunamarker", facts={"a": "gnumarker"}
    )
    recorded = take_in(database, an_intake(box, 1, message=message, flags=[flag], actions=[reply]))
    send(database, recorded.action_ids[0])
    with database.write() as conn:
        close_flag(conn, recorded.flag_ids[0], "done", actor="ibexmarker", note="lynxmarker")
    database.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir()).lower()
    assert b"head-of-year" in stored
    assert b"marker" not in stored


def test_no_word_of_a_message_can_be_read_in_any_column(database: Database, mailbox: int):
    message = a_message(text="Zanzibarmarker", subject="Quetzalmarker", sender="xylophonemarker@home.example")
    take_in(database, an_intake(mailbox, 1, message=message, flags=[ABSENCE], actions=[a_reply(mailbox)]))
    with database.read() as conn:
        names = [table.name for table in (cases, decisions, messages, flags, actions)]
        rows = [row for name in names for row in conn.execute(text(f"SELECT * FROM {name}"))]
    assert rows
    assert "marker" not in repr([[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in rows])


def test_an_attempt_given_back_does_not_count(database: Database, mailbox: int):
    with database.write() as conn:
        intake.begin_attempts(conn, mailbox, UIDVALIDITY, [7, 8], NOW)
        intake.give_back_attempts(conn, mailbox, UIDVALIDITY, [7])
        assert intake.attempts_of(conn, mailbox, UIDVALIDITY, [7, 8, 9]) == {7: 0, 8: 1}
