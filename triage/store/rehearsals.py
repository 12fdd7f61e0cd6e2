"""Rehearsals as they are kept: the figures of each, and of the last the messages that were least certain."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from triage.domain.model import Classification, Evidence, Message
from triage.domain.rehearsal import Figures
from triage.store.records import read_evidence
from triage.store.tables import rehearsals, rehearsed


@dataclass(frozen=True, slots=True)
class Kept:
    """One rehearsal: who made it when, of which mailboxes since when, and its figures."""

    id: int
    at: datetime
    by: str
    mailboxes: str
    since: datetime
    figures: Figures


@dataclass(frozen=True, slots=True)
class Doubtful:
    """One of the least certain messages: its number, the topics to which it was near, and what it says."""

    number: int
    received_at: datetime
    sender: str
    subject: str
    text: str
    evidence: tuple[Evidence, ...]
    topics: tuple[str, ...]
    scores: Mapping[str, float]
    why: str | None


def doubtful(number: int, message: Message, found: Classification, topics: Sequence[str]) -> Doubtful:
    """Return what is kept of a message about which the software was not certain."""
    return Doubtful(
        number,
        message.received,
        message.sender.address,
        message.subject,
        message.own_text,
        found.evidence,
        tuple(topics),
        {topic.value: score for topic, score in found.scores.items()},
        found.uncertain,
    )


def keep_rehearsal(
    conn: Connection,
    by: str,
    mailboxes: Sequence[str],
    since: datetime,
    figures: Figures,
    *,
    least: Sequence[Doubtful],
    now: datetime,
) -> int:
    """Keep a rehearsal and its least certain messages, and forget those of earlier ones. Returns its id."""
    conn.execute(delete(rehearsed))
    values = {"at": now, "by": by, "mailboxes": ", ".join(mailboxes), "since": since}
    made = insert(rehearsals).values(**values, figures=figures.plain()).returning(rehearsals.c.id)
    number: int = conn.execute(made).scalar_one()
    for one in least:
        conn.execute(insert(rehearsed).values(rehearsal_id=number, **_plain(one)))
    return number


def last_rehearsals(conn: Connection, most: int) -> list[Kept]:
    """Return the last rehearsals, the newest first."""
    found = select(rehearsals).order_by(rehearsals.c.id.desc()).limit(most)
    return [
        Kept(**{**row, "figures": Figures.of_plain(row["figures"])}) for row in conn.execute(found).mappings()
    ]


def least_certain(conn: Connection, rehearsal_id: int) -> list[Doubtful]:
    """Return the least certain messages of a rehearsal, the least certain first."""
    found = select(rehearsed).where(rehearsed.c.rehearsal_id == rehearsal_id).order_by(rehearsed.c.id)
    names = [name for name in Doubtful.__dataclass_fields__ if name not in {"evidence", "topics"}]
    return [
        Doubtful(
            **{name: row[name] for name in names},
            evidence=read_evidence(row["evidence"]),
            topics=tuple(row["topics"]),
        )
        for row in conn.execute(found).mappings()
    ]


def number_kept(conn: Connection, rehearsal_id: int) -> int:
    """Return how many single messages of a rehearsal are kept."""
    counted = select(func.count()).where(rehearsed.c.rehearsal_id == rehearsal_id)
    return conn.execute(counted).scalar_one()


def forget_least_certain(conn: Connection) -> int:
    """Delete what is kept of single messages; the figures stay. Returns how many messages that were."""
    return conn.execute(delete(rehearsed)).rowcount


def _plain(one: Doubtful) -> dict[str, object]:
    shown = json.dumps([asdict(each) for each in one.evidence])
    same = ("number", "received_at", "sender", "subject", "text", "scores", "why")
    return {name: getattr(one, name) for name in same} | {"topics": list(one.topics), "evidence": shown}
