"""Rows to begin a test from: a mailbox, a decided message, an action in the outbox."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import Connection, select

from tests.factories import PARENT, TEACHER, a_message, a_school, an_identity
from triage.domain.model import (
    Classification,
    Decision,
    Evidence,
    Flag,
    Gate,
    History,
    Identity,
    Message,
    Reply,
    Route,
    Severity,
    Topic,
)
from triage.domain.named_later import Told
from triage.store import decided, intake, mailboxes, outbox, workflow
from triage.store.db import Database
from triage.store.intake import Intake, Recorded
from triage.store.outbox import Caps, Claimed, NewAction, NotDue, Withheld
from triage.store.tables import actions as actions_table
from triage.store.tables import flags as flags_table
from triage.store.workflow import Change

NOW = datetime(2026, 10, 14, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DOMAIN = "oakfield.example"
PLENTY = Caps(sender_day=1000, domain_hour=1000, mailbox_hour=1000, school_hour=1000)
UIDVALIDITY = 77
ABSENCE = Flag(Topic.ABSENCE, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8, why="absence told by email")
DISCLOSURE = Flag(
    Topic.SAFEGUARDING, Severity.IMMEDIATE, Route.SAFEGUARDING_LEAD, year=8, why="a fixed phrase"
)

_numbers = count(1)


def a_mailbox(conn: Connection, address: str = TEACHER, folder: str = "INBOX") -> int:
    """A mailbox that was met, with nothing read yet."""
    row = mailboxes.ensure_mailbox(conn, address, folder)
    mailboxes.record_contact(conn, row.id, UIDVALIDITY, 0, NOW, no_reply_below=0)
    return row.id


def a_reply(mailbox_id: int | None, **changes: object) -> NewAction:
    """A reply about absence to the parent, due at once."""
    reply = NewAction("reply", "reply", mailbox_id, PARENT, ("greeting", "absence", "help"))
    return replace(reply, **changes)


def a_notice(mailbox_id: int | None = None, **changes: object) -> NewAction:
    """A notice to the safeguarding lead."""
    notice = NewAction("notify", "safeguarding", mailbox_id, "safe@oakfield.example", ("safeguarding",))
    return replace(notice, **changes)


def a_decision(
    flags: Sequence[Flag] = (), parts: Sequence[str] = ("greeting", "absence", "help"), to: str = PARENT
) -> Decision:
    """A decision to answer about absence."""
    return Decision(
        topics={Topic.ABSENCE: 0.9},
        outcomes=(),
        reply=Reply(to, tuple(parts)),
        flags=tuple(flags),
        labels=("triage/absence",),
        gates=(Gate("null-return-path", hit=False, why="the Return-Path is an address"),),
        policy_hash="policy-1",
    )


def an_intake(
    mailbox_id: int,
    uid: int,
    *,
    message: Message | None = None,
    identity: Identity | None = None,
    flags: Sequence[Flag] = (),
    actions: Sequence[NewAction] = (),
    history: History | None = None,
    told: Told | None = None,
    now: datetime = NOW,
) -> Intake:
    """A message about absence, decided."""
    message = message or a_message()
    text = message.classified_text
    shown = Evidence(Topic.ABSENCE, text[:7], 0, 7)
    return Intake(
        mailbox_id=mailbox_id,
        uidvalidity=UIDVALIDITY,
        uid=uid,
        message=message,
        identity=identity or an_identity(),
        classification=Classification(text, {Topic.ABSENCE: 0.9}, (shown,)),
        decision=a_decision(flags),
        history=history or History(),
        now=now,
        actions=tuple(actions),
        told=told,
    )


def take_in(database: Database, intake_: Intake) -> Recorded:
    """Begin and record one message, as a poll does."""
    with database.write() as conn:
        intake.begin_attempts(conn, intake_.mailbox_id, intake_.uidvalidity, [intake_.uid], intake_.now)
    with database.write() as conn:
        return decided.record(conn, database.keyring, intake_)


def close_flag(
    conn: Connection, flag_id: int, reason: str, *, actor: str = "year8", note: str = "", now: datetime = NOW
) -> None:
    """Close an open flag as it stands."""
    version = conn.execute(select(flags_table.c.version).where(flags_table.c.id == flag_id)).scalar_one()
    workflow.resolve(conn, Change(flag_id, version, actor, now), reason, note)


def put(
    database: Database,
    new: NewAction,
    *,
    now: datetime = NOW,
    case: bool = True,
    identity: Identity | None = None,
) -> int:
    """Write one action of a new message, and return its id."""
    number = next(_numbers)
    if not case:
        with database.write() as conn:
            added = outbox.add_action(conn, database.keyring, None, replace(new, dedupe=f"{number}"), now)
    else:
        with database.write() as conn:
            mailbox_id = new.mailbox_id or a_mailbox(conn)
        message = a_message(message_id=f"<{number}@home.example>", sender=new.recipient or PARENT)
        placed = replace(new, mailbox_id=mailbox_id)
        intake_ = an_intake(mailbox_id, number, message=message, identity=identity, actions=[placed], now=now)
        (added,) = take_in(database, intake_).action_ids
    assert added is not None
    return added


def claim(
    database: Database,
    action_id: int,
    *,
    now: datetime = NOW,
    seconds: float = 300,
    caps: Caps = PLENTY,
    live: bool = True,
    windows: dict[str, timedelta] | None = None,
) -> Claimed | Withheld | NotDue:
    """Claim an action in a transaction of its own; ``seconds`` below 0 give a claim that ran out already."""
    with database.write() as conn:
        return outbox.claim(
            conn,
            database.keyring,
            action_id,
            "a worker",
            domain=DOMAIN,
            now=now,
            seconds=seconds,
            caps=caps,
            live=live,
            school=a_school(),
            windows=windows,
        )


def claimed(database: Database, action_id: int, **how: object) -> Claimed:
    """Claim an action that nothing holds back."""
    got = claim(database, action_id, **how)
    assert isinstance(got, Claimed), got
    return got


def confirm(database: Database, mine: Claimed) -> bool:
    with database.write() as conn:
        return outbox.confirm(conn, mine.action.id, mine.token)


def settle(database: Database, mine: Claimed, kind: outbox.Outcome, **more: object) -> bool:
    with database.write() as conn:
        return outbox.settle(conn, mine.action.id, mine.token, kind=kind, **{"now": NOW} | more)


def send(database: Database, action_id: int, **how: object) -> Claimed:
    """Claim, confirm and settle a reply as sent."""
    mine = claimed(database, action_id, **how)
    assert confirm(database, mine)
    assert settle(database, mine, "sent", code=250, text="queued", raw=b"the bytes")
    return mine


def state_of(database: Database, action_id: int) -> str:
    with database.read() as conn:
        action = outbox.read_action(conn, action_id)
    assert action is not None
    return action.state


def read(database: Database, action_id: int) -> outbox.Action:
    with database.read() as conn:
        action = outbox.read_action(conn, action_id)
    assert action is not None
    return action


def actions_of(database: Database, case_id: int) -> list[outbox.Action]:
    """What was asked for about a case, in order."""
    asked = select(actions_table.c.id).where(actions_table.c.case_id == case_id).order_by(actions_table.c.id)
    with database.read() as conn:
        found = [outbox.read_action(conn, number) for number in conn.execute(asked).scalars()]
    return [action for action in found if action is not None]
