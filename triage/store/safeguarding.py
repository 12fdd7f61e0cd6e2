"""Whether a safeguarding flag is open on a person: asked before a decision, and before a reply leaves."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, or_, select

from triage.domain.model import Topic
from triage.store.many import MANY, rows_of
from triage.store.tables import case_pupils, cases, flags

_OPEN = (flags.c.state == "open", flags.c.topic == Topic.SAFEGUARDING.value)
_SENDERS = (
    select(cases.c.sender_hash)
    .join(flags, flags.c.case_id == cases.c.id)
    .where(cases.c.sender_hash.in_(MANY), *_OPEN)
    .distinct()
)
_PUPILS = (
    select(case_pupils.c.pupil_id)
    .join(flags, flags.c.case_id == case_pupils.c.case_id)
    .where(case_pupils.c.pupil_id.in_(MANY), *_OPEN)
    .distinct()
)


class Safeguarded(NamedTuple):
    """Those of some senders and pupils on whom a safeguarding flag is open."""

    senders: frozenset[str]
    pupils: frozenset[str]

    def covers(self, sender_hash: str, pupils: Iterable[str]) -> bool:
        """Tell whether a flag is open on a sender or on one of some pupils."""
        return sender_hash in self.senders or not self.pupils.isdisjoint(pupils)


def safeguarded(conn: Connection, sender_hashes: Iterable[str], pupils: Iterable[str]) -> Safeguarded:
    """Return those of some senders and pupils on whom a safeguarding flag is open."""
    return Safeguarded(
        frozenset(row.sender_hash for row in rows_of(conn, _SENDERS, sender_hashes)),
        frozenset(row.pupil_id for row in rows_of(conn, _PUPILS, pupils)),
    )


def open_safeguarding(conn: Connection, sender_hash: str | None, *, case_id: int | None = None) -> bool:
    """Tell whether a safeguarding flag is open on a sender, or on a case."""
    found = (
        select(flags.c.id)
        .join(cases, cases.c.id == flags.c.case_id)
        .where(*_OPEN, or_(cases.c.sender_hash == sender_hash, flags.c.case_id == case_id))
    )
    return conn.execute(found.limit(1)).first() is not None
