"""The switch that stops every reply: thrown by a person, or by the breaker at the school's cap."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, select, update

from triage.store.tables import actions, switches

REPLIES = "replies"


@dataclass(frozen=True, slots=True)
class Switch:
    """Why replies are stopped, by whom and since when."""

    reason: str
    by: str
    at: datetime


def replies_stopped(conn: Connection) -> Switch | None:
    """Return the stop that holds, None while replies may go out."""
    return _switch(conn.execute(select(switches).where(switches.c.name == REPLIES)).one())


def lock_replies(conn: Connection) -> tuple[Switch | None, datetime | None]:
    """Return the stop that holds, and when replies were last started by hand.

    Nobody else claims a reply or throws the switch until this commits.
    """
    row = conn.execute(select(switches).where(switches.c.name == REPLIES).with_for_update()).one()
    return _switch(row), row.at if row.value is None else None


def stop_replies(conn: Connection, reason: str, by: str, now: datetime) -> bool:
    """Stop every reply. False when they were stopped already; the first reason stays."""
    thrown = update(switches).where(switches.c.name == REPLIES, switches.c.value.is_(None))
    return conn.execute(thrown.values(value=reason, by=by, at=now)).rowcount == 1


def start_replies(conn: Connection, by: str, now: datetime) -> bool:
    """Let replies go out again. False when they were not stopped."""
    thrown = update(switches).where(switches.c.name == REPLIES, switches.c.value.is_not(None))
    return conn.execute(thrown.values(value=None, by=by, at=now)).rowcount == 1


def withheld_since(conn: Connection, at: datetime) -> int:
    """Return how many replies were withheld since a moment because all were stopped."""
    withheld = (actions.c.kind == "reply", actions.c.state == "withheld", actions.c.reason == "stopped")
    counted = select(func.count()).where(*withheld, actions.c.settled_at >= at)
    return conn.execute(counted).scalar_one()


def are_rehearsed(conn: Connection) -> bool:
    """Tell whether the last reply that was due was only rehearsed: the settings let none go out."""
    last = select(actions.c.reason).where(actions.c.kind == "reply", actions.c.state != "pending")
    return conn.execute(last.order_by(actions.c.id.desc()).limit(1)).scalar() == "rehearsal"


def _switch(row: Row[tuple[object, ...]]) -> Switch | None:
    return None if row.value is None else Switch(row.value, row.by, row.at)
