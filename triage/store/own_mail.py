"""What came of the mail in somebody's own mailbox: of each message the topics, the reply and the flags.

It holds nothing of what was written, and nothing of it hangs on a flag that its reader may not see: a message
with such a flag looks exactly like one without.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Join, RowMapping, Select, and_, func, insert, or_, select

from triage.domain.may_reply import JUNK
from triage.domain.model import Route, Topic, Trouble
from triage.domain.proof import Proof
from triage.domain.resolutions import DISCUSSED
from triage.domain.school import Role
from triage.domain.visibility import Viewer, scope
from triage.domain.withheld import OPEN_REASONS
from triage.store.addresses import address_hash
from triage.store.encrypted import keyring_of
from triage.store.flags import DROPPED, RESOLVED, TOPICS, FlagRow, flag_row, within
from triage.store.seen import rows_seen
from triage.store.tables import actions, corrections, decisions, flag_events, flags, mailboxes, messages
from triage.store.workflow import RESOLVING

PAGE = 50
LATE = timedelta(days=2)
"""How late a message may be read and still count as new: so long a service was perhaps out of order."""

NOT_THERE, MISSED, NOT_RIGHT = "teacher: not there", "teacher: missed", "teacher: not right"
"""The verdicts of somebody who cannot close a flag: kept for a person to look at. The last is of no topic."""


@dataclass(frozen=True, slots=True)
class Came:
    """A flag that came of a message: to whom it went, and how it was closed if it was.

    ``talked`` is how somebody of the school talked with whoever wrote, "" where that is not recorded.
    """

    topic: Topic | Trouble
    route: Route
    closed_at: datetime | None = None
    talked: str = ""


@dataclass(frozen=True, slots=True)
class OwnMessage:
    """One message of one's own mailbox. ``parts`` are those of the reply that was due, () where none was.

    ``reply`` is the state of that reply, "" where there is none, and ``withheld`` why it was held back, if
    that was the mailbox's pause or the stop of all replies.
    """

    id: int
    case_id: int
    received: datetime
    topics: tuple[Topic, ...] = ()
    parts: tuple[str, ...] = ()
    reply: str = ""
    withheld: str = ""
    flags: tuple[Came, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnMail:
    """A page of messages, the newest first; ``number`` counts them all, ``page`` is from 1."""

    messages: tuple[OwnMessage, ...]
    number: int
    page: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.number // PAGE))


@dataclass(frozen=True, slots=True)
class OwnBox:
    """A watched folder of one's own; ``paused_at`` is None while replies go out on its behalf."""

    id: int
    folder: str
    paused_at: datetime | None
    paused_by: str | None


@dataclass(frozen=True, slots=True)
class Correction:
    """What somebody has said was not right about a case: a topic, and that it is there or that it is not."""

    topic: str
    verdict: str
    at: datetime


def own_boxes(conn: Connection, who: Viewer) -> list[OwnBox]:
    """Return the folders that are watched under somebody's address."""
    columns = [mailboxes.c[name] for name in OwnBox.__dataclass_fields__]
    found = select(*columns).where(mailboxes.c.address_hash == _own(conn, who)).order_by(mailboxes.c.id)
    return [OwnBox(**row) for row in conn.execute(found).mappings()]


def read_own_mail(
    conn: Connection, who: Viewer, since: datetime, everyday: Collection[Topic], page: int = 1
) -> OwnMail:
    """Return a page of what came into somebody's own mailbox since a moment.

    ``everyday`` are the topics that are named also where no flag is seen.
    """
    theirs = and_(_in_own_boxes(conn, who), messages.c.first_seen_at >= since, _received() >= since)
    counted = select(func.count()).select_from(_joined()).where(theirs)
    order = (_received().desc(), messages.c.id.desc())
    found = _found().where(theirs).order_by(*order).limit(PAGE).offset((page - 1) * PAGE)
    rows = conn.execute(found).mappings().all()
    return OwnMail(_read(conn, who, rows, everyday), conn.execute(counted).scalar_one(), page)


def own_message(
    conn: Connection, who: Viewer, message_id: int, since: datetime, everyday: Collection[Topic]
) -> OwnMessage | None:
    """Return one message of somebody's own mailbox, None where there is none since that moment."""
    theirs = and_(_in_own_boxes(conn, who), messages.c.id == message_id, _received() >= since)
    rows = conn.execute(_found().where(theirs)).mappings().all()
    return next(iter(_read(conn, who, rows, everyday)), None)


def came_between(
    conn: Connection, who: Viewer, since: datetime, until: datetime, everyday: Collection[Topic]
) -> tuple[OwnMessage, ...]:
    """Return what was read in somebody's own mailbox from a moment on and before another, oldest first.

    Old mail that was met only now is left out. ``everyday`` is as in ``read_own_mail``.
    """
    read = and_(messages.c.done_at >= since, messages.c.done_at < until, _received() >= since - LATE)
    theirs = _found().where(_in_own_boxes(conn, who), read).order_by(_received(), messages.c.id)
    return _read(conn, who, conn.execute(theirs).mappings().all(), everyday)


def corrections_by(conn: Connection, who: Viewer, case_id: int) -> list[Correction]:
    """Return what somebody has said of a case, the oldest first."""
    given = select(corrections).where(
        corrections.c.case_id == case_id, corrections.c.verdict.in_((NOT_THERE, MISSED, NOT_RIGHT))
    )
    rows = conn.execute(given.order_by(corrections.c.id)).mappings()
    return [
        Correction(row["topic"], row["verdict"], row["at"]) for row in rows if row["actor"] == who.address
    ]


def keep_correction(
    conn: Connection, who: Viewer, case_id: int, topic: Topic, *, verdict: str, now: datetime
) -> bool:
    """Keep what somebody says of a case; no flag changes by it. False when they have said so before."""
    said = {(each.topic, each.verdict) for each in corrections_by(conn, who, case_id)}
    if (topic.value, verdict) in said:
        return False
    values = {"case_id": case_id, "topic": topic.value, "verdict": verdict, "at": now, "actor": who.address}
    conn.execute(insert(corrections).values(**values))
    return True


def _own(conn: Connection, who: Viewer) -> str:
    return address_hash(keyring_of(conn), who.address)


def _in_own_boxes(conn: Connection, who: Viewer) -> ColumnElement[bool]:
    own = select(mailboxes.c.id).where(mailboxes.c.address_hash == _own(conn, who))
    # What a resync has met again was decided under its old number; what vanished was never read.
    return and_(messages.c.mailbox_id.in_(own), messages.c.state.in_(("decided", "quarantined")), _is_mail())


def _is_mail() -> ColumnElement[bool]:
    """Leave out junk mail, unless a guardian is known to have written it."""
    other = func.coalesce(decisions.c.withheld, "") != JUNK
    return or_(other, decisions.c.proof == Proof.VERIFIED.value)


def _received() -> ColumnElement[datetime]:
    """Return when a message came; of one that nobody could read, when it was first seen."""
    return func.coalesce(decisions.c.received_at, messages.c.first_seen_at)


def _joined() -> Join:
    return messages.outerjoin(decisions, decisions.c.message_id == messages.c.id)


def _found() -> Select[Any]:
    decided = (decisions.c.topics, decisions.c.parts, decisions.c.withheld)
    whole = (messages.c.id, messages.c.case_id, _received().label("received"), *decided)
    return select(*whole).select_from(_joined())


def _read(
    conn: Connection, who: Viewer, rows: Sequence[RowMapping], everyday: Collection[Topic]
) -> tuple[OwnMessage, ...]:
    cases = {row["case_id"] for row in rows}
    seen, replies = _flags(conn, who, cases), _replies(conn, cases)
    talks = _talks(conn, [flag.id for some in seen.values() for flag in some])
    return tuple(
        _own_message(row, seen[row["case_id"]], talks, replies.get(row["case_id"]), everyday) for row in rows
    )


def as_owner(who: Viewer) -> Viewer:
    """Return a viewer who sees what came of their own mail, and nothing that other posts show."""
    return Viewer(who.address, frozenset({Role.TEACHER}))


def _own_message(
    row: RowMapping,
    seen: Sequence[FlagRow],
    talks: Mapping[int, tuple[str, datetime]],
    reply: RowMapping | None,
    everyday: Collection[Topic],
) -> OwnMessage:
    answered = reply if reply is not None and row["parts"] and row["withheld"] is None else None
    withheld = answered is not None and answered["state"] == "withheld"
    return OwnMessage(
        id=row["id"],
        case_id=row["case_id"],
        received=row["received"],
        topics=_topics(row, seen, everyday),
        parts=() if answered is None else tuple(answered["said"] or answered["parts"]),
        reply="" if answered is None or withheld else answered["state"],
        # Any other reason may be a safeguarding flag's.
        withheld=answered["reason"] if answered is not None and answered["reason"] in OPEN_REASONS else "",
        flags=tuple(_came(flag, talks.get(flag.id)) for flag in seen),
    )


def _topics(row: RowMapping, seen: Iterable[FlagRow], everyday: Collection[Topic]) -> tuple[Topic, ...]:
    """Return the topics of the flags that are seen, and the everyday ones."""
    flagged: set[Topic | Trouble | None] = {each for flag in seen for each in _stands_for(flag)}
    found = {TOPICS.get(name) for name in row["topics"] or ()}
    return tuple(topic for topic in Topic if topic in flagged | (found & set(everyday)))


def _stands_for(flag: FlagRow) -> tuple[Topic | Trouble, ...]:
    return (flag.flag.topic, *flag.flag.joined)


def _came(row: FlagRow, talk: tuple[str, datetime] | None) -> Came:
    """Return a flag without why it was closed, unless by talking: other reasons tell what it was."""
    closed_at = row.resolved_at if row.state == RESOLVED else None
    talked = talk[0] if talk is not None and talk[1] == closed_at else ""
    return Came(row.flag.topic, row.flag.route, closed_at, talked)


def _flags(conn: Connection, who: Viewer, case_ids: Iterable[int]) -> Mapping[int, Sequence[FlagRow]]:
    """Return the flags of some cases that somebody may see as the owner of the mailbox, and no other."""
    standing = (flags.c.case_id.in_(case_ids), flags.c.state != DROPPED, within(conn, scope(as_owner(who))))
    found = conn.execute(select(flags).where(*standing).order_by(flags.c.id)).mappings()
    seen: dict[int, list[FlagRow]] = defaultdict(list)
    for row in rows_seen(conn, as_owner(who), [flag_row(row) for row in found]):
        seen[row.case_id].append(row)
    return seen


def _replies(conn: Connection, case_ids: Iterable[int]) -> Mapping[int, RowMapping]:
    columns = [actions.c[name] for name in ("case_id", "state", "reason", "parts", "said")]
    found = select(*columns).where(actions.c.kind == "reply", actions.c.case_id.in_(case_ids))
    return {row["case_id"]: row for row in conn.execute(found).mappings()}


def _talks(conn: Connection, flag_ids: Sequence[int]) -> Mapping[int, tuple[str, datetime]]:
    """Return how and when each flag was last closed by talking with whoever wrote."""
    columns = (flag_events.c.flag_id, flag_events.c.reason, flag_events.c.at)
    talked = (flag_events.c.event == RESOLVING, flag_events.c.reason.in_([each.value for each in DISCUSSED]))
    found = select(*columns).where(flag_events.c.flag_id.in_(flag_ids), *talked).order_by(flag_events.c.id)
    return {row.flag_id: (row.reason, row.at) for row in conn.execute(found)}
