"""What came to somebody's own mailbox since their last digest, as far as they may know of it.

It is the query of their own page (``store/own_mail.py``) with who wrote and about whom. Nothing that is kept
only of flagged messages is asked for, a sender's own name least of all: its absence would tell of a flag.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from triage.domain.digest import Arrived
from triage.domain.model import Outcome, SenderKind, Topic
from triage.domain.proof import Proof
from triage.domain.roster import Pupil, Roster
from triage.domain.school import School
from triage.domain.visibility import Viewer
from triage.store.encrypted import keyring_of
from triage.store.own_mail import OwnMessage, came_between
from triage.store.tables import actions, decisions, messages

DIGEST = "digest"
"""The one part of a digest's row in the outbox."""

UNREADABLE = "a message that could not be read"
_OUR_OWN = "our-own-mail"


def arrivals(
    conn: Connection,
    who: Viewer,
    since: datetime,
    until: datetime,
    *,
    everyday: Collection[Topic],
    school: School,
    roster: Roster,
) -> tuple[Arrived, ...]:
    """Return the messages that somebody's digest tells of, in the order in which they came.

    Of copies in several folders there is one, and our own mail that came back is none.
    """
    found = came_between(conn, who, since, until, everyday)
    rows = _rows(conn, [message.id for message in found])
    people = _People(school, roster)
    told = [(message, rows[message.id]) for message in _once(found, rows)]
    return tuple(people.arrived(message, row) for message, row in told if not _is_ours(row, school))


def days_with_digest(conn: Connection, address: str, days: Iterable[date]) -> frozenset[date]:
    """Return on which of some days somebody had a digest; one that was withheld as too late was none."""
    keyring = keyring_of(conn)
    keys = {keyring.digest("action", "", "notify", "", digest_key(address, day)): day for day in days}
    found = select(actions.c.dedupe).where(actions.c.dedupe.in_(keys), actions.c.state != "withheld")
    return frozenset(keys[key] for key in conn.execute(found).scalars())


def digest_key(address: str, day: date) -> str:
    """Return what makes a digest the only one of its day."""
    return f"{DIGEST}:{address.lower()}:{day.isoformat()}"


def _rows(conn: Connection, ids: Collection[int]) -> Mapping[int, Row[Any]]:
    names = ("sender", "sender_kind", "proof", "pupils", "outcomes", "gates")
    columns = (messages.c.id, messages.c.origin, *(decisions.c[name] for name in names))
    whole = messages.outerjoin(decisions, decisions.c.message_id == messages.c.id)
    found = select(*columns).select_from(whole).where(messages.c.id.in_(ids))
    return {row.id: row for row in conn.execute(found)}


def _once(found: Iterable[OwnMessage], rows: Mapping[int, Row[Any]]) -> Iterator[OwnMessage]:
    met = set[str]()
    for message in found:
        origin = rows[message.id].origin
        if origin not in met:
            yield message
        met.add(origin)


def _is_ours(row: Row[Any], school: School) -> bool:
    """Tell whether a message is mail of ours: its id and our mark on it, and an address of the school."""
    if row.sender_kind != SenderKind.AUTOMATIC or not _is_of_the_school(row.sender, school):
        return False
    return any(gate["hit"] for gate in json.loads(row.gates) if gate["name"] == _OUR_OWN)


def _is_of_the_school(address: str, school: School) -> bool:
    return school.is_staff_address(address) or school.watches(address)


class _People:
    """Names as the school knows them."""

    def __init__(self, school: School, roster: Roster) -> None:
        self._school = school
        self._roster = roster

    def arrived(self, message: OwnMessage, row: Row[Any]) -> Arrived:
        """Return a message as its line says it; of one that could not be read there is no decision."""
        return Arrived(
            message_id=message.id,
            who=UNREADABLE if row.sender is None else self._name(row),
            sender=None if row.sender_kind is None else SenderKind(row.sender_kind),
            pupils=tuple(map(_called, self._pupils(row))),
            topics=message.topics,
            parts=message.parts if message.reply == "sent" else (),
            routes=tuple(dict.fromkeys(flag.route for flag in message.flags)),
            uncertain=Outcome.UNCERTAIN.value in (row.outcomes or ()),
        )

    def _name(self, row: Row[Any]) -> str:
        """Return the name of a guardian whose address is proven, or of a colleague, else the address."""
        if row.proof == Proof.VERIFIED:
            known = [each.name for each in self._roster.guardians_at(row.sender) if each.name]
            return " or ".join(known) or str(row.sender)
        return self._school.name_of(row.sender) if row.sender_kind == SenderKind.STAFF else str(row.sender)

    def _pupils(self, row: Row[Any]) -> Iterator[Pupil]:
        known = (self._roster.pupils.get(pupil) for pupil in row.pupils or ())
        return (pupil for pupil in known if pupil is not None)


def _called(pupil: Pupil) -> str:
    """Return a pupil as a teacher says it."""
    return f"{pupil.known_as or pupil.given} {pupil.family}, {pupil.form}".rstrip(", ")
