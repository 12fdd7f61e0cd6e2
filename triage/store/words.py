"""Whole words of flagged messages, by keyed hash: what finds a case again without its text being readable.

Eight bytes of the hash are kept. Whoever has the database and not the key file cannot try words out.
"""

from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import ColumnElement, Connection, exists, func, select

from triage.domain.search import words_kept
from triage.store.db import ignoring
from triage.store.encrypted import keyring_of
from triage.store.keys import Keyring
from triage.store.tables import case_words, decisions, flags

ENOUGH = 2_000
_HEX_DIGITS = 16
_COMMON = 5_000  # most words of most letters
_SIGN = 1 << 63


def index_words(conn: Connection, case_id: int, text: str) -> None:
    """Let a case be found by the words of a text."""
    keyring = keyring_of(conn)
    rows = [{"case_id": case_id, "word": word_key(keyring, word)} for word in sorted(words_kept(text))]
    if rows:
        conn.execute(ignoring(conn, case_words), rows)


def index_older(conn: Connection, after: int, most: int = 200) -> int | None:
    """Let cases be found by the words of messages that were read before words were kept, a batch at a time.

    Looks at so many that follow the decision ``after``; returns the last one's id, None when there is none.
    What can be found already stays as it is.
    """
    found = (
        select(decisions.c.id, decisions.c.case_id, decisions.c.classified)
        .where(decisions.c.id > after, exists().where(flags.c.case_id == decisions.c.case_id))
        .order_by(decisions.c.id)
        .limit(most)
    )
    rows = conn.execute(found).all()
    for row in rows:
        index_words(conn, row.case_id, row.classified or "")
    return rows[-1].id if rows else None


def newest_with(conn: Connection, words: Iterable[str], also: ColumnElement[bool], most: int) -> list[int]:
    """Return the newest cases in which every one of some words stands and that have a flag of ``also``.

    At most ``most``. The word in the fewest cases leads, so what is looked through is as short as it can be.
    There must be a word.
    """
    keyring = keyring_of(conn)
    leading, *others = sorted({word_key(keyring, word) for word in words}, key=lambda key: _number(conn, key))
    found = select(case_words.c.case_id).where(
        case_words.c.word == leading,
        *(_stands(key) for key in others),
        exists().where(flags.c.case_id == case_words.c.case_id, also),
    )
    return list(conn.execute(found.order_by(case_words.c.case_id.desc()).limit(most)).scalars())


def _stands(key: int) -> ColumnElement[bool]:
    beside = case_words.alias()
    return exists().where(beside.c.word == key, beside.c.case_id == case_words.c.case_id)


def _number(conn: Connection, key: int) -> int:
    """Return in how many cases a word stands, counted no further than it matters."""
    some = select(case_words.c.case_id).where(case_words.c.word == key).limit(ENOUGH).subquery()
    number: int = conn.execute(select(func.count()).select_from(some)).scalar_one()
    return number


@lru_cache(maxsize=_COMMON)
def word_key(keyring: Keyring, word: str) -> int:
    """Return the number under which a word is kept: it fits a signed integer of eight bytes."""
    return int(keyring.digest("word", word)[:_HEX_DIGITS], 16) - _SIGN
