"""What is under discussion already: told by the flags of earlier messages, open or talked about.

It takes a flag away, so it asks for proof: of the sender by DMARC, and of the pupil only from a guardian.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    or_,
    select,
)

from triage.domain.findings import OPENED_ONCE
from triage.domain.matter import is_verified
from triage.domain.model import Identity, Message, Topic, Verdict
from triage.domain.resolutions import DISCUSSED, Resolution
from triage.domain.visibility import Viewer, closing, scope
from triage.store.addresses import address_hash, message_key
from triage.store.flags import within
from triage.store.keys import Keyring
from triage.store.many import MANY, rows_of
from triage.store.tables import case_pupils, cases, flag_events, flags

WINDOW = timedelta(days=56)
"""For how long a matter stays under discussion after it was raised or last dealt with: half a term."""

_TOPICS = {topic.value: topic for topic in OPENED_ONCE}
_SAID_TO_BE = frozenset({Resolution.UNDER_DISCUSSION.value})
_TALKED = frozenset(each.value for each in DISCUSSED) | _SAID_TO_BE
_SINCE: BindParameter[datetime] = bindparam("since")
_CLOSING = and_(
    flag_events.c.flag_id == flags.c.id,
    flag_events.c.event == "resolved",
    flag_events.c.at == flags.c.resolved_at,  # one that was opened again has been closed more than once
)
_COLUMNS = (
    *(flags.c[name] for name in ("case_id", "topic", "joined", "state", "created_at", "resolved_at")),
    *(cases.c.key, cases.c.sender_hash, flag_events.c.reason),
)
_MATTERS = or_(
    flags.c.topic.in_(sorted(_TOPICS)),
    *(cast(flags.c.joined, Text).contains(f'"{name}"') for name in _TOPICS),
)
_OF_SENDERS = (
    select(*_COLUMNS)
    .select_from(flags.join(cases).outerjoin(flag_events, _CLOSING))
    .where(
        cases.c.sender_hash.in_(MANY),
        _MATTERS,
        or_(
            and_(flags.c.state == "open", flags.c.created_at >= _SINCE),
            and_(flags.c.state == "resolved", flags.c.resolved_at >= _SINCE),
        ),
    )
)
_OF_PUPILS = (
    select(*_COLUMNS, case_pupils.c.pupil_id)
    .select_from(
        case_pupils.join(flags, flags.c.case_id == case_pupils.c.case_id)
        .join(cases, cases.c.id == flags.c.case_id)
        .join(flag_events, _CLOSING)
    )
    .where(
        case_pupils.c.pupil_id.in_(MANY),
        _MATTERS,
        flags.c.state == "resolved",
        flags.c.resolved_at >= _SINCE,
        flag_events.c.reason.in_(sorted(_SAID_TO_BE)),
    )
)
_ABOUT = select(case_pupils.c.case_id, case_pupils.c.pupil_id).where(case_pupils.c.case_id.in_(MANY))


@dataclass(frozen=True, slots=True)
class Earlier:
    """The flags of earlier cases of some senders, and about some pupils, that may still be under discussion.

    ``about`` are the pupils of each of their cases.
    """

    keyring: Keyring
    flags: Mapping[str, Sequence[Row[Any]]]
    closed: Mapping[str, Sequence[Row[Any]]]
    about: Mapping[int, Collection[str]]

    def under_discussion(
        self, message: Message, identity: Identity, *, joins: int | None = None
    ) -> frozenset[Topic]:
        """Return what the school and the family are in touch on already, of the topics that are opened once.

        They are those of the flags on earlier cases of the same guardian about the same pupil (every one,
        where several are meant) that are open, or that somebody closed after talking with the family; and
        those of any guardian's case about that pupil that a person closed as already under discussion. Where
        no pupil is known the sender alone counts, and for a sender who is not on the roster too: what they
        are told must not depend on whom the roster holds (T2). ``joins`` is the case that this message
        answers, which is no earlier one.
        """
        if message.dmarc is not Verdict.PASS:
            return frozenset()
        key, since = message_key(self.keyring, message), message.received - WINDOW
        sent = self.flags.get(address_hash(self.keyring, message.sender.address), ())
        talked = [row for row in sent if _is_earlier(row, key, joins) and _is_talked_about(row, since)]
        pupils = identity.pupils if is_verified(message, identity) else ()
        if not pupils:
            return _topics(talked)
        return frozenset.intersection(*(self._on(pupil, talked, key, joins, since) for pupil in pupils))

    def _on(
        self, pupil: str, talked: Sequence[Row[Any]], key: str, joins: int | None, since: datetime
    ) -> frozenset[Topic]:
        own = [row for row in talked if pupil in self.about.get(row.case_id, ())]
        every = [
            row
            for row in self.closed.get(pupil, ())
            if _is_earlier(row, key, joins) and _is_closed(row, since, _SAID_TO_BE)
        ]
        return _topics([*own, *every])


def read_earlier(conn: Connection, keyring: Keyring, asked: Sequence[tuple[Message, Identity]]) -> Earlier:
    """Read what may be under discussion of some messages, each with who wrote it and whom it is about."""
    proved = [(message, identity) for message, identity in asked if message.dmarc is Verdict.PASS]
    if not proved:
        return Earlier(keyring, {}, {}, {})
    since = {"since": min(message.received for message, _ in proved) - WINDOW}
    senders = {message.sender.address for message, _ in proved}
    pupils = {one for each in proved if is_verified(*each) for one in each[1].pupils}
    sent: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows_of(conn, _OF_SENDERS, (address_hash(keyring, each) for each in senders), since):
        sent[row.sender_hash].append(row)
    about: dict[int, set[str]] = defaultdict(set)
    for row in rows_of(
        conn, _ABOUT, {row.case_id for rows in sent.values() for row in rows} if pupils else ()
    ):
        about[row.case_id].add(row.pupil_id)
    closed: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows_of(conn, _OF_PUPILS, pupils, since):
        closed[row.pupil_id].append(row)
    return Earlier(keyring, sent, closed, about)


def discussed_until(
    conn: Connection, who: Viewer, flag_ids: Collection[int], now: datetime
) -> Mapping[int, datetime]:
    """Return until when sensitive issues that were closed as already under discussion raise no other flag.

    By the number of their flag, and only of ``flag_ids`` that ``who`` may close: others are not told as what
    a flag was closed.
    """
    topic = Topic.SENSITIVE_ISSUE.value
    found = select(flags.c.id, flags.c.topic, flags.c.joined, flags.c.resolved_at).where(
        flags.c.id.in_(flag_ids),
        within(conn, scope(closing(who))),
        _closed(now - WINDOW, Resolution.UNDER_DISCUSSION),
    )
    rows = conn.execute(found.order_by(flags.c.id)).all()
    return {row.id: row.resolved_at + WINDOW for row in rows if topic in {row.topic, *(row.joined or ())}}


def _topics(rows: Iterable[Row[Any]]) -> frozenset[Topic]:
    named = {name for row in rows for name in (row.topic, *(row.joined or ()))}
    return frozenset(_TOPICS[name] for name in named & _TOPICS.keys())


def _is_earlier(row: Row[Any], key: str, joins: int | None) -> bool:
    return bool(row.key != key and row.case_id != joins)


def _is_talked_about(row: Row[Any], since: datetime) -> bool:
    if row.state == "open":
        return bool(row.created_at >= since)
    return _is_closed(row, since, _TALKED)


def _is_closed(row: Row[Any], since: datetime, as_: frozenset[str]) -> bool:
    return bool(row.state == "resolved" and row.resolved_at >= since and row.reason in as_)


def _closed(since: datetime, *resolutions: Resolution) -> ColumnElement[bool]:
    closing = exists().where(
        flag_events.c.flag_id == flags.c.id,
        flag_events.c.event == "resolved",
        flag_events.c.at == flags.c.resolved_at,  # one that was opened again has been closed more than once
        flag_events.c.reason.in_([each.value for each in resolutions]),
    )
    return and_(flags.c.state == "resolved", flags.c.resolved_at >= since, closing)
