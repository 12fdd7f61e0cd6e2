"""What holds a reply back at the last moment: each rule is asked in order, the first that hits decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    true,
    update,
)

from triage.domain.model import SenderKind
from triage.domain.replies import FRAME, OUT_OF_HOURS
from triage.store.actions import Action
from triage.store.addresses import address_hash
from triage.store.keys import Keyring
from triage.store.many import MANY, rows_of
from triage.store.safeguarding import open_safeguarding
from triage.store.switched import reaches_case
from triage.store.switches import lock_replies, stop_replies
from triage.store.tables import actions, correspondents, decisions, mailboxes, reply_ledger

_LOCK = (
    select(correspondents.c.address_hash)
    .where(correspondents.c.address_hash == bindparam("whose"))
    .with_for_update(key_share=True)
)
_CLOSED = select(
    select(mailboxes.c.paused_at).where(mailboxes.c.id == bindparam("box")).scalar_subquery().label("paused"),
    select(correspondents.c.suppressed)
    .where(correspondents.c.address_hash == bindparam("whose"))
    .scalar_subquery()
    .label("suppressed"),
)
_SAID = (
    select(reply_ledger.c.part, func.max(reply_ledger.c.said_at).label("at"))
    .where(reply_ledger.c.correspondent == bindparam("whose"), reply_ledger.c.part.in_(MANY))
    .group_by(reply_ledger.c.part)
)

WINDOW = timedelta(days=7)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
COUNTED = ("sending", "sent", "unsure")
STRANGERS = 2
"""Who is not known to be a parent gets one in so many of an hour's replies: the others are for parents."""

NOT_SWITCHED_ON = "not-switched-on"


@dataclass(frozen=True, slots=True)
class Caps:
    """How many replies may go out at most; the next one is withheld."""

    sender_day: int
    domain_hour: int
    mailbox_hour: int
    school_hour: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a reply is withheld; ``tripped`` when this very reply has stopped all others."""

    reason: str
    tripped: bool = False


def lock_correspondent(conn: Connection, key: str | None) -> None:
    """Hold a correspondent's row until the commit: claims on one correspondent follow one another."""
    conn.execute(_LOCK, {"whose": key}).scalar_one()


def refusal(conn: Connection, action: Action, now: datetime, caps: Caps, *, live: bool) -> Refusal | None:
    """Return why a reply must not go out now, None if nothing holds it. Needs the correspondent's lock."""
    stopped, started_at = lock_replies(conn)
    if stopped is not None:
        return Refusal("stopped")
    if not live:
        return Refusal("rehearsal")
    if action.not_after is not None and now > action.not_after:
        return Refusal("late")
    return _closed(conn, action) or _cap_met(conn, action, now, caps, started_at)


def unsaid(
    conn: Connection, action: Action, parts: Sequence[str], now: datetime, windows: Mapping[str, timedelta]
) -> tuple[str, ...]:
    """Return the parts that were not said to the correspondent within their windows, and the frame.

    One row of the ledger is one part by its name, so words filled into a template make no new part.
    RFC 3834 section 2 (A3), RFC 5230 section 4.2 (V2, V3).
    """
    asked = [part for part in parts if part not in FRAME]
    said = {row.part: row.at for row in rows_of(conn, _SAID, asked, {"whose": action.correspondent})}
    return tuple(part for part in parts if part not in said or said[part] <= now - windows.get(part, WINDOW))


def open_to_say(conn: Connection, action: Action, parts: Sequence[str]) -> tuple[str, ...]:
    """Return the parts that may be said while a safeguarding flag is open on the sender or the case.

    A disclosure may have come after this reply was decided: then only the plain notice is left.
    """
    if not open_safeguarding(conn, action.correspondent, case_id=action.case_id):
        return tuple(parts)
    return tuple(part for part in parts if part in FRAME or part == OUT_OF_HOURS)


def has_substance(parts: Sequence[str]) -> bool:
    """Tell whether parts say anything beyond the frame that every reply has."""
    return not FRAME.issuperset(parts)


def enter(conn: Connection, action: Action, parts: Sequence[str], now: datetime) -> None:
    """Enter into the ledger what an action is about to say."""
    same = {"correspondent": action.correspondent, "action_id": action.id, "said_at": now}
    rows = [same | {"part": part} for part in dict.fromkeys(parts) if part not in FRAME]
    conn.execute(insert(reply_ledger), rows)


def take_back(conn: Connection, action_id: int) -> None:
    """Take out of the ledger what an action has certainly not said."""
    conn.execute(delete(reply_ledger).where(reply_ledger.c.action_id == action_id))


def _closed(conn: Connection, action: Action) -> Refusal | None:
    """Return why a mailbox, an address or a year is closed to replies for now."""
    closed = conn.execute(_CLOSED, {"box": action.mailbox_id, "whose": action.correspondent}).one()
    if closed.paused is not None:
        return Refusal("paused")
    if closed.suppressed is not None:
        return Refusal("suppressed")
    return None if reaches_case(conn, action.case_id) else Refusal(NOT_SWITCHED_ON)


def write_again(conn: Connection, keyring: Keyring, address: str) -> bool:
    """Let replies go to an address again that came to be silenced; False where it was not."""
    lifted = update(correspondents).where(
        correspondents.c.address_hash == address_hash(keyring, address),
        correspondents.c.suppressed.is_not(None),
    )
    return conn.execute(lifted.values(suppressed=None, suppressed_at=None)).rowcount == 1


def _cap_met(
    conn: Connection, action: Action, now: datetime, caps: Caps, started_at: datetime | None
) -> Refusal | None:
    (of_a_day,) = _replies_since(conn, now - DAY, actions.c.correspondent == action.correspondent)
    if of_a_day >= caps.sender_day:
        return Refusal("cap-sender")
    since = now - HOUR
    limits = {"domain": caps.domain_hour, "mailbox": caps.mailbox_hour, "school": caps.school_hour}
    domain, mailbox = actions.c.domain_hash == action.domain_hash, actions.c.mailbox_id == action.mailbox_id
    if _is_to_a_stranger(conn, action):
        to_strangers = [and_(whose, _to_strangers()) for whose in (domain, mailbox, true())]
        found = zip(limits.values(), _replies_since(conn, since, *to_strangers), strict=True)
        if any(number >= -(-limit // STRANGERS) for limit, number in found):
            return Refusal("cap-strangers")
    # Whoever started them again has looked at the earlier ones.
    school = true() if started_at is None else actions.c.said_at > started_at
    for (name, limit), number in zip(
        limits.items(), _replies_since(conn, since, domain, mailbox, school), strict=True
    ):
        if number >= limit:
            return Refusal(f"cap-{name}", tripped=name == "school" and _trip(conn, limit, now))
    return None


def replies_within_the_hour(conn: Connection, now: datetime) -> int:
    """Return how many replies the school's hourly limit counts now."""
    (number,) = _replies_since(conn, now - HOUR, true())
    return number


def _replies_since(conn: Connection, since: datetime, *whose: ColumnElement[bool]) -> list[int]:
    """Return how many replies have been said since a moment, of each of some kinds, in one question."""
    where = (actions.c.kind == "reply", actions.c.state.in_(COUNTED), actions.c.said_at > since)
    if len(whose) == 1:  # an index leads to them
        return [conn.execute(select(func.count()).where(*where, *whose)).scalar_one()]
    counts = [func.count().filter(each).label(f"of_{place}") for place, each in enumerate(whose)]
    return list(conn.execute(select(*counts).where(*where)).one())


def _to_strangers() -> ColumnElement[bool]:
    """Return the condition that a reply goes to somebody who is not known to be a parent."""
    theirs = decisions.c.case_id == actions.c.case_id, decisions.c.sender_kind == SenderKind.OTHER.value
    return exists().where(*theirs)


def _is_to_a_stranger(conn: Connection, action: Action) -> bool:
    found = select(actions.c.id).where(actions.c.id == action.id, _to_strangers())
    return conn.execute(found).first() is not None


def _trip(conn: Connection, limit: int, now: datetime) -> bool:
    reason = f"the school's cap of {limit} replies an hour was met; look for a loop, then start replies again"
    return stop_replies(conn, reason, "breaker", now)
