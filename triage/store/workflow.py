"""What people do with a flag: take it, note, close, open again, pass on, correct. Nobody overwrites another.

A form carries the ``version`` of the flag that its page showed. Each change is one UPDATE of exactly that
version, so of two people at once the second changes nothing and is told (``ChangedMeanwhileError``). Whether
the actor may is asked before. Every change is a line of the flag's history and of the audit.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, insert, select, update

from triage.domain.model import Flag, Topic
from triage.domain.reasons import without
from triage.domain.resolutions import DISCUSSED
from triage.store import audit
from triage.store.actions import NewAction
from triage.store.addresses import address_hash
from triage.store.encrypted import keyring_of
from triage.store.flagging import note_event, open_like, raise_flag
from triage.store.flags import DROPPED, OPEN, RESOLVED
from triage.store.notices import add_notices
from triage.store.tables import corrections, decisions, flags

WAITING, CLOSED, STANDING = (OPEN,), (RESOLVED,), (OPEN, RESOLVED)
RAISED, TAKEN, GIVEN, RESOLVING = "raised", "taken", "assigned", "resolved"
RAISED_BY_HAND, RELEASED = "raised by a person", "released"
PASSED, OPENED, WRONG, ADDED = "passed on", "opened again", "marked as wrong", "added to"


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
    _write(conn, change, WAITING, {"assigned": holder, "assigned_hash": own})
    _tell(conn, change, _taking(change, holder), note=holder or "")


def add_note(conn: Connection, change: Change, note: str) -> None:
    """Add a note to an open flag. Raises ChangedMeanwhileError."""
    _write(conn, change, WAITING, {})
    _tell(conn, change, "noted", note=note)


def resolve(conn: Connection, change: Change, reason: str, note: str) -> None:
    """Close an open flag. Raises ChangedMeanwhileError."""
    talked = {"talked_at": change.now} if reason in DISCUSSED else {}
    _write(conn, change, WAITING, {"state": RESOLVED, "resolved_at": change.now, **talked})
    _tell(conn, change, RESOLVING, reason=reason, note=note)


def reopen(conn: Connection, change: Change, note: str) -> None:
    """Open a closed flag again. Raises ChangedMeanwhileError."""
    _write(conn, change, CLOSED, {"state": OPEN, "resolved_at": None})
    _tell(conn, change, OPENED, note=note)


def pass_to_lead(
    conn: Connection, change: Change, flag: Flag, note: str, notices: Iterable[NewAction] = ()
) -> int:
    """Close an open flag and raise one for the safeguarding lead beside it; return that one's id.

    From then on the message is a safeguarding matter and closed to whoever passed it on. The note goes with
    it, and stays for nobody else. ``notices`` tell of it. Raises ChangedMeanwhileError.
    """
    _hold_all(conn, change)
    _write(conn, change, WAITING, {"state": RESOLVED, "resolved_at": change.now})
    _tell(conn, change, PASSED, reason="passed to the safeguarding lead")
    case_id = _case_of(conn, change)
    raised = _raise(conn, change, case_id, flag, note)
    add_notices(conn, case_id, notices, change.now, flag_id=raised)
    return raised


def mark_wrong(conn: Connection, change: Change, topic: str, note: str = "") -> None:
    """Take a wrong guess off the record: the topic, its evidence, and the flag unless it stands for others.

    While another flag of the case stands for the topic, that one's evidence stays. What is kept for the
    classifier is that this topic was not there. Raises ChangedMeanwhileError.
    """
    case_id = _case_of(conn, change)
    _write(conn, change, WAITING, _left(conn, change, topic))
    _tell(conn, change, WRONG, reason=topic, note=note)
    if topic not in _standing_for(conn, case_id):
        _forget(conn, case_id, topic)
    _correct(conn, case_id, topic, "not there", change)


def add_missed(
    conn: Connection,
    change: Change,
    raised: Iterable[Flag],
    note: str = "",
    notices: Iterable[NewAction] = (),
) -> list[int]:
    """Flag a topic that was missed, found beside a flag; return the ids, that of an open like one if any.

    ``notices`` tell of it. Raises ChangedMeanwhileError.
    """
    _hold_all(conn, change)
    _write(conn, change, STANDING, {})
    _tell(conn, change, ADDED)
    case_id, those = _case_of(conn, change), list(raised)
    for topic in dict.fromkeys(flag.topic.value for flag in those):
        _correct(conn, case_id, topic, "missed", change)
    ids = [_raise(conn, change, case_id, flag, note) for flag in those]
    if ids:
        add_notices(conn, case_id, notices, change.now, flag_id=ids[0])
    return ids


def _taking(change: Change, holder: str | None) -> str:
    if holder is None:
        return RELEASED
    return TAKEN if holder == change.actor else GIVEN


def _left(conn: Connection, change: Change, topic: str) -> Mapping[str, object]:
    """Return what is left of a flag without one of the topics for which it stands."""
    row = conn.execute(_of(change, "topic", "joined", "why")).one()
    left = [each for each in (row.topic, *(row.joined or ())) if each != topic]
    if not left:
        return {"state": DROPPED, "resolved_at": change.now}
    return {"topic": left[0], "joined": left[1:], "why": without(row.why, topic)}


def _standing_for(conn: Connection, case_id: int) -> frozenset[str]:
    """Return the topics for which the flags of a case stand."""
    found = select(flags.c.topic, flags.c.joined).where(flags.c.case_id == case_id, flags.c.state != DROPPED)
    return frozenset(name for row in conn.execute(found) for name in (row.topic, *(row.joined or ())))


def _forget(conn: Connection, case_id: int, topic: str) -> None:
    """Drop what a case's decisions hold of a topic."""
    for row in conn.execute(select(decisions).where(decisions.c.case_id == case_id)).mappings().all():
        values = _without(row, topic)
        conn.execute(update(decisions).where(decisions.c.id == row["id"]).values(**values))


def _without(row: RowMapping, topic: str) -> dict[str, object]:
    harm = topic == Topic.SAFEGUARDING.value
    return {
        "scores": {name: score for name, score in row["scores"].items() if name != topic},
        "topics": {name: score for name, score in row["topics"].items() if name != topic},
        "evidence": json.dumps([each for each in json.loads(row["evidence"]) if each["topic"] != topic]),
        "immediate": row["immediate"] and not harm,
        "phrase_floor": row["phrase_floor"] and not harm,
    }


def _raise(conn: Connection, change: Change, case_id: int, flag: Flag, note: str) -> int:
    # The origin is the moment: a person may raise what was closed before.
    open_already = open_like(conn, case_id, flag)
    raised = raise_flag(conn, case_id, flag, change.now, origin=change.now.isoformat()) or open_already
    assert raised is not None  # noqa: S101 - for the type checker: what is open already is not raised again
    note_event(conn, raised, RAISED_BY_HAND, change.now, actor=change.actor, note=note)
    audit.append(conn, keyring_of(conn), change.now, change.actor, "flag raised", object_=f"flag {raised}")
    return raised


def _hold_all(conn: Connection, change: Change) -> None:
    """Lock the flags of a case, the oldest first, for what changes two: so no two wait for each other."""
    case_id = _of(change, "case_id").scalar_subquery()
    every = select(flags.c.id).where(flags.c.case_id == case_id).order_by(flags.c.id).with_for_update()
    conn.execute(every).all()


def _write(conn: Connection, change: Change, states: Collection[str], values: Mapping[str, object]) -> None:
    same = flags.c.id == change.flag_id, flags.c.version == change.version, flags.c.state.in_(states)
    changed = update(flags).where(*same).values(version=change.version + 1, **values)
    if conn.execute(changed).rowcount != 1:
        raise ChangedMeanwhileError


def _tell(conn: Connection, change: Change, event: str, *, reason: str = "", note: str = "") -> None:
    note_event(conn, change.flag_id, event, change.now, actor=change.actor, reason=reason, note=note)
    object_ = f"flag {change.flag_id}"
    audit.append(conn, keyring_of(conn), change.now, change.actor, f"flag {event}", object_=object_)


def _case_of(conn: Connection, change: Change) -> int:
    found: int = conn.execute(_of(change, "case_id")).scalar_one()
    return found


def _of(change: Change, *columns: str) -> Select[Any]:
    return select(*(flags.c[name] for name in columns)).where(flags.c.id == change.flag_id)


def _correct(conn: Connection, case_id: int, topic: str, verdict: str, change: Change) -> None:
    values = {"case_id": case_id, "topic": topic, "verdict": verdict, "at": change.now, "actor": change.actor}
    conn.execute(insert(corrections).values(**values))
