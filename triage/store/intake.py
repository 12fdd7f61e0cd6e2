"""Intake: every UID that a mailbox shows comes to rest in exactly one state, in one transaction.

"seen" (begun, not finished) -> "decided" | "known" (met before, in a resync) | "vanished" | "quarantined".
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select, update

from triage.domain.model import Flag, Message, Route, Severity, Trouble
from triage.store import records
from triage.store.addresses import address_hash, message_key
from triage.store.db import ignoring
from triage.store.flagging import raise_flag
from triage.store.keys import Keyring
from triage.store.records import Intake
from triage.store.tables import mailboxes, messages

__all__ = [
    "Counts",
    "Intake",
    "Recorded",
    "begin_attempts",
    "begun",
    "counts",
    "is_known",
    "is_known_beside",
    "quarantine",
    "raise_mark",
    "record_known",
    "record_vanished",
    "unfinished",
]

Final = Literal["decided", "known", "vanished", "quarantined"]


class _Place(NamedTuple):
    """What names one message for ever: RFC 3501 section 2.3.1.1 (I1)."""

    mailbox_id: int
    uidvalidity: int
    uid: int

    @property
    def unfinished(self) -> tuple[ColumnElement[bool], ...]:
        """Its row while it has not come to rest."""
        return (
            messages.c.mailbox_id == self.mailbox_id,
            messages.c.uidvalidity == self.uidvalidity,
            messages.c.uid == self.uid,
            messages.c.state == "seen",
        )


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was written. ``decided`` is False when another had finished this message: then nothing was.

    ``joined`` is true when the case was there before; ``flag_ids`` are flags new or newly more pressing,
    ``action_ids`` new actions only.
    """

    decided: bool
    case_id: int | None = None
    joined: bool = False
    flag_ids: tuple[int, ...] = ()
    action_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How the messages of a mailbox stand. Nothing is missing when ``seen`` is the sum of the others."""

    seen: int
    decided: int
    known: int
    vanished: int
    quarantined: int
    unfinished: int


def begin_attempts(
    conn: Connection, mailbox_id: int, uidvalidity: int, uids: Sequence[int], now: datetime
) -> dict[int, int]:
    """Count one more attempt for each UID that is not finished; commit this BEFORE fetching.

    Returns the attempts so far, this one included, of those still to be done: what is finished is left out.
    """
    if not uids:
        return {}
    begun = {"mailbox_id": mailbox_id, "uidvalidity": uidvalidity, "state": "seen", "attempts": 0}
    moments = {"first_seen_at": now, "last_attempt_at": now}
    conn.execute(ignoring(conn, messages), [{**begun, **moments, "uid": uid} for uid in uids])
    counted = (
        update(messages)
        .where(messages.c.mailbox_id == mailbox_id, messages.c.uidvalidity == uidvalidity)
        .where(messages.c.uid.in_(uids), messages.c.state == "seen")
        .values(attempts=messages.c.attempts + 1, last_attempt_at=now)
        .returning(messages.c.uid, messages.c.attempts)
    )
    found = {row.uid: row.attempts for row in conn.execute(counted)}
    return {uid: found[uid] for uid in uids if uid in found}


def give_back_attempts(conn: Connection, mailbox_id: int, uidvalidity: int, uids: Sequence[int]) -> None:
    """Take back one attempt each: what went wrong was not the messages' doing."""
    for uid in uids:
        conn.execute(
            update(messages)
            .where(*_Place(mailbox_id, uidvalidity, uid).unfinished, messages.c.attempts > 0)
            .values(attempts=messages.c.attempts - 1)
        )


def attempts_of(conn: Connection, mailbox_id: int, uidvalidity: int, uids: Sequence[int]) -> dict[int, int]:
    """Return the attempts of those UIDs that were begun and are not finished."""
    begun = select(messages.c.uid, messages.c.attempts).where(
        messages.c.mailbox_id == mailbox_id,
        messages.c.uidvalidity == uidvalidity,
        messages.c.uid.in_(uids),
        messages.c.state == "seen",
    )
    return {row.uid: row.attempts for row in conn.execute(begun)}


def unfinished(conn: Connection, mailbox_id: int, uidvalidity: int) -> list[int]:
    """Return the UIDs begun and not finished, lowest first: a poll asks for these beside the new ones."""
    return begun(conn, mailbox_id).get(uidvalidity, [])


def begun(conn: Connection, mailbox_id: int) -> dict[int, list[int]]:
    """Return the UIDs begun and not finished, lowest first, by their UIDVALIDITY."""
    found = select(messages.c.uidvalidity, messages.c.uid).order_by(messages.c.uid)
    by_number: dict[int, list[int]] = {}
    for uidvalidity, uid in conn.execute(
        found.where(messages.c.mailbox_id == mailbox_id, messages.c.state == "seen")
    ):
        by_number.setdefault(uidvalidity, []).append(uid)
    return by_number


def is_known(conn: Connection, keyring: Keyring, mailbox_id: int, message: Message) -> bool:
    """Tell whether this very message was finished in this mailbox before, under whatever UID."""
    met = select(messages.c.id).where(
        messages.c.mailbox_id == mailbox_id, messages.c.origin == message_key(keyring, message)
    )
    return conn.execute(met.limit(1)).first() is not None


def is_known_beside(
    conn: Connection, keyring: Keyring, address: str, folders: Collection[str], message: Message
) -> bool:
    """Tell whether this very message was decided in one of some other folders of a mailbox.

    Without a Message-ID none is known: the same few words may be a second cry for help.
    """
    if not message.message_id:
        return False
    met = (
        select(messages.c.id)
        .join(mailboxes, mailboxes.c.id == messages.c.mailbox_id)
        .where(
            mailboxes.c.address_hash == address_hash(keyring, address),
            mailboxes.c.folder.in_(folders),
            messages.c.origin == message_key(keyring, message),
        )
    )
    return conn.execute(met.limit(1)).first() is not None


def record_known(
    conn: Connection,
    keyring: Keyring,
    mailbox_id: int,
    uidvalidity: int,
    uid: int,
    *,
    message: Message,
    now: datetime,
) -> bool:
    """Finish a message that a resync has met again: it was decided under its old number."""
    origin = message_key(keyring, message)
    return _finish(conn, _Place(mailbox_id, uidvalidity, uid), "known", now, origin) is not None


def record_vanished(conn: Connection, mailbox_id: int, uidvalidity: int, uid: int, now: datetime) -> bool:
    """Finish a message that was gone from the mailbox before it could be fetched."""
    return _finish(conn, _Place(mailbox_id, uidvalidity, uid), "vanished", now, None) is not None


def quarantine(
    conn: Connection,
    keyring: Keyring,
    mailbox_id: int,
    uidvalidity: int,
    uid: int,
    *,
    reason: str,
    now: datetime,
) -> Recorded:
    """Set a message aside for people: it could not be fetched, read or decided. ``reason`` is for people."""
    message_id = _finish(conn, _Place(mailbox_id, uidvalidity, uid), "quarantined", now, None)
    if message_id is None:
        return Recorded(decided=False)
    # Of the row, not of its number: that may stand for another message after a restore of the server.
    origin = keyring.digest("quarantine", str(message_id))
    conn.execute(update(messages).where(messages.c.id == message_id).values(origin=origin))
    case_id, _ = records.ensure_case(conn, origin, None, now)
    conn.execute(update(messages).where(messages.c.id == message_id).values(case_id=case_id))
    flag = Flag(Trouble.UNREADABLE, Severity.HIGH, Route.HEAD_OF_YEAR, why=reason)
    flag_id = raise_flag(conn, case_id, flag, now, origin=origin)
    return Recorded(decided=True, case_id=case_id, flag_ids=() if flag_id is None else (flag_id,))


def counts(conn: Connection, mailbox_id: int) -> Counts:
    """Return how the messages of a mailbox stand, for the reconciliation of a poll."""
    rows = conn.execute(
        select(messages.c.state, func.count())
        .where(messages.c.mailbox_id == mailbox_id)
        .group_by(messages.c.state)
    )
    by_state = {row[0]: row[1] for row in rows}
    begun = by_state.pop("seen", 0)
    finals = {state: by_state.get(state, 0) for state in ("decided", "known", "vanished", "quarantined")}
    return Counts(seen=begun + sum(by_state.values()), unfinished=begun, **finals)


def _finish(conn: Connection, place: _Place, state: Final, now: datetime, origin: str | None) -> int | None:
    """Bring an unfinished message to rest and raise the mark; None if somebody else has finished it."""
    done = (
        update(messages)
        .where(*place.unfinished)
        .values(state=state, done_at=now, origin=origin)
        .returning(messages.c.id)
    )
    message_id: int | None = conn.execute(done).scalar_one_or_none()
    if message_id is not None:
        raise_mark(conn, place.mailbox_id, place.uidvalidity, place.uid)
    return message_id


def raise_mark(conn: Connection, mailbox_id: int, uidvalidity: int, uid: int) -> None:
    """Raise the mark up to which a mailbox is read; it never goes down."""
    behind = (
        mailboxes.c.id == mailbox_id,
        mailboxes.c.uidvalidity == uidvalidity,
        mailboxes.c.high_water < uid,
    )
    conn.execute(update(mailboxes).where(*behind).values(high_water=uid))
