"""One row of the outbox: what is asked for, and what is read back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, select

from triage.store.addresses import address_hash, domain_hash
from triage.store.db import ignoring, insert_new
from triage.store.keys import Keyring
from triage.store.tables import actions, cases, correspondents

Kind = Literal["reply", "notify", "label", "alert"]
State = Literal["pending", "sending", "sent", "failed", "unsure", "withheld"]


@dataclass(frozen=True, slots=True)
class NewAction:
    """Something to be done. ``dedupe`` makes it the only one of its kind on its message.

    Of a reply there is one a case, whatever ``dedupe`` says. ``parts`` are those of the reply, or the one
    name of a notice. ``facts`` go to the wording and must be JSON. ``not_before`` delays; after ``not_after``
    a reply or a notice is withheld. A label names ``uidvalidity`` and ``uid``; ``dedupe`` tells the mailbox.
    An alert is a notice by the second channel; its ``recipient`` is the name of an address there.
    """

    kind: Kind
    dedupe: str
    mailbox_id: int | None
    recipient: str | None = None
    parts: tuple[str, ...] = ()
    language: str = "en"
    subject: str = ""
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    uidvalidity: int | None = None
    uid: int | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """An action as it stands. ``said`` are the parts that its claim left, ``reason`` why it is withheld."""

    id: int
    case_id: int | None
    dedupe: str
    kind: Kind
    state: State
    reason: str | None
    mailbox_id: int | None
    correspondent: str | None
    domain_hash: str | None
    recipient: str | None
    parts: tuple[str, ...]
    said: tuple[str, ...]
    language: str
    subject: str
    in_reply_to: str | None
    references: tuple[str, ...]
    facts: Mapping[str, Any]
    labels: tuple[str, ...]
    uidvalidity: int | None
    uid: int | None
    not_after: datetime | None
    created_at: datetime
    next_attempt_at: datetime
    attempts: int
    message_id: str | None
    said_at: datetime | None
    settled_at: datetime | None
    code: int | None
    answer: str | None
    raw: bytes | None


_AS_STORED = [actions.c[name] for name in Action.__dataclass_fields__]


def add_action(
    conn: Connection,
    keyring: Keyring,
    case_id: int | None,
    new: NewAction,
    now: datetime,
    *,
    origin: str = "",
) -> int | None:
    """Write an action row; None when the same action is there already. Without a case, ``dedupe`` is all.

    ``origin`` is the key of the message that asks for it, "" when a person or the service itself does.
    """
    whose = None
    if new.kind == "reply" and new.recipient is not None:
        whose = meet(conn, keyring, new.recipient, now)
    values = _plain(new) | {
        "case_id": case_id,
        "dedupe": _dedupe(keyring, _case_key(conn, case_id), new, origin),
        "state": "pending",
        "correspondent": whose,
        "domain_hash": None if new.recipient is None else domain_hash(keyring, new.recipient),
        "created_at": now,
        "next_attempt_at": new.not_before or now,
        "attempts": 0,
    }
    return insert_new(conn, actions, values)


def is_asked(conn: Connection, keyring: Keyring, case_id: int | None, new: NewAction) -> bool:
    """Tell whether the same action is there already, asked for by the service itself."""
    key = _dedupe(keyring, _case_key(conn, case_id), new, "")
    return conn.execute(select(actions.c.id).where(actions.c.dedupe == key)).first() is not None


def meet(conn: Connection, keyring: Keyring, address: str, now: datetime) -> str:
    """Make sure that a correspondent has a row, and return its key."""
    key = address_hash(keyring, address)
    conn.execute(ignoring(conn, correspondents).values(address_hash=key, first_met_at=now))
    return key


def read_action(conn: Connection, action_id: int) -> Action | None:
    """Return an action, None when there is none of that id."""
    row = conn.execute(select(*_AS_STORED).where(actions.c.id == action_id)).mappings().first()
    return None if row is None else _action(row)


def _plain(new: NewAction) -> dict[str, object]:
    same = ("kind", "mailbox_id", "recipient", "language", "subject", "in_reply_to", "uidvalidity", "uid")
    return {name: getattr(new, name) for name in (*same, "not_after")} | {
        "parts": list(new.parts),
        "labels": list(new.labels),
        "references": json.dumps(new.references),
        "facts": json.dumps(dict(new.facts)),
    }


def _case_key(conn: Connection, case_id: int | None) -> str:
    if case_id is None:
        return ""
    key: str = conn.execute(select(cases.c.key).where(cases.c.id == case_id)).scalar_one()
    return key


def _dedupe(keyring: Keyring, case_key: str, new: NewAction, origin: str) -> str:
    # Of the case's key, not its id: after a restore from backup an id can come to mean another message.
    if new.kind == "reply" and case_key:
        return keyring.digest("action", case_key, "reply")
    return keyring.digest("action", case_key, new.kind, origin, new.dedupe)


def _action(row: RowMapping) -> Action:
    read = dict(row)
    for name in ("parts", "said", "labels"):
        read[name] = tuple(read[name] or ())
    read["references"] = tuple(json.loads(read["references"]))
    read["facts"] = json.loads(read["facts"])
    read["raw"] = None if read["raw"] is None else read["raw"].encode("latin-1")
    return Action(**read)
