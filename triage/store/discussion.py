"""What is under discussion already: told by the flags of earlier messages, open or talked about.

It takes a flag away, so it asks for proof: of the sender by DMARC, and of the pupil only from a guardian.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from triage.domain.matter import is_verified
from triage.domain.model import Identity, Message, Topic, Verdict
from triage.domain.resolutions import DISCUSSED, Resolution
from triage.domain.visibility import Viewer, closing, scope
from triage.store.addresses import address_hash, message_key
from triage.store.flags import within
from triage.store.keys import Keyring
from triage.store.tables import case_pupils, cases, flag_events, flags

WINDOW = timedelta(days=56)
"""For how long a matter stays under discussion after it was raised or last dealt with: half a term."""

_TOPICS = {topic.value: topic for topic in Topic}


def under_discussion(
    conn: Connection, keyring: Keyring, message: Message, identity: Identity, *, joins: int | None = None
) -> frozenset[Topic]:
    """Return the topics on which the school and the family are in touch already.

    They are those of the flags on earlier cases of the same guardian about the same pupil (every one, where
    several are meant) that are open, or that somebody closed after talking with the family; and those of any
    guardian's case about that pupil that a person closed as already under discussion. Where no pupil is known
    the sender alone counts, and for a sender who is not on the roster too: what they are told must not depend
    on whom the roster holds (T2). ``joins`` is the case that this message answers, which is no earlier one.
    """
    if message.dmarc is not Verdict.PASS:
        return frozenset()
    since = message.received - WINDOW
    same_sender = cases.c.sender_hash == address_hash(keyring, message.sender.address)
    talked = and_(same_sender, or_(_open(since), _closed(since, *DISCUSSED, Resolution.UNDER_DISCUSSION)))
    earlier = and_(cases.c.key != message_key(keyring, message), cases.c.id.is_distinct_from(joins))
    pupils = identity.pupils if is_verified(message, identity) else ()
    if not pupils:
        return _topics(conn, earlier, talked)
    told = or_(talked, _closed(since, Resolution.UNDER_DISCUSSION))
    return frozenset.intersection(*(_topics(conn, earlier, told, _about(pupil)) for pupil in pupils))


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


def _topics(conn: Connection, *where: ColumnElement[bool]) -> frozenset[Topic]:
    rows = conn.execute(select(flags.c.topic, flags.c.joined).join(cases).where(*where))
    named = {name for row in rows for name in (row.topic, *(row.joined or ()))}
    return frozenset(_TOPICS[name] for name in named & _TOPICS.keys())


def _about(pupil: str) -> ColumnElement[bool]:
    return exists().where(case_pupils.c.case_id == flags.c.case_id, case_pupils.c.pupil_id == pupil)


def _open(since: datetime) -> ColumnElement[bool]:
    return and_(flags.c.state == "open", flags.c.created_at >= since)


def _closed(since: datetime, *resolutions: Resolution) -> ColumnElement[bool]:
    closing = exists().where(
        flag_events.c.flag_id == flags.c.id,
        flag_events.c.event == "resolved",
        flag_events.c.at == flags.c.resolved_at,  # one that was opened again has been closed more than once
        flag_events.c.reason.in_([each.value for each in resolutions]),
    )
    return and_(flags.c.state == "resolved", flags.c.resolved_at >= since, closing)
