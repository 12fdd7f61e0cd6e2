"""Whole words of flagged messages, by keyed hash: what finds a case again without its text being readable.

Eight bytes of the hash are kept. Whoever has the database and not the key file cannot try words out.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, Select, func, select

from triage.domain.search import words_of
from triage.store.db import ignoring
from triage.store.encrypted import keyring_of
from triage.store.keys import Keyring
from triage.store.tables import case_words

_HEX_DIGITS = 16
_SIGN = 1 << 63


def index_words(conn: Connection, case_id: int, text: str) -> None:
    """Let a case be found by the words of a text."""
    keyring = keyring_of(conn)
    rows = [{"case_id": case_id, "word": word_key(keyring, word)} for word in sorted(words_of(text))]
    if rows:
        conn.execute(ignoring(conn, case_words), rows)


def cases_with(keyring: Keyring, words: Iterable[str]) -> Select[tuple[int]]:
    """Return the query for the cases in which every one of some words stands. There must be a word."""
    keys = {word_key(keyring, word) for word in words}
    found = select(case_words.c.case_id).where(case_words.c.word.in_(keys))
    return found.group_by(case_words.c.case_id).having(func.count() == len(keys))


def word_key(keyring: Keyring, word: str) -> int:
    """Return the number under which a word is kept: it fits a signed integer of eight bytes."""
    return int(keyring.digest("word", word)[:_HEX_DIGITS], 16) - _SIGN
