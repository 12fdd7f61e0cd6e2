"""The outbox: no message is answered twice, and nothing that is due is lost.

An action goes pending -> sending -> sent | failed | unsure, or pending -> withheld. Every step is one
conditional UPDATE that must change exactly one row; whoever changes none has lost the race.

1. ``claim``    under the correspondent's locked row: asks every rule of restraint, takes the action, enters
                the parts into the ledger. One transaction, committed before a connection is opened.
2. ``confirm``  right before DATA, by the database's clock: who slept through the claim finds it gone.
3. ``settle``   what the server said. Certain that nothing went out: back to pending. Not certain: "unsure".
4. ``recover``  for the claims of the dead: before step 2 the reply cannot have gone out, after it may have.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, func, select, update

from triage.domain.school import School
from triage.store.actions import Action, Kind, NewAction, add_action, read_action
from triage.store.db import database_now
from triage.store.keys import Keyring
from triage.store.notices import CONCERNED, is_about_its_reader
from triage.store.restraint import (
    NOT_SWITCHED_ON,
    Caps,
    Refusal,
    enter,
    has_substance,
    lock_correspondent,
    open_to_say,
    refusal,
    unsaid,
)
from triage.store.settlement import Outcome, Recovered, recover, settle
from triage.store.switched import switched_on
from triage.store.tables import actions

DATA_SECONDS = 15 * 60  # RFC 5321 section 4.5.3.2: 2, 3 and 10 minutes
KINDS: tuple[Kind, ...] = ("alert", "notify", "reply", "label")
"""The kinds of action, the one that goes first before the others."""

SENT_BY_MAIL: frozenset[Kind] = frozenset({"notify", "reply"})
"""What the submission servers take."""

BY_MAIL: tuple[Kind, ...] = ("notify", "reply", "label")
"""What needs a mail server. An alert goes apart from these: it may be them that it tells of."""

__all__ = [
    "BY_MAIL",
    "KINDS",
    "SENT_BY_MAIL",
    "Action",
    "Caps",
    "Claimed",
    "Kind",
    "NewAction",
    "NotDue",
    "Outcome",
    "Recovered",
    "Withheld",
    "add_action",
    "claim",
    "confirm",
    "due",
    "hurry",
    "hurry_calls",
    "put_off",
    "read_action",
    "recover",
    "settle",
    "tally",
    "uncount",
    "withheld_reasons",
]


@dataclass(frozen=True, slots=True)
class Claimed:
    """This process, and no other, carries the action out: say ``parts`` under ``message_id``."""

    action: Action
    parts: tuple[str, ...]
    message_id: str
    token: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """The action is at its end, unsaid, for ``reason``; ``tripped``: this has stopped all replies.

    Reasons: "stopped", "rehearsal", "late", "paused", "suppressed", "cap-sender", "cap-domain",
    "cap-mailbox", "cap-strangers", "cap-school", "not-switched-on", "safeguarding", "already-answered",
    "concerned".
    """

    reason: str
    tripped: bool = False


@dataclass(frozen=True, slots=True)
class NotDue:
    """There is nothing to do: done, withheld, somebody else's, or not yet due."""


def claim(
    conn: Connection,
    keyring: Keyring,
    action_id: int,
    holder: str,
    *,
    domain: str,
    now: datetime,
    seconds: float,
    caps: Caps,
    live: bool,
    school: School,
    windows: Mapping[str, timedelta] | None = None,
    stale: Collection[str] = (),
) -> Claimed | Withheld | NotDue:
    """Take a due action, or withhold it for good; in a write transaction of its own.

    ``now`` is the business clock; the claim holds ``seconds`` by the database's. ``domain`` ends the
    Message-ID. ``windows`` says how long a part stays said, 7 days where it does not; ``stale`` are
    parts that were right when the reply was decided and are not now. Only replies meet restraint, but a
    notice that says after when it is stale is withheld then, and so is what would tell somebody of a case
    about themselves: who is accused may have been named after it was asked for.
    """
    action = read_action(conn, action_id)
    if action is None or action.state != "pending" or action.next_attempt_at > now:
        return NotDue()
    if action.kind == "notify" and action.not_after is not None and now > action.not_after:
        return _withhold(conn, action, Refusal("late"), now)
    if is_about_its_reader(conn, school, action):
        return _withhold(conn, action, Refusal(CONCERNED), now)
    parts = action.parts
    if action.kind == "reply":
        lock_correspondent(conn, action.correspondent)
        refused = refusal(conn, action, now, caps, live=live)
        timely = tuple(part for part in action.parts if part not in stale)
        if refused is None and has_substance(action.parts) and not has_substance(timely):
            refused = Refusal("late")
        switched = switched_on(conn).said(timely)
        # Asked before what is kept secret: so that this reason tells of nothing else.
        if refused is None and has_substance(timely) and not has_substance(switched):
            refused = Refusal(NOT_SWITCHED_ON)
        parts = open_to_say(conn, action, switched)
        if refused is None and has_substance(switched) and not has_substance(parts):
            refused = Refusal("safeguarding")
        parts = unsaid(conn, action, parts, now, windows or {})
        if refused is not None or not has_substance(parts):
            return _withhold(conn, action, refused or Refusal("already-answered"), now)
    claimed = _take(conn, keyring, action, parts, holder, domain=domain, now=now, seconds=seconds)
    if claimed is not None and action.kind == "reply":
        enter(conn, action, parts, now)
    return claimed or NotDue()


def confirm(conn: Connection, action_id: int, token: str, *, seconds: float = DATA_SECONDS) -> bool:
    """Note that DATA begins, and tell whether the claim still holds; commit, then send only if it does.

    From here on it holds ``seconds``, as long as a server may take to answer the final dot.
    """
    now = database_now(conn)
    begun = (
        update(actions)
        .where(
            actions.c.id == action_id,
            actions.c.state == "sending",
            actions.c.claim_token == token,
            actions.c.claim_expires_at > now,
        )
        .values(data_started_at=now, claim_expires_at=now + timedelta(seconds=seconds))
    )
    return conn.execute(begun).rowcount == 1


def due(conn: Connection, now: datetime, limit: int, kinds: Sequence[Kind] = KINDS) -> list[int]:
    """Return the ids of actions of some kinds that are due, in the order of ``KINDS``, each oldest first."""
    order = case({kind: place for place, kind in enumerate(KINDS)}, value=actions.c.kind)
    found = (
        select(actions.c.id)
        .where(actions.c.state == "pending", actions.c.next_attempt_at <= now, actions.c.kind.in_(kinds))
        .order_by(order, actions.c.next_attempt_at, actions.c.id)
        .limit(limit)
    )
    return list(conn.execute(found).scalars())


def put_off(conn: Connection, action_id: int, until: datetime) -> None:
    """Let an action wait that was not tried; no attempt is counted. What is under way is left alone."""
    waits = actions.c.id == action_id, actions.c.state == "pending", actions.c.next_attempt_at < until
    conn.execute(update(actions).where(*waits).values(next_attempt_at=until))


def hurry(conn: Connection, action_id: int, now: datetime) -> None:
    """Let an action that waits be tried again at once. What is under way is left alone."""
    waits = actions.c.id == action_id, actions.c.state == "pending", actions.c.next_attempt_at > now
    conn.execute(update(actions).where(*waits).values(next_attempt_at=now))


def hurry_calls(conn: Connection, now: datetime) -> None:
    """Let every notice that was tried in vain be tried again at once: a way to send works again."""
    waits = actions.c.kind == "notify", actions.c.state == "pending", actions.c.next_attempt_at > now
    conn.execute(update(actions).where(*waits, actions.c.attempts > 0).values(next_attempt_at=now))


def uncount(conn: Connection, action_id: int) -> None:
    """Take the last attempt back: nobody was asked to take it. What is under way is left alone."""
    waits = actions.c.id == action_id, actions.c.state == "pending", actions.c.attempts > 0
    conn.execute(update(actions).where(*waits).values(attempts=actions.c.attempts - 1))


def tally(conn: Connection, kind: Kind | None = None) -> dict[str, int]:
    """Return how many actions are in each state, of one kind or of all; states without any are left out."""
    counted = select(actions.c.state, func.count()).group_by(actions.c.state)
    rows = conn.execute(counted if kind is None else counted.where(actions.c.kind == kind))
    return {row[0]: row[1] for row in rows}


def withheld_reasons(conn: Connection) -> dict[str, int]:
    """Return how many replies were withheld at the last moment, by reason."""
    withheld = (actions.c.state == "withheld", actions.c.kind == "reply")
    counted = select(actions.c.reason, func.count()).where(*withheld).group_by(actions.c.reason)
    return {row[0]: row[1] for row in conn.execute(counted)}


def _withhold(conn: Connection, action: Action, refused: Refusal, now: datetime) -> Withheld | NotDue:
    ended = (
        update(actions)
        .where(actions.c.id == action.id, actions.c.state == "pending")
        .values(state="withheld", reason=refused.reason, settled_at=now)
    )
    if conn.execute(ended).rowcount != 1:
        return NotDue()
    return Withheld(refused.reason, tripped=refused.tripped)


def _take(
    conn: Connection,
    keyring: Keyring,
    action: Action,
    parts: Sequence[str],
    holder: str,
    *,
    domain: str,
    now: datetime,
    seconds: float,
) -> Claimed | None:
    token = secrets.token_hex(16)
    message_id = f"<{keyring.digest('message-id', action.dedupe)[:40]}@{domain}>"
    taken = (
        update(actions)
        .where(actions.c.id == action.id, actions.c.state == "pending")
        .values(
            state="sending",
            holder=holder,
            claim_token=token,
            claim_expires_at=database_now(conn) + timedelta(seconds=seconds),
            data_started_at=None,
            said=list(parts),
            said_at=now,
            message_id=message_id,
            attempts=actions.c.attempts + 1,
        )
    )
    if conn.execute(taken).rowcount != 1:
        return None
    mine = replace(
        action,
        state="sending",
        said=tuple(parts),
        said_at=now,
        message_id=message_id,
        attempts=action.attempts + 1,
    )
    return Claimed(mine, tuple(parts), message_id, token)
