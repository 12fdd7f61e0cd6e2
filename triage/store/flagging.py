"""Raising flags: each once for its message, in the transaction that found the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, exists, insert, select, update

from triage.domain.model import Flag, Severity
from triage.store.addresses import address_hash, normalised
from triage.store.db import insert_all
from triage.store.encrypted import keyring_of
from triage.store.tables import cases, flag_events, flags

SERVICE = "service"
PRESSED = "pressed"
PASSED_UP = "passed up"
"""The reason of the event with which a flag is raised for those who are called and could not see the case."""

NEVER = datetime(9999, 12, 31, tzinfo=UTC)


def raise_flag(
    conn: Connection, case_id: int, flag: Flag, now: datetime, *, origin: str = "", reason: str = ""
) -> int | None:
    """Write a flag and its first event, with a ``reason`` if there is one; None when nothing new came of it.

    ``origin`` is the key of the message. A like flag that is open on the case is kept, and made more pressing
    if this one is. A copy of the message does not raise again what was resolved; an answer does.
    What was ``PASSED_UP`` is like nothing else: it calls nobody, and tells of nobody whom the case is about.
    """
    like = _open_like(conn, case_id, flag, passed_up=reason == PASSED_UP)
    if like is not None:
        return _press(conn, like, flag, now)
    case_key: str = conn.execute(select(cases.c.key).where(cases.c.id == case_id)).scalar_one()
    return _raise_new(conn, [Raising(case_id, case_key, flag, now, origin)], reason)[0]


@dataclass(frozen=True, slots=True)
class Raising:
    """A flag to be raised on a case with its key, for the message whose key is ``origin``."""

    case_id: int
    case_key: str
    flag: Flag
    now: datetime
    origin: str
    case_is_new: bool = False


def raise_flags(conn: Connection, raising: Sequence[Raising]) -> list[int | None]:
    """Raise the flags of messages, as ``raise_flag`` does one.

    What is the first of its kind on a case that was made just now is like no other: all such go together.
    """
    first: dict[tuple[object, ...], int] = {}
    for place, each in enumerate(raising):
        if each.case_is_new:
            first.setdefault(_likeness(each), place)
    new = sorted(first.values())
    ids = dict(zip(new, _raise_new(conn, [raising[place] for place in new]), strict=True))
    return [
        ids[place]
        if place in ids
        else raise_flag(conn, each.case_id, each.flag, each.now, origin=each.origin)
        for place, each in enumerate(raising)
    ]


def _likeness(raising: Raising) -> tuple[object, ...]:
    """Return what is the same of two flags that are one on a case: see ``_open_like``."""
    flag = raising.flag
    about = None if flag.about is None else normalised(flag.about)
    return raising.case_id, flag.topic, flag.route, flag.year, about


def _raise_new(conn: Connection, raising: Sequence[Raising], reason: str = "") -> list[int | None]:
    """Write flags that no open one is like, each with its first event; None for what was raised before."""
    rows = [
        _values(conn, each.case_id, each.flag, each.now)
        | {"dedupe": _dedupe(conn, each.case_key, each.flag, each.origin)}
        for each in raising
    ]
    made = {row.dedupe: row.id for row in insert_all(conn, flags, rows, flags.c.id, flags.c.dedupe)}
    events = [
        _event(made[row["dedupe"]], "raised", each.now, reason=reason)
        for row, each in zip(rows, raising, strict=True)
        if row["dedupe"] in made
    ]
    if events:
        conn.execute(insert(flag_events), events)
    return [made.get(row["dedupe"]) for row in rows]


def open_like(conn: Connection, case_id: int, flag: Flag) -> int | None:
    """Return the id of the open flag of a case that a flag would join, None where there is none."""
    like = _open_like(conn, case_id, flag)
    return None if like is None else int(like["id"])


def note_event(
    conn: Connection,
    flag_id: int,
    event: str,
    now: datetime,
    *,
    actor: str = SERVICE,
    reason: str = "",
    note: str = "",
) -> None:
    """Add a line to a flag's history."""
    row = _event(flag_id, event, now, actor=actor, reason=reason, note=note)
    conn.execute(insert(flag_events), [row])


def _event(
    flag_id: int, event: str, now: datetime, *, actor: str = SERVICE, reason: str = "", note: str = ""
) -> dict[str, object]:
    return {"flag_id": flag_id, "at": now, "event": event, "actor": actor, "reason": reason, "note": note}


def _dedupe(conn: Connection, case_key: str, flag: Flag, origin: str) -> str:
    year = "" if flag.year is None else str(flag.year)
    about = (flag.about or "").lower()
    return keyring_of(conn).digest("flag", case_key, origin, flag.topic, flag.route, year, about)


def _values(conn: Connection, case_id: int, flag: Flag, now: datetime) -> dict[str, object]:
    return {
        "case_id": case_id,
        "topic": flag.topic.value,
        "severity": flag.severity.value,
        "route": flag.route.value,
        "year": flag.year,
        "about": flag.about,
        "about_hash": _about_hash(conn, flag),
        "deadline": flag.deadline,
        **_place(flag.severity, flag.deadline),
        "why": flag.why,
        "joined": [topic.value for topic in flag.joined],
        "state": "open",
        "created_at": now,
    }


def _place(severity: Severity, deadline: datetime | None) -> dict[str, object]:
    """Return the place in the queue: what has no deadline is never due."""
    return {"rank": severity.rank, "due": NEVER if deadline is None else deadline}


def _about_hash(conn: Connection, flag: Flag) -> str | None:
    return None if flag.about is None else address_hash(keyring_of(conn), flag.about)


def _open_like(conn: Connection, case_id: int, flag: Flag, *, passed_up: bool = False) -> RowMapping | None:
    shows = exists().where(flag_events.c.flag_id == flags.c.id, flag_events.c.reason == PASSED_UP)
    return (
        conn.execute(
            select(flags.c.id, flags.c.severity, flags.c.deadline, flags.c.joined).where(
                flags.c.case_id == case_id,
                flags.c.state == "open",
                shows if passed_up else ~shows,
                flags.c.topic == flag.topic.value,
                flags.c.route == flag.route.value,
                flags.c.year.is_not_distinct_from(flag.year),
                flags.c.about_hash.is_not_distinct_from(_about_hash(conn, flag)),
            )
        )
        .mappings()
        .first()
    )


def _press(conn: Connection, like: RowMapping, flag: Flag, now: datetime) -> int | None:
    """Make an open flag as pressing as a new one; return its id if that changed anything."""
    deadlines = [moment for moment in (like["deadline"], flag.deadline) if moment is not None]
    deadline = min(deadlines, default=None)
    severity = min(Severity(like["severity"]), flag.severity, key=lambda each: each.rank)
    flag_id = int(like["id"])
    joined = list(dict.fromkeys([*(like["joined"] or ()), *flag.joined]))
    values = {"severity": severity.value, "deadline": deadline, "joined": joined}
    conn.execute(update(flags).where(flags.c.id == flag_id).values(**values, **_place(severity, deadline)))
    if (severity, deadline) == (like["severity"], like["deadline"]):
        return None
    # Whoever is about to close it has read it as less pressing: their form is of an older version now.
    conn.execute(update(flags).where(flags.c.id == flag_id).values(version=flags.c.version + 1))
    note_event(conn, flag_id, PRESSED, now)
    return flag_id
