"""One row of the outbox: what is asked for, and what is read back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, bindparam, select

from triage.store.addresses import address_hash, domain_hash
from triage.store.db import ignoring, insert_all
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


@dataclass(frozen=True, slots=True)
class Adding:
    """An action to be written: of which case, if of any, with its key; ``origin`` as in ``add_action``."""

    case_id: int | None
    case_key: str
    new: NewAction
    now: datetime
    origin: str = ""


_STORED = select(*(actions.c[name] for name in Action.__dataclass_fields__)).where(
    actions.c.id == bindparam("action")
)


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
    adding = Adding(case_id, _case_key(conn, case_id), new, now, origin)
    return add_actions(conn, keyring, [adding])[0]


def add_actions(conn: Connection, keyring: Keyring, adding: Sequence[Adding]) -> list[int | None]:
    """Write action rows; return the id of each, None when the same action is there already."""
    whose = _correspondents(conn, keyring, adding)
    rows = [
        _plain(each.new)
        | {
            "case_id": each.case_id,
            "dedupe": _dedupe(keyring, each.case_key, each.new, each.origin),
            "state": "pending",
            "correspondent": whose[each.new.recipient] if _is_answer(each.new) else None,
            "domain_hash": None if each.new.recipient is None else domain_hash(keyring, each.new.recipient),
            "created_at": each.now,
            "next_attempt_at": each.new.not_before or each.now,
            "attempts": 0,
        }
        for each in adding
    ]
    made = {row.dedupe: row.id for row in insert_all(conn, actions, rows, actions.c.id, actions.c.dedupe)}
    # Of two that are the same only the first is new.
    return [made.pop(row["dedupe"], None) for row in rows]


def _is_answer(new: NewAction) -> bool:
    return new.kind == "reply" and new.recipient is not None


def _correspondents(conn: Connection, keyring: Keyring, adding: Sequence[Adding]) -> Mapping[str | None, str]:
    """Make sure that all who are to be answered have a row; return their keys by address."""
    met = {each.new.recipient: each.now for each in adding if _is_answer(each.new)}
    keys = {address: address_hash(keyring, address or "") for address in met}
    rows = [
        {"address_hash": keys[each], "first_met_at": met[each]} for each in sorted(met, key=keys.__getitem__)
    ]
    if rows:
        conn.execute(ignoring(conn, correspondents), rows)
    return keys


def is_asked(conn: Connection, keyring: Keyring, case_id: int | None, new: NewAction) -> bool:
    """Tell whether the same action is there already, asked for by the service itself."""
    key = _dedupe(keyring, _case_key(conn, case_id), new, "")
    return conn.execute(select(actions.c.id).where(actions.c.dedupe == key)).first() is not None


def read_action(conn: Connection, action_id: int) -> Action | None:
    """Return an action, None when there is none of that id."""
    row = conn.execute(_STORED, {"action": action_id}).mappings().first()
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
