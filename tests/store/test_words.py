"""Messages that were read before words were kept are found by their words after an upgrade."""

import pytest
from sqlalchemy import delete, func, select, true

from tests.factories import a_message
from tests.store.builders import ABSENCE, a_mailbox, an_intake, take_in
from triage.store.tables import case_words
from triage.store.words import index_older, newest_with


@pytest.fixture
def older(database) -> list[int]:
    """Three cases, of which the second has no flag, on record without their words."""
    with database.write() as conn:
        mailbox = a_mailbox(conn)
    texts = ("the bus to the bakery", "no bus, thank you", "a bus and a kite")
    cases = [
        take_in(
            database,
            an_intake(
                mailbox,
                number,
                message=a_message(text=text, message_id=f"<{number}@home.example>"),
                flags=() if number == 2 else (ABSENCE,),
            ),
        ).case_id
        for number, text in enumerate(texts, 1)
    ]
    with database.write() as conn:
        conn.execute(delete(case_words))
    return cases


def index_all(database, most=1) -> int:
    """Index in batches; return how many there were."""
    last, batches = 0, -1
    while last is not None:
        batches += 1
        with database.write() as conn:
            last = index_older(conn, last, most)
    return batches


def found(database, *words):
    with database.read() as conn:
        return newest_with(conn, words, true(), 10)


def test_flagged_messages_are_found_by_their_words_afterwards(database, older):
    assert found(database, "bus") == []
    assert index_all(database) == 2
    assert found(database, "bus") == [older[2], older[0]]
    assert found(database, "bus", "bakery") == [older[0]]


def test_of_a_message_without_a_flag_no_word_is_kept(database, older):
    index_all(database)
    assert found(database, "thank") == []


def test_once_more_changes_nothing(database, older):
    def number():
        with database.read() as conn:
            return conn.execute(select(func.count()).select_from(case_words)).scalar_one()

    index_all(database)
    once = number()
    index_all(database, most=50)
    assert number() == once > 0
