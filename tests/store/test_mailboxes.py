"""Mailboxes, how far they are read, and who polls them."""

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from tests.factories import TEACHER
from tests.store.builders import MINUTE, NOW, UIDVALIDITY, a_mailbox
from triage.mail.errors import Kind
from triage.store import intake, mailboxes, numbering
from triage.store.db import Database
from triage.store.watched import IN_WORDS, Unread, behind, sort_of_trouble


def ensure(database: Database, address: str = TEACHER, folder: str = "INBOX") -> mailboxes.MailboxRow:
    with database.write() as conn:
        return mailboxes.ensure_mailbox(conn, address, folder)


def the_row(database: Database) -> mailboxes.MailboxRow:
    with database.read() as conn:
        (row,) = mailboxes.list_mailboxes(conn)
    return row


@pytest.fixture
def mailbox(database: Database) -> int:
    with database.write() as conn:
        return a_mailbox(conn)


def lease(database: Database, holder: str, seconds: float = 300) -> bool:
    with database.write() as conn:
        return mailboxes.take_lease(conn, "mailbox 1", holder, seconds)


def keep(database: Database, holder: str) -> bool:
    with database.write() as conn:
        return mailboxes.keep_lease(conn, "mailbox 1", holder, 300)


def test_after_a_restore_every_mailbox_is_met_anew(database: Database):
    with database.write() as conn:
        row = mailboxes.ensure_mailbox(conn, "r.hale@oakfield.example", "INBOX")
        mailboxes.record_contact(conn, row.id, 7, 40, NOW, no_reply_below=0)
        assert mailboxes.forget_contact(conn) == 1
        assert mailboxes.read_mailbox(conn, row.id).uidvalidity is None


def test_a_mailbox_met_twice_has_one_row(database: Database):
    assert ensure(database).id == ensure(database, TEACHER.upper()).id


def test_each_folder_has_a_row_of_its_own(database: Database):
    assert ensure(database).id != ensure(database, folder="Junk").id


def test_a_new_mailbox_was_never_met(database: Database):
    row = ensure(database)
    assert (row.address, row.uidvalidity, row.first_contact_at, row.high_water) == (TEACHER, None, None, 0)


def test_contact_sets_the_mark_and_what_is_never_answered(database: Database):
    row = ensure(database)
    with database.write() as conn:
        mailboxes.record_contact(conn, row.id, 7, 40, NOW, no_reply_below=50)
    met = the_row(database)
    assert (met.uidvalidity, met.high_water, met.no_reply_below, met.first_contact_at) == (7, 40, 50, NOW)


def test_a_second_contact_keeps_the_time_of_the_first(database: Database, mailbox: int):
    with database.write() as conn:
        mailboxes.record_contact(conn, mailbox, 8, 3, NOW + MINUTE, no_reply_below=9)
    assert the_row(database).first_contact_at == NOW


def test_a_changed_uidvalidity_writes_off_what_was_only_begun(database: Database, mailbox: int):
    with database.write() as conn:
        intake.begin_attempts(conn, mailbox, UIDVALIDITY, [1, 2], NOW)
        assert mailboxes.record_contact(conn, mailbox, UIDVALIDITY + 1, 0, NOW, no_reply_below=1) == 2
        assert intake.counts(conn, mailbox).vanished == 2


def test_a_worker_that_was_overtaken_writes_off_nothing_that_its_successor_has_begun(
    database: Database, mailbox: int
):
    with database.write() as conn:
        mailboxes.record_contact(conn, mailbox, UIDVALIDITY + 1, 0, NOW, no_reply_below=1)
        intake.begin_attempts(conn, mailbox, UIDVALIDITY + 1, [1], NOW)
        assert numbering.write_off_begun(conn, mailbox, UIDVALIDITY, NOW) == 0


def test_numbers_that_are_given_again_are_read_again(database: Database, mailbox: int):
    with database.write() as conn:
        for _ in range(2):
            intake.begin_attempts(conn, mailbox, UIDVALIDITY, [1, 2], NOW)
            intake.record_vanished(conn, mailbox, UIDVALIDITY, 2, NOW)
            mailboxes.record_contact(conn, mailbox, UIDVALIDITY, 1, NOW, no_reply_below=3)
        assert intake.begin_attempts(conn, mailbox, UIDVALIDITY, [1, 2], NOW) == {1: 3, 2: 1}


def test_failures_are_counted_with_their_words_until_a_success(database: Database, mailbox: int):
    with database.write() as conn:
        for _ in range(2):
            mailboxes.record_failure(conn, mailbox, "wrong password", NOW + MINUTE, trouble="login")
    failing = the_row(database)
    assert (failing.failures, failing.last_error, failing.next_attempt_at) == (
        2,
        "wrong password",
        NOW + MINUTE,
    )
    assert (failing.trouble, sort_of_trouble(failing)) == ("login", "sign-in refused")
    with database.write() as conn:
        mailboxes.record_success(conn, mailbox, NOW)
    well = the_row(database)
    assert (well.trouble, sort_of_trouble(well)) == (None, None)
    assert (well.failures, well.last_error, well.next_attempt_at, well.last_success_at) == (
        0,
        None,
        None,
        NOW,
    )


def test_an_unknown_mailbox_is_a_lookup_error(database: Database):
    with database.read() as conn, pytest.raises(LookupError):
        mailboxes.read_mailbox(conn, 99)


def test_a_lease_has_one_holder(database: Database):
    assert lease(database, "one")
    assert not lease(database, "two")


def test_a_holder_that_asks_again_is_refused(database: Database):
    assert lease(database, "one")
    assert not lease(database, "one")


def test_a_lease_that_ran_out_is_free(database: Database):
    assert lease(database, "one", seconds=-1)
    assert lease(database, "two")


def test_a_lost_lease_cannot_be_kept(database: Database):
    lease(database, "one", seconds=-1)
    assert not keep(database, "one")


def test_a_lease_taken_over_cannot_be_kept_by_the_first(database: Database):
    lease(database, "one", seconds=-1)
    lease(database, "two")
    assert not keep(database, "one")
    assert keep(database, "two")


def test_a_lease_kept_is_not_free(database: Database):
    lease(database, "one", seconds=60)
    assert keep(database, "one")
    assert not lease(database, "two")


def test_a_lease_given_back_is_free(database: Database):
    lease(database, "one")
    with database.write() as conn:
        mailboxes.release_lease(conn, "mailbox 1", "one")
    assert lease(database, "two")


def test_nobody_gives_back_anothers_lease(database: Database):
    lease(database, "one")
    with database.write() as conn:
        mailboxes.release_lease(conn, "mailbox 1", "two")
    assert not lease(database, "two")


def test_a_mailbox_is_paused_and_goes_on(database: Database, mailbox: int):
    with database.write() as conn:
        mailboxes.pause(conn, mailbox, TEACHER, NOW)
    assert the_row(database).paused_at == NOW
    with database.write() as conn:
        mailboxes.unpause(conn, mailbox)
    assert the_row(database).paused_at is None


def test_mailboxes_are_listed_in_the_order_of_meeting(database: Database):
    addresses = ["z@oakfield.example", "a@oakfield.example"]
    for address in addresses:
        ensure(database, address)
    with database.read() as conn:
        assert [row.address for row in mailboxes.list_mailboxes(conn)] == addresses


def test_the_next_attempt_is_an_aware_moment(database: Database, mailbox: int):
    with database.write() as conn:
        mailboxes.record_failure(conn, mailbox, "down", NOW + timedelta(hours=1))
    moment = the_row(database).next_attempt_at
    assert moment is not None
    assert moment.utcoffset() == timedelta(0)


def test_every_sort_of_trouble_has_words():
    assert IN_WORDS.keys() == set(get_args(Kind))


@pytest.mark.parametrize(
    ("read", "waits", "minutes"),
    [
        (None, None, None),
        (1, None, 0),
        (2, None, 0),
        (3, None, 3),
        (1, 9, 9),
        (None, 9, 9),
        (1, -5, 0),
    ],
)
def test_a_mailbox_is_behind_by_what_waits_longest_else_by_the_last_look_that_is_missing(
    database: Database, read, waits, minutes
):
    last = None if read is None else NOW - read * MINUTE
    row = replace(ensure(database), last_success_at=last)
    left = Unread() if waits is None else Unread(1, NOW - waits * MINUTE)
    late = behind(row, left, MINUTE, NOW)
    assert late == (None if minutes is None else minutes * MINUTE)
