"""Notices of flags that a person raises: rows of the outbox, which a worker sends.

The row is written in the transaction of its flag: neither is ever there without the other.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, String, and_, cast, func, or_, select

from triage.domain.by_hand import Place
from triage.domain.calling import kept_from
from triage.domain.model import Flag
from triage.domain.school import School
from triage.domain.visibility import Viewer, scope
from triage.store.actions import Action, NewAction, add_action
from triage.store.encrypted import keyring_of
from triage.store.flags import DROPPED, flag_row
from triage.store.tables import actions, flags, mailboxes, messages

_NOTICE = [
    actions.c[name] for name in ("recipient", "state", "attempts", "next_attempt_at", "settled_at", "parts")
]
CONCERNED = "concerned"
"""Why a notice was withheld whose reader the case is about."""

A_DAY = timedelta(days=1)
TOGETHER = tuple(json.dumps([name]) for name in ("high", "immediate", "escalated", "taken"))
"""The ``parts`` of what can be of several cases: then it is of none, and its facts name the flags."""

Notices = Callable[[Sequence[Flag], Place, str, datetime], Sequence[NewAction]]
"""Returns the notices of flags that are raised at a place, by whose address, and when."""


def no_notice(_flags: Sequence[Flag], _place: Place, _actor: str, _now: datetime) -> Sequence[NewAction]:
    """Return no notice."""
    return ()


@dataclass(frozen=True, slots=True)
class Notice:
    """To whom a notice goes and how it stands: ``due`` is when it is tried next, ``ended`` when it ended.

    ``name`` is that of its template, which says what it is for.
    """

    recipient: str
    state: str
    attempts: int
    due: datetime
    ended: datetime | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class ToldOf:
    """Every flag that was ever raised on the cases of a notice, and where their messages lay.

    ``mailboxes`` are addresses in lower case.
    """

    flags: tuple[Flag, ...]
    mailboxes: frozenset[str]


def add_notices(
    conn: Connection, case_id: int, notices: Iterable[NewAction], now: datetime, *, flag_id: int
) -> None:
    """Ask for the notices of a flag that a person has raised; of one flag each is there once."""
    keyring = keyring_of(conn)
    for notice in notices:
        add_action(conn, keyring, case_id, notice, now, origin=f"flag {flag_id}")


def is_about_its_reader(conn: Connection, school: School, action: Action) -> bool:
    """Tell whether a notice or an alert would tell of a case somebody from whom it is kept.

    An alert of a case goes to the person on call. What was dropped is about nobody.
    """
    if action.case_id is None or action.kind not in {"notify", "alert"}:
        return False
    reader = school.on_call if action.kind == "alert" else action.recipient
    standing = select(flags).where(flags.c.case_id == action.case_id, flags.c.state != DROPPED)
    about = [flag_row(row).flag for row in conn.execute(standing).mappings()]
    return (reader or "").lower() in kept_from(school, about)


def read_notices(conn: Connection, who: Viewer, case_id: int) -> tuple[Notice, ...]:
    """Return the notices of a case of which ``who`` may know: the leads of every one, others of their own.

    What was kept from somebody whom the case is about is none.
    """
    own = actions.c.case_id == case_id
    found = select(*_NOTICE).where(
        actions.c.kind == "notify", or_(own, actions.c.id.in_(_with_others(conn, case_id)))
    )
    told = or_(actions.c.reason.is_(None), actions.c.reason != CONCERNED)
    rows = conn.execute(found.where(told).order_by(actions.c.id)).mappings().all()
    every = scope(who).everything
    seen = (row for row in rows if every or (row["recipient"] or "").lower() == who.address)
    return tuple(_notice(row) for row in seen)


def last_test(conn: Connection) -> tuple[Notice, ...]:
    """Return what went out at the last monthly test, by mail and otherwise; () before the first one."""
    test = cast(actions.c.parts, String) == json.dumps(["test"])
    newest = conn.execute(select(func.max(actions.c.created_at)).where(actions.c.case_id.is_(None), test))
    last = newest.scalar()
    if last is None:
        return ()
    found = select(*_NOTICE).where(actions.c.case_id.is_(None), test, actions.c.created_at > last - A_DAY)
    return tuple(_notice(row) for row in conn.execute(found.order_by(actions.c.id)).mappings())


def last_undelivered(conn: Connection, since: datetime) -> datetime | None:
    """Return when, after a moment, a notice last failed or came back; None where each one arrived."""
    failed = actions.c.kind == "notify", actions.c.state == "failed", actions.c.settled_at > since
    last: datetime | None = conn.execute(select(func.max(actions.c.settled_at)).where(*failed)).scalar()
    return last


def is_of_what_calls() -> ColumnElement[bool]:
    """Return the condition that an action is a notice, or an alert, of what calls people."""
    told = actions.c.kind.in_(["notify", "alert"])
    return and_(told, cast(actions.c.parts, String).in_(TOGETHER))


def told_together(conn: Connection, since: datetime) -> Iterator[tuple[int, frozenset[int]]]:
    """Yield what told of several cases at once since a moment: the id of each, and of its flags."""
    of_several = actions.c.case_id.is_(None), actions.c.created_at >= since, is_of_what_calls()
    found = select(actions.c.id, actions.c.facts).where(*of_several).order_by(actions.c.id)
    for row in conn.execute(found):
        yield row.id, frozenset(json.loads(row.facts).get("flags", ()))


def told_of(conn: Connection, action: Action) -> ToldOf:
    """Return what bears on a notice: it tells of its own case, or of those whose flags its facts name."""
    named = select(flags.c.case_id).where(flags.c.id.in_(action.facts.get("flags", ())))
    raised = select(flags).where(or_(flags.c.case_id == action.case_id, flags.c.case_id.in_(named)))
    rows = conn.execute(raised.order_by(flags.c.id)).mappings().all()
    cases = {row["case_id"] for row in rows} | {action.case_id}
    lay = select(mailboxes.c.address).join(messages).where(messages.c.case_id.in_(cases))
    there = frozenset(address.lower() for address in conn.execute(lay).scalars())
    return ToldOf(tuple(flag_row(row).flag for row in rows), there)


def _notice(row: RowMapping) -> Notice:
    return Notice(
        recipient=row["recipient"] or "",
        state=row["state"],
        attempts=row["attempts"],
        due=row["next_attempt_at"],
        ended=row["settled_at"],
        name=row["parts"][0],
    )


def _with_others(conn: Connection, case_id: int) -> list[int]:
    """Return the notices that tell of a case together with others."""
    raised = conn.execute(select(flags.c.id, flags.c.created_at).where(flags.c.case_id == case_id)).all()
    if not raised:
        return []
    ids = {row.id for row in raised}
    return [one for one, told in told_together(conn, min(row.created_at for row in raised)) if told & ids]
