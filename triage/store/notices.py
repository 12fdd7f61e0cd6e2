"""Notices of flags that a person raises: rows of the outbox, which a worker sends.

The row is written in the transaction of its flag: neither is ever there without the other.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from triage.domain.by_hand import Place
from triage.domain.model import Flag
from triage.domain.visibility import Viewer, scope
from triage.store.actions import NewAction, add_action
from triage.store.encrypted import keyring_of
from triage.store.mailboxes import PASSED_ON
from triage.store.tables import actions, flags, mailboxes, messages

Notices = Callable[[Sequence[Flag], Place, str, datetime], Sequence[NewAction]]
"""Returns the notices of flags that are raised at a place, by whose address, and when."""


def no_notice(_flags: Sequence[Flag], _place: Place, _actor: str, _now: datetime) -> Sequence[NewAction]:
    """Return no notice."""
    return ()


@dataclass(frozen=True, slots=True)
class Notice:
    """To whom a notice goes and how it stands: ``due`` is when it is tried next, ``ended`` when it ended."""

    recipient: str
    state: str
    attempts: int
    due: datetime
    ended: datetime | None


def add_notices(
    conn: Connection, case_id: int, notices: Iterable[NewAction], now: datetime, *, flag_id: int
) -> None:
    """Ask for the notices of a flag that a person has raised; of one flag each is there once.

    They go out from a mailbox whose owner is not concerned: what cannot be delivered comes back to it.
    """
    keyring, box = keyring_of(conn), mailbox_for(conn, case_id)
    for notice in notices:
        placed = replace(notice, mailbox_id=box)
        add_action(conn, keyring, case_id, placed, now, origin=f"flag {flag_id}")


def read_notices(conn: Connection, who: Viewer, case_id: int) -> tuple[Notice, ...]:
    """Return the notices of a case of which ``who`` may know: the leads of every one, others of their own."""
    names = ("recipient", "state", "attempts", "next_attempt_at", "settled_at")
    found = select(*(actions.c[name] for name in names)).where(
        actions.c.case_id == case_id, actions.c.kind == "notify"
    )
    rows = conn.execute(found.order_by(actions.c.id)).all()
    every = scope(who).everything
    return tuple(Notice(*row) for row in rows if every or (row.recipient or "").lower() == who.address)


def mailbox_for(conn: Connection, case_id: int) -> int | None:
    """Return a mailbox whose owner no flag of a case is about, of those with its message if there is one."""
    named = select(flags.c.about).where(flags.c.case_id == case_id, flags.c.about.is_not(None))
    concerned = {about.lower() for about in conn.execute(named).scalars()}
    lay = select(messages.c.mailbox_id).where(messages.c.case_id == case_id)
    there = set(conn.execute(lay).scalars())
    watched = select(mailboxes.c.id, mailboxes.c.address).where(mailboxes.c.folder != PASSED_ON)
    every = conn.execute(watched).all()
    free = sorted((row.id not in there, row.id) for row in every if row.address.lower() not in concerned)
    return free[0][1] if free else None
