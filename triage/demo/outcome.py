"""What became of the demo's mail, as the record tells it. Read-only; nothing is worked out a second time."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select

from triage.store.db import Database
from triage.store.tables import actions, cases, decisions, flags, mailboxes, messages


@dataclass(frozen=True, slots=True)
class FlagLine:
    """One flag: what for, to whom, how soon, for which year."""

    case: int
    topic: str
    severity: str
    route: str
    year: int | None
    why: str


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message, in however many inboxes it lay: what it is and what was done about it.

    ``said`` are the parts of the reply that went out; ``unsaid`` says why none did.
    """

    case: int
    received: datetime
    inboxes: tuple[str, ...]
    sender: str
    subject: str
    kind: str
    topics: tuple[str, ...]
    outcomes: tuple[str, ...]
    said: tuple[str, ...]
    unsaid: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The whole record: lines by time of receipt, flags by case, and how many actions are in which state."""

    messages: tuple[MessageLine, ...]
    flags: tuple[FlagLine, ...]
    replies: Counter[str]
    notices: Counter[str]
    states: Counter[str]


def read_outcome(database: Database) -> Outcome:
    """Return what the record holds. Raises StoreError."""
    with database.read() as conn:
        return Outcome(
            messages=tuple(_message_lines(conn)),
            flags=tuple(_flag_lines(conn)),
            replies=_action_states(conn, "reply"),
            notices=_action_states(conn, "notify"),
            states=Counter(conn.execute(select(messages.c.state)).scalars()),
        )


def _message_lines(conn: Connection) -> Iterator[MessageLine]:
    replies = {row.case_id: row for row in conn.execute(select(actions).where(actions.c.kind == "reply"))}
    query = (
        select(decisions, messages.c.origin, mailboxes.c.address)
        .join(messages, messages.c.id == decisions.c.message_id)
        .join(mailboxes, mailboxes.c.id == messages.c.mailbox_id)
        .order_by(decisions.c.received_at, decisions.c.id)
    )
    copies: dict[str, list[Row[tuple[object, ...]]]] = {}
    for row in conn.execute(query):
        copies.setdefault(row.origin, []).append(row)
    opened: set[int] = set()
    for rows in copies.values():
        # A case has one reply; a message that joined it later has none of its own.
        own = replies.get(rows[0].case_id) if rows[0].case_id not in opened else None
        opened.add(rows[0].case_id)
        yield _line(rows, own)


def _line(rows: Sequence[Row[tuple[object, ...]]], reply: Row[tuple[object, ...]] | None) -> MessageLine:
    first = rows[0]
    sent = reply is not None and reply.state == "sent"
    return MessageLine(
        case=first.case_id,
        received=first.received_at,
        inboxes=tuple(row.address for row in rows),
        sender=first.sender,
        subject=first.subject,
        kind=first.sender_kind,
        topics=tuple(first.topics),
        outcomes=tuple(first.outcomes),
        said=tuple(reply.said or ()) if reply is not None and sent else (),
        unsaid="" if sent else _why_none(first, reply),
    )


def _why_none(decision: Row[tuple[object, ...]], reply: Row[tuple[object, ...]] | None) -> str:
    if reply is not None:
        return f"{reply.state}: {reply.reason}" if reply.reason else str(reply.state)
    return str(decision.withheld or "nothing to say")


def _flag_lines(conn: Connection) -> Iterator[FlagLine]:
    query = select(flags).join(cases, cases.c.id == flags.c.case_id).order_by(flags.c.case_id, flags.c.id)
    for row in conn.execute(query):
        yield FlagLine(row.case_id, row.topic, row.severity, row.route, row.year, row.why)


def _action_states(conn: Connection, kind: str) -> Counter[str]:
    return Counter(conn.execute(select(actions.c.state).where(actions.c.kind == kind)).scalars())
