"""What people do with a flag: take it, note, close, open again, pass on, correct. Nobody overwrites another.

A form carries the ``version`` of the flag that its page showed. Each change is one UPDATE of exactly that
version, so of two people at once the second changes nothing and is told (``ChangedMeanwhileError``). Whether
the actor may is asked before. Every change is a line of the flag's history and of the audit.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from triage.domain.model import Flag, Route, Severity, Topic
from triage.store import audit
from triage.store.addresses import address_hash
from triage.store.encrypted import keyring_of
from triage.store.flagging import note_event, open_like, raise_flag
from triage.store.flags import DROPPED, OPEN, RESOLVED
from triage.store.tables import corrections, decisions, flags


class ChangedMeanwhileError(Exception):
    """Somebody else has changed the flag since the page was shown; nothing of this was written."""


@dataclass(frozen=True, slots=True)
class Change:
    """Which flag, as it was shown, by whom and when."""

    flag_id: int
    version: int
    actor: str
    now: datetime


def take(conn: Connection, change: Change, holder: str | None) -> None:
    """Give an open flag to somebody, None to nobody. Raises ChangedMeanwhileError."""
    own = None if holder is None else address_hash(keyring_of(conn), holder)
    _write(conn, change, OPEN, {"assigned": holder, "assigned_hash": own})
    _tell(conn, change, "released" if holder is None else "taken", note=holder or "")


def add_note(conn: Connection, change: Change, note: str) -> None:
    """Add a note to an open flag. Raises ChangedMeanwhileError."""
    _write(conn, change, OPEN, {})
    _tell(conn, change, "noted", note=note)


def resolve(conn: Connection, change: Change, reason: str, note: str) -> None:
    """Close an open flag. Raises ChangedMeanwhileError."""
    _write(conn, change, OPEN, {"state": RESOLVED, "resolved_at": change.now})
    _tell(conn, change, "resolved", reason=reason, note=note)


def reopen(conn: Connection, change: Change, note: str) -> None:
    """Open a closed flag again. Raises ChangedMeanwhileError."""
    _write(conn, change, RESOLVED, {"state": OPEN, "resolved_at": None})
    _tell(conn, change, "opened again", note=note)


def pass_to_lead(conn: Connection, change: Change, note: str) -> int:
    """Close an open flag and raise one for the safeguarding lead beside it; return that one's id.

    From then on the message is a safeguarding matter and closed to whoever passed it on. Raises
    ChangedMeanwhileError.
    """
    case_id, year = _place_of(conn, change)
    _write(conn, change, OPEN, {"state": RESOLVED, "resolved_at": change.now})
    _tell(conn, change, "passed on", reason="passed to the safeguarding lead", note=note)
    flag = Flag(
        Topic.SAFEGUARDING, Severity.HIGH, Route.SAFEGUARDING_LEAD, year=year, why="passed on by a person"
    )
    return _raise(conn, change, case_id, flag, note)


def mark_wrong(conn: Connection, change: Change, topic: str) -> None:
    """Take a wrong guess off the record: the topic, its evidence, and the flag unless it stands for others.

    What is kept for the classifier is that this topic was not there. Raises ChangedMeanwhileError.
    """
    case_id, _ = _place_of(conn, change)
    _write(conn, change, OPEN, _left(conn, change, topic))
    _tell(conn, change, "marked as wrong", reason=topic)
    for row in conn.execute(select(decisions).where(decisions.c.case_id == case_id)).mappings().all():
        without = _without(row["scores"], topic), _without(row["topics"], topic)
        evidence = [each for each in json.loads(row["evidence"]) if each["topic"] != topic]
        values = {"scores": without[0], "topics": without[1], "evidence": json.dumps(evidence)}
        conn.execute(update(decisions).where(decisions.c.id == row["id"]).values(**values))
    _correct(conn, case_id, topic, "not there", change)


def add_missed(conn: Connection, case_id: int, flag: Flag, actor: str, now: datetime) -> int:
    """Flag a topic that was missed; return the flag's id, an open like one's if there is one already."""
    change = Change(0, 0, actor, now)
    _correct(conn, case_id, flag.topic.value, "missed", change)
    return _raise(conn, change, case_id, flag, "")


def _left(conn: Connection, change: Change, topic: str) -> Mapping[str, object]:
    """Return what is left of a flag without one of the topics for which it stands."""
    row = conn.execute(select(flags.c.topic, flags.c.joined).where(flags.c.id == change.flag_id)).one()
    left = [each for each in (row.topic, *(row.joined or ())) if each != topic]
    if not left:
        return {"state": DROPPED, "resolved_at": change.now}
    return {"topic": left[0], "joined": left[1:]}


def _raise(conn: Connection, change: Change, case_id: int, flag: Flag, note: str) -> int:
    # The origin is the moment: a person may raise what was closed before.
    open_already = open_like(conn, case_id, flag)
    raised = raise_flag(conn, case_id, flag, change.now, origin=change.now.isoformat()) or open_already
    assert raised is not None  # noqa: S101 - for the type checker: what is open already is not raised again
    note_event(conn, raised, "raised by a person", change.now, actor=change.actor, note=note)
    audit.append(conn, keyring_of(conn), change.now, change.actor, "flag raised", object_=f"flag {raised}")
    return raised


def _write(conn: Connection, change: Change, state: str, values: Mapping[str, object]) -> None:
    changed = (
        update(flags)
        .where(flags.c.id == change.flag_id, flags.c.version == change.version, flags.c.state == state)
        .values(version=change.version + 1, **values)
    )
    if conn.execute(changed).rowcount != 1:
        raise ChangedMeanwhileError


def _tell(conn: Connection, change: Change, event: str, *, reason: str = "", note: str = "") -> None:
    note_event(conn, change.flag_id, event, change.now, actor=change.actor, reason=reason, note=note)
    object_ = f"flag {change.flag_id}"
    audit.append(conn, keyring_of(conn), change.now, change.actor, f"flag {event}", object_=object_)


def _place_of(conn: Connection, change: Change) -> tuple[int, int | None]:
    found = select(flags.c.case_id, flags.c.year).where(flags.c.id == change.flag_id)
    row = conn.execute(found).one()
    return row.case_id, row.year


def _without(scores: Mapping[str, float], topic: str) -> dict[str, float]:
    return {name: score for name, score in scores.items() if name != topic}


def _correct(conn: Connection, case_id: int, topic: str, verdict: str, change: Change) -> None:
    values = {"case_id": case_id, "topic": topic, "verdict": verdict, "at": change.now, "actor": change.actor}
    conn.execute(insert(corrections).values(**values))
