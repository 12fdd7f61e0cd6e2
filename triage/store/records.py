"""The case of a message and the decision on it, as they are kept."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import Connection, insert, select

from triage.domain.model import (
    Attachment,
    Classification,
    Decision,
    Evidence,
    Gate,
    History,
    Identity,
    Message,
    Topic,
)
from triage.domain.named_later import Told
from triage.domain.proof import proof_of
from triage.store.actions import NewAction
from triage.store.addresses import address_hash
from triage.store.db import ignoring, insert_all
from triage.store.keys import Keyring
from triage.store.many import MANY, rows_of
from triage.store.tables import case_pupils, cases, decisions

_THERE = select(cases.c.id, cases.c.key).where(cases.c.key.in_(MANY))


@dataclass(frozen=True, slots=True)
class Intake:
    """One message with everything that was found out and decided about it.

    ``told`` is what an answer to our reply says of the child.
    """

    mailbox_id: int
    uidvalidity: int
    uid: int
    message: Message
    identity: Identity
    classification: Classification
    decision: Decision
    history: History
    now: datetime
    actions: tuple[NewAction, ...] = ()
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """What a case keeps of the message that opened it."""

    hash: str
    address: str
    subject: str
    received: datetime

    @classmethod
    def of(cls, keyring: Keyring, message: Message) -> Self:
        """Take it from a message."""
        address = message.sender.address
        return cls(address_hash(keyring, address), address, message.subject, message.received)


def ensure_case(conn: Connection, key: str, sender: Sender | None, now: datetime) -> tuple[int, bool]:
    """Return the case of a message key and whether it was there before."""
    made, there = ensure_cases(conn, {key: sender}, now)
    return (made | there)[key], key in there


def ensure_cases(
    conn: Connection, senders: Mapping[str, Sender | None], now: datetime
) -> tuple[dict[str, int], dict[str, int]]:
    """Return the cases of some message keys, those made now and those that were there before."""
    # In one order everywhere: of two who make the same cases none waits for the other in a ring.
    rows = [{"key": key, "created_at": now, **_opened_by(senders[key])} for key in sorted(senders)]
    made = {row.key: row.id for row in insert_all(conn, cases, rows, cases.c.id, cases.c.key)}
    there = rows_of(conn, _THERE, senders.keys() - made.keys())
    return made, {row.key: row.id for row in there}


def _opened_by(sender: Sender | None) -> dict[str, object]:
    return {
        "sender_hash": sender and sender.hash,
        "sender": sender and sender.address,
        "subject": sender and sender.subject,
        "received_at": sender and sender.received,
    }


def add_pupils(conn: Connection, about: Sequence[tuple[int, str]]) -> None:
    """Add pupils to cases: whom the messages of each are about."""
    rows = [{"case_id": case_id, "pupil_id": pupil} for case_id, pupil in about]
    if rows:
        conn.execute(ignoring(conn, case_pupils), rows)


@dataclass(frozen=True, slots=True)
class Kept:
    """A decision to be kept with all that led to it; what the message says only where it is ``whole``."""

    message_id: int
    case_id: int
    origin: str
    intake: Intake
    whole: bool


def add_decisions(conn: Connection, kept: Sequence[Kept]) -> None:
    """Keep decisions."""
    conn.execute(insert(decisions), [_row(each) for each in kept])


def _row(kept: Kept) -> dict[str, object]:
    intake = kept.intake
    return {
        "message_id": kept.message_id,
        "case_id": kept.case_id,
        "origin": kept.origin,
        "decided_at": intake.now,
        **_found(intake),
        **_decided(intake),
        **(_text(intake) if kept.whole else _NO_TEXT),
    }


def _found(intake: Intake) -> dict[str, object]:
    found, identity = intake.classification, intake.identity
    return {
        "received_at": intake.message.received,
        "sender_kind": identity.sender.value,
        "proof": proof_of(intake.message, identity).value,
        "pupils": list(identity.pupils),
        "several": list(identity.several),
        "named_in": identity.named_in,
        "sender": intake.message.sender.address,
        "subject": intake.message.subject,
        "scores": {topic.value: score for topic, score in found.scores.items()},
        "immediate": found.immediate,
        "phrase_floor": found.phrase_floor,
        "evidence": json.dumps([_plain(shown) for shown in found.evidence]),
        "why": json.dumps([*identity.why, *([found.uncertain] if found.uncertain else [])]),
    }


def _decided(intake: Intake) -> dict[str, object]:
    decision = intake.decision
    return {
        "policy_hash": decision.policy_hash,
        "topics": {topic.value: score for topic, score in decision.topics.items()},
        "outcomes": [outcome.value for outcome in decision.outcomes],
        "parts": list(decision.reply.parts),
        "withheld": decision.reply.withheld,
        "labels": list(decision.labels),
        "gates": json.dumps([{"name": one.name, "hit": one.hit, "why": one.why} for one in decision.gates]),
    }


def _text(intake: Intake) -> dict[str, object]:
    message = intake.message
    return {
        "classified": intake.classification.text,
        "text": message.text,
        "sender_name": message.sender.name,
        "attachments": json.dumps([_plain(attached) for attached in message.attachments]),
        "html": message.html or None,
        "html_cut": message.html_cut,
    }


_NO_TEXT: Mapping[str, object] = dict.fromkeys(
    ("classified", "text", "sender_name", "attachments", "html", "html_cut")
)


def _plain(value: Attachment | Evidence | Gate) -> dict[str, object]:
    """Return a value of plain fields as JSON has it: ``asdict`` would copy each field first."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def read_attachments(stored: str | None) -> tuple[Attachment, ...]:
    """Return what was attached to a message; nothing for one that was kept before this was noted."""
    return tuple(Attachment(**each) for each in json.loads(stored or "[]"))


def read_evidence(stored: str) -> tuple[Evidence, ...]:
    """Return the evidence of a decision as it was found."""
    return tuple(
        Evidence(Topic(each["topic"]), each["text"], each["start"], each["end"])
        for each in json.loads(stored)
    )
