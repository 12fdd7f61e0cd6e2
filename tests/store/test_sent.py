"""What staff have sent: kept as hashes of Message-IDs, known again, and forgotten."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import TEACHER
from tests.store.builders import NOW, a_notice, a_reply, put, send
from triage.store import sent
from triage.store.db import Database
from triage.store.sent import SentFolder
from triage.store.tables import sent_ids

ONE, TWO = "<one@mail.example>", "<two@mail.example>"
DAY = timedelta(days=1)
READ = SentFolder(folder="Sent", uidvalidity=7, high_water=12, read_at=NOW)


def add(database: Database, *message_ids: str, at=NOW) -> None:
    with database.write() as conn:
        sent.add_sent(conn, dict.fromkeys(message_ids, at))


def knows(database: Database, *message_ids: str) -> bool:
    with database.read() as conn:
        return bool(sent.sent_among(conn, message_ids))


def save(database: Database, folder: SentFolder, address: str = TEACHER) -> None:
    with database.write() as conn:
        sent.save_sent_folder(conn, address, folder)


def kept(database: Database, address: str = TEACHER) -> SentFolder | None:
    with database.read() as conn:
        return sent.sent_folder(conn, address)


def is_read(database: Database, since=NOW, address: str = TEACHER) -> bool:
    with database.read() as conn:
        at = sent.read_at(conn, address)
    return at is not None and at >= since


# the Message-IDs


def test_what_was_sent_is_known_again(database: Database):
    add(database, ONE, TWO)
    assert knows(database, TWO)


def test_what_was_not_sent_is_not_known(database: Database):
    add(database, ONE)
    assert not knows(database, TWO)


def test_one_of_several_ids_is_enough(database: Database):
    add(database, ONE)
    assert knows(database, "<other@mail.example>", ONE)


def test_no_id_is_never_known(database: Database):
    add(database, ONE)
    assert not knows(database)


@pytest.mark.parametrize("part", [ONE[1:-1], ONE.upper(), ONE + " ", "<one@mail.exampl>"])
def test_part_of_an_id_is_not_enough(database: Database, part):
    add(database, ONE)
    assert not knows(database, part)


def test_what_lies_in_two_folders_is_kept_once(database: Database):
    add(database, ONE)
    add(database, ONE, at=NOW + DAY)
    with database.read() as conn:
        assert conn.execute(select(sent_ids.c.sent_at)).scalars().all() == [NOW]


def test_nothing_sent_is_nothing_kept(database: Database):
    add(database)
    assert not knows(database, ONE)


def test_an_id_is_kept_as_a_keyed_hash_and_not_as_text(database: Database):
    add(database, ONE)
    with database.read() as conn:
        (found,) = conn.execute(select(sent_ids.c.id_hash)).scalars()
    assert (len(found), "one" in found) == (64, False)


@pytest.mark.parametrize("new", [a_reply(None), a_notice()])
def test_what_the_service_itself_has_sent_is_left_out(database: Database, new):
    ours = send(database, put(database, new)).message_id
    add(database, ours, ONE)
    assert (knows(database, ours), knows(database, ONE)) == (False, True)


def test_what_was_sent_long_ago_is_forgotten(database: Database):
    add(database, ONE, at=NOW - 2 * DAY)
    add(database, TWO)
    with database.write() as conn:
        assert sent.forget_sent(conn, NOW - DAY) == 1
    assert (knows(database, ONE), knows(database, TWO)) == (False, True)


# how far a folder is read


def test_a_folder_that_was_never_looked_for_is_not_known(database: Database):
    assert kept(database) is None


def test_how_far_a_folder_is_read_is_kept_for_its_mailbox(database: Database):
    save(database, READ)
    assert kept(database, TEACHER.upper()) == READ
    assert kept(database, "other@oakfield.example") is None


def test_what_is_saved_again_replaces_what_was(database: Database):
    save(database, READ)
    save(database, replace(READ, high_water=13, folder=None))
    assert kept(database) == replace(READ, high_water=13, folder=None)


@pytest.mark.parametrize(
    ("folder", "since", "told"),
    [
        (READ, NOW, True),
        (READ, NOW - DAY, True),
        (READ, NOW + DAY, False),
        (replace(READ, read_at=None), NOW - DAY, False),
    ],
)
def test_sent_mail_counts_as_read_since_it_was_last_read_whole(database: Database, folder, since, told):
    save(database, folder)
    assert is_read(database, since) is told


def test_sent_mail_that_was_never_looked_for_is_not_read(database: Database):
    assert not is_read(database)
