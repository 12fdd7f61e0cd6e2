"""Intake: every UID that a mailbox shows comes to rest in exactly one state, in one transaction each.

"seen" (begun, not finished) -> "decided" | "known" (met before, in a resync) | "vanished" | "quarantined".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select, update

from triage.domain.model import Flag, Message, Route, Severity, Trouble
from triage.store import named_later, records
from triage.store.actions import add_action
from triage.store.addresses import message_key
from triage.store.db import ignoring
from triage.store.flagging import raise_flag
from triage.store.keys import Keyring
from triage.store.records import Intake
from triage.store.settlement import came_back
from triage.store.tables import mailboxes, messages
from triage.store.words import index_words

__all__ = [
    "Counts",
    "Intake",
    "Recorded",
    "begin_attempts",
    "counts",
    "is_known",
    "quarantine",
    "record",
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
    where = (messages.c.mailbox_id == mailbox_id, messages.c.uidvalidity == uidvalidity)
    begun = select(messages.c.uid).where(*where, messages.c.state == "seen").order_by(messages.c.uid)
    return list(conn.execute(begun).scalars())


def is_known(conn: Connection, keyring: Keyring, mailbox_id: int, message: Message) -> bool:
    """Tell whether this very message was finished in this mailbox before, under whatever UID."""
    met = select(messages.c.id).where(
        messages.c.mailbox_id == mailbox_id, messages.c.origin == message_key(keyring, message)
    )
    return conn.execute(met.limit(1)).first() is not None


def record(conn: Connection, keyring: Keyring, intake: Intake) -> Recorded:
    """Write a decided message whole: its state, case, decision, flags, actions and the high-water mark.

    A report of mail of ours that came back suppresses the address that it went to (RFC 3464; D1).
    A message that is finished already changes nothing. One case holds the copies of all mailboxes, and the
    answers to its reply.
    """
    origin = message_key(keyring, intake.message)
    place = _Place(intake.mailbox_id, intake.uidvalidity, intake.uid)
    message_id = _finish(conn, place, "decided", intake.now, origin)
    if message_id is None:
        return Recorded(decided=False)
    case_id, joined = _case(conn, keyring, intake, origin)
    conn.execute(update(messages).where(messages.c.id == message_id).values(case_id=case_id))
    _tell(conn, case_id, origin, intake)
    records.add_decision(conn, message_id, case_id, origin, intake, whole=_is_kept(conn, case_id, intake))
    if intake.decision.flags:
        index_words(conn, case_id, intake.message.classified_text)
    if intake.message.returned is not None:
        came_back(conn, intake.message, intake.mailbox_id, intake.now)
    return Recorded(
        decided=True,
        case_id=case_id,
        joined=joined,
        flag_ids=_raise_flags(conn, case_id, origin, intake),
        action_ids=_add_actions(conn, keyring, case_id, origin, intake),
    )


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
    origin = keyring.digest("quarantine", str(mailbox_id), str(uidvalidity), str(uid))
    message_id = _finish(conn, _Place(mailbox_id, uidvalidity, uid), "quarantined", now, origin)
    if message_id is None:
        return Recorded(decided=False)
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
        _raise_mark(conn, place)
    return message_id


def _raise_mark(conn: Connection, place: _Place) -> None:
    behind = (
        mailboxes.c.id == place.mailbox_id,
        mailboxes.c.uidvalidity == place.uidvalidity,
        mailboxes.c.high_water < place.uid,
    )
    conn.execute(update(mailboxes).where(*behind).values(high_water=place.uid))


def _case(conn: Connection, keyring: Keyring, intake: Intake, origin: str) -> tuple[int, bool]:
    answered = intake.history.answers_our_reply
    if answered is not None:
        return answered, True
    return records.ensure_case(conn, origin, records.Sender.of(keyring, intake.message), intake.now)


def _tell(conn: Connection, case_id: int, origin: str, intake: Intake) -> None:
    """Note whom a case is about, once a message: a late copy does not undo what an answer has put right."""
    if named_later.is_met(conn, case_id, origin):
        return
    if intake.history.answers_our_reply is None:
        records.add_pupils(conn, case_id, intake.identity.pupils)
    elif intake.told is not None:
        named_later.join(conn, case_id, intake.told, intake.now)


def _is_kept(conn: Connection, case_id: int, intake: Intake) -> bool:
    """Tell whether a message is kept whole: it is flagged, or it tells the child of what was flagged."""
    return bool(intake.decision.flags) or (intake.told is not None and named_later.is_flagged(conn, case_id))


def _raise_flags(conn: Connection, case_id: int, origin: str, intake: Intake) -> tuple[int, ...]:
    raised = (raise_flag(conn, case_id, flag, intake.now, origin=origin) for flag in intake.decision.flags)
    return tuple(flag_id for flag_id in raised if flag_id is not None)


def _add_actions(
    conn: Connection, keyring: Keyring, case_id: int, origin: str, intake: Intake
) -> tuple[int, ...]:
    added = (add_action(conn, keyring, case_id, new, intake.now, origin=origin) for new in intake.actions)
    return tuple(action_id for action_id in added if action_id is not None)
