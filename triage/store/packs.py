"""The packs of words that people have approved, by the words that they have read.

A row of the switches is called "pack:" and the language's code; its value is the fingerprint of the words as
they were approved, None when the approval was withdrawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from triage.domain.language import PackState
from triage.store.db import ignoring
from triage.store.tables import switches

_PREFIX = "pack:"


@dataclass(frozen=True, slots=True)
class Approval:
    """What was approved, by whom and when; ``fingerprint`` is None when that was withdrawn."""

    fingerprint: str | None
    by: str
    at: datetime


def approvals(conn: Connection) -> dict[str, Approval]:
    """Return the last word on each pack that somebody has approved once, by its language's code."""
    rows = conn.execute(select(switches).where(switches.c.name.startswith(_PREFIX))).all()
    return {row.name.removeprefix(_PREFIX): Approval(row.value, row.by, row.at) for row in rows}


def state_of(approval: Approval | None, fingerprint: str) -> PackState:
    """Return whether replies say the words of this fingerprint, by the last word on their pack."""
    if approval is None:
        return PackState.NEVER
    if approval.fingerprint is None:
        return PackState.WITHDRAWN
    return PackState.ON if approval.fingerprint == fingerprint else PackState.CHANGED


def approved(conn: Connection, fingerprints: Mapping[str, str]) -> frozenset[str]:
    """Return the packs whose words are those approved; ``fingerprints`` are those of the words there are."""
    found = approvals(conn)
    states = {code: state_of(found.get(code), words) for code, words in fingerprints.items()}
    return frozenset(code for code, state in states.items() if state is PackState.ON)


def approve(conn: Connection, code: str, fingerprint: str, by: str, now: datetime) -> bool:
    """Approve the words of a pack. False when these were approved already."""
    held = approvals(conn).get(code)
    if held is not None and held.fingerprint == fingerprint:
        return False
    _write(conn, code, fingerprint, by, now)
    return True


def withdraw(conn: Connection, code: str, by: str, now: datetime) -> bool:
    """Withdraw the approval of a pack. False when there was none."""
    held = approvals(conn).get(code)
    if held is None or held.fingerprint is None:
        return False
    _write(conn, code, None, by, now)
    return True


def _write(conn: Connection, code: str, fingerprint: str | None, by: str, now: datetime) -> None:
    name = f"{_PREFIX}{code}"
    values = {"value": fingerprint, "by": by, "at": now}
    conn.execute(ignoring(conn, switches).values(name=name, **values))
    conn.execute(update(switches).where(switches.c.name == name).values(**values))
