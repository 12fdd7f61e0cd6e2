"""The case of a message and the decision on it, as they are kept."""

import json
from collections.abc import Sequence
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
from triage.store.db import ignoring, insert_new
from triage.store.keys import Keyring
from triage.store.tables import case_pupils, cases, decisions


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
    values: dict[str, object] = {"key": key, "created_at": now}
    if sender is not None:
        values |= {
            "sender_hash": sender.hash,
            "sender": sender.address,
            "subject": sender.subject,
            "received_at": sender.received,
        }
    made = insert_new(conn, cases, values)
    if made is not None:
        return made, False
    return conn.execute(select(cases.c.id).where(cases.c.key == key)).scalar_one(), True


def add_pupils(conn: Connection, case_id: int, pupils: Sequence[str]) -> None:
    """Add the pupils whom a message is about to its case."""
    for pupil in pupils:
        conn.execute(ignoring(conn, case_pupils).values(case_id=case_id, pupil_id=pupil))


def add_decision(
    conn: Connection, message_id: int, case_id: int, origin: str, intake: Intake, *, whole: bool
) -> None:
    """Keep a decision with all that led to it; what the message says only where it is kept ``whole``."""
    values = {"message_id": message_id, "case_id": case_id, "origin": origin, "decided_at": intake.now}
    said = _text(intake) if whole else {}
    conn.execute(insert(decisions).values(**values, **_found(intake), **_decided(intake), **said))


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
        "gates": json.dumps([_plain(gate) for gate in decision.gates]),
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
