"""The row of the switches that tells to which years, and with which parts, replies go out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from triage.domain.proof import Proof
from triage.domain.switched import SwitchedOn
from triage.store.db import ignoring
from triage.store.switches import lock_replies
from triage.store.tables import decisions, pupils, switches

LIVE = "live"


@dataclass(frozen=True, slots=True)
class Choice:
    """What was switched on, why, by whom and when."""

    on: SwitchedOn
    reason: str
    by: str
    at: datetime


def switched_on(conn: Connection) -> SwitchedOn:
    """Return what is switched on: everything until somebody has chosen."""
    choice = last_choice(conn)
    return SwitchedOn() if choice is None else choice.on


def last_choice(conn: Connection) -> Choice | None:
    """Return the choice that holds, None where nobody has made one."""
    row = conn.execute(select(switches).where(switches.c.name == LIVE)).first()
    if row is None:
        return None
    kept = json.loads(row.value)
    on = SwitchedOn(years=_set(kept["years"]), parts=_set(kept["parts"]))
    return Choice(on, kept["reason"], row.by, row.at)


def switch_on(conn: Connection, on: SwitchedOn, reason: str, by: str, now: datetime) -> None:
    """Make this what is switched on. No reply is claimed until it is committed."""
    lock_replies(conn)
    kept = {"years": _list(on.years), "parts": _list(on.parts), "reason": reason}
    values = {"value": json.dumps(kept), "by": by, "at": now}
    conn.execute(ignoring(conn, switches).values(name=LIVE, **values))
    conn.execute(update(switches).where(switches.c.name == LIVE).values(**values))


def reaches_case(conn: Connection, case_id: int | None) -> bool:
    """Tell whether the years that are switched on let a reply on a case go out.

    For a sender who is not verified the year counts as unknown: whether there is a reply must not tell which
    pupils are on the roster (T2).
    """
    on = switched_on(conn)
    return on.years is None or on.reaches(*_years(conn, case_id))


def _years(conn: Connection, case_id: int | None) -> tuple[set[int], set[int]]:
    """Return the years of the pupils of a case, and of those who may be meant."""
    found = select(decisions.c.proof, decisions.c.pupils, decisions.c.several)
    rows = conn.execute(found.where(decisions.c.case_id == case_id)).all()
    if any(row.proof != Proof.VERIFIED for row in rows):
        return set(), set()
    named = {one for row in rows for one in row.pupils or ()}
    possible = {one for row in rows for one in row.several or ()}
    return _years_of(conn, named), _years_of(conn, possible)


def _years_of(conn: Connection, ids: set[str]) -> set[int]:
    return set(conn.execute(select(pupils.c.year).where(pupils.c.id.in_(ids))).scalars()) if ids else set()


def _set(kept: Sequence[Any] | None) -> frozenset[Any] | None:
    return None if kept is None else frozenset(kept)


def _list(chosen: frozenset[Any] | None) -> list[Any] | None:
    return None if chosen is None else sorted(chosen)
