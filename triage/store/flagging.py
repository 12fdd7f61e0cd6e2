"""Raising flags: each once for its message, in the transaction that found the reason."""

from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, exists, insert, select, update

from triage.domain.model import Flag, Severity
from triage.store.addresses import address_hash
from triage.store.db import insert_new
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
    key = _dedupe(conn, case_id, flag, origin)
    flag_id = insert_new(conn, flags, _values(conn, case_id, flag, now) | {"dedupe": key})
    if flag_id is not None:
        note_event(conn, flag_id, "raised", now, reason=reason)
    return flag_id


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
    values = {"flag_id": flag_id, "at": now, "event": event, "actor": actor, "reason": reason, "note": note}
    conn.execute(insert(flag_events).values(**values))


def _dedupe(conn: Connection, case_id: int, flag: Flag, origin: str) -> str:
    key: str = conn.execute(select(cases.c.key).where(cases.c.id == case_id)).scalar_one()
    year = "" if flag.year is None else str(flag.year)
    about = (flag.about or "").lower()
    return keyring_of(conn).digest("flag", key, origin, flag.topic, flag.route, year, about)


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
