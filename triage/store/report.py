"""What the reports count. Numbers alone leave the database: nothing that is ``Encrypted`` is read.

A message is counted once, whatever mailboxes it lay in, and only if a person wrote it. Its years are those of
its pupils on the roster and of its flags. Where it is closely kept it is counted as that and as nothing else,
so that no number of the other topics tells of it. What is about the viewer is left out of every number.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, String, and_, case, cast, func, or_, select, true, union

from triage.domain.model import Severity, Topic
from triage.domain.replies import PHONING
from triage.domain.report import Evenings, Kept, Sight, evenings
from triage.store.addresses import address_hash
from triage.store.encrypted import keyring_of
from triage.store.flags import DROPPED
from triage.store.report_scope import (
    Edges,
    as_kept,
    between,
    case_not_unseen,
    counted,
    flag_not_unseen,
    flags_of,
    holds,
    in_mailboxes,
    is_late,
    kept_case,
    kept_flag,
    letters_of,
    messages_of,
    moment_of,
    own_cases,
    own_flags,
    quarter_of,
    week_of,
    years_of,
)
from triage.store.tables import actions, corrections, decisions, flags, mailboxes

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Before any message."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Messages of one quarter of an hour that are alike. ``plain`` ones are about no topic."""

    quarter: datetime
    late: bool
    plain: bool
    kept: Kept | None
    number: int


@dataclass(frozen=True, slots=True)
class Raised:
    """Flags of one week that are alike; ``about`` is a topic, or under what they are closely kept."""

    week: int
    about: str
    year: int | None
    severity: Severity
    number: int

    @property
    def is_kept(self) -> bool:
        """Whether they are closely kept."""
        return self.about in set(Kept)


def first_message(conn: Connection, sight: Sight, until: datetime) -> datetime | None:
    """Return when the first message was received that a viewer may have counted: others tell too much."""
    counts = messages_of(conn, sight, (BEGINNING, until))
    found = select(decisions.c.received_at).where(counts).order_by(decisions.c.received_at).limit(1)
    return conn.execute(found).scalar_one_or_none()


def first_of_own(conn: Connection, address: str, until: datetime) -> datetime | None:
    """Return when the first message of people reached the mailbox of an address."""
    found = in_mailboxes((BEGINNING, until), func.min(decisions.c.received_at))
    first: datetime | None = conn.execute(found.where(_of(conn, address))).scalar_one()
    return first


def arrived(conn: Connection, sight: Sight, edges: Edges) -> list[Arrived]:
    """Return the messages of people by the quarter of an hour in which they came.

    A quarter, because there are zones half an hour and three quarters away from UTC.
    """
    quarter = quarter_of(conn, decisions.c.received_at)
    plain = cast(decisions.c.topics, String) == "{}"
    found = select(
        quarter.label("at"), is_late().label("late"), plain.label("plain"), kept_case(decisions.c.case_id)
    )
    return [
        Arrived(moment_of(row.at), bool(row.late), bool(row.plain), as_kept(row.kept_as), row.number)
        for row in counted(conn, found.where(messages_of(conn, sight, edges)))
    ]


def machines(conn: Connection, sight: Sight, edges: Edges) -> int:
    """Return how many messages no person wrote: newsletters, notices, automatic answers."""
    found = select(func.count()).where(letters_of(conn, sight, edges, by_people=False))
    return int(conn.execute(found).scalar_one())


def topic_weeks(conn: Connection, sight: Sight, edges: Edges) -> Mapping[tuple[int, str], int]:
    """Return the messages of each week and topic; one about two topics counts for both."""
    topic = func.json_each(decisions.c.topics).table_valued("key", name="topic_of")
    week = week_of(decisions.c.received_at, edges)
    kept = kept_case(decisions.c.case_id)
    inner = select(week, kept, topic.c.key.label("topic")).select_from(decisions.join(topic, true()))
    every = counted(conn, inner.where(messages_of(conn, sight, edges)))
    return {(row.week_no, row.topic): row.number for row in every if row.kept_as is None}


def year_weeks(conn: Connection, sight: Sight, edges: Edges) -> Mapping[tuple[int, int | None], int]:
    """Return the messages of each week and year without what is closely kept from the viewer.

    None is "year unknown"; one about pupils of two years counts for both.
    """
    letter = (
        select(
            decisions.c.id,
            decisions.c.case_id,
            week_of(decisions.c.received_at, edges),
            kept_case(decisions.c.case_id),
        )
        .where(messages_of(conn, sight, edges))
        .cte("letter")
    )
    named = union(
        *(select(letter.c.id, year.label("year")).where(of) for year, of in years_of(letter.c.case_id))
    )
    year = named.subquery()
    inner = select(letter.c.week_no, letter.c.kept_as, year.c.year.label("of_year")).select_from(
        letter.outerjoin(year, year.c.id == letter.c.id)
    )
    counts: Counter[tuple[int, int | None]] = Counter()
    for row in counted(conn, inner):
        own = sight.years is None or row.of_year in sight.years
        if own and as_kept(row.kept_as) not in sight.unseen:
            counts[row.week_no, row.of_year] += row.number
    return counts


def kept_messages(conn: Connection, sight: Sight, edges: Edges) -> Mapping[Kept, int]:
    """Return how many messages are closely kept, of each kind, also of those kept from the viewer.

    What is told of them is for ``report.told`` to say.
    """
    inner = select(kept_case(decisions.c.case_id)).where(letters_of(conn, sight, edges))
    return {Kept(row.kept_as): row.number for row in counted(conn, inner) if row.kept_as is not None}


def raised(conn: Connection, sight: Sight, edges: Edges) -> list[Raised]:
    """Return the flags of each week; a guess that was rejected is none. All that is closely kept is in it."""
    about = func.coalesce(kept_flag(), flags.c.topic).label("about_what")
    inner = select(
        week_of(flags.c.created_at, edges),
        about,
        flags.c.year.label("of_year"),
        flags.c.severity.label("how"),
    ).where(flags_of(conn, sight, edges))
    return [
        Raised(row.week_no, row.about_what, row.of_year, Severity(row.how), row.number)
        for row in counted(conn, inner)
    ]


def deadlines(conn: Connection, sight: Sight, edges: Edges, now: datetime) -> Mapping[tuple[int, bool], int]:
    """Return how many deadlines fell in each week, and whether the flag was resolved by then."""
    kept = and_(flags.c.resolved_at.is_not(None), flags.c.resolved_at <= flags.c.deadline)
    inner = select(week_of(flags.c.deadline, edges), case((kept, 1), else_=0).label("in_time")).where(
        flags.c.state != DROPPED,
        or_(flags.c.resolved_at.is_not(None), flags.c.deadline < now),
        between(flags.c.deadline, edges),
        own_flags(conn, sight),
    )
    return {(row.week_no, bool(row.in_time)): row.number for row in counted(conn, inner)}


def replies(conn: Connection, sight: Sight, edges: Edges) -> Mapping[tuple[int, bool], int]:
    """Return the replies sent in each week, and whether they ask to ring or to come to the school."""
    asks = holds(actions.c.said, PHONING)
    inner = select(week_of(actions.c.said_at, edges), case((asks, 1), else_=0).label("guided")).where(
        actions.c.kind == "reply",
        actions.c.state == "sent",
        between(actions.c.said_at, edges),
        own_cases(conn, sight, actions.c.case_id),
        case_not_unseen(sight, actions.c.case_id),
    )
    return {(row.week_no, bool(row.guided)): row.number for row in counted(conn, inner)}


def closed(conn: Connection, sight: Sight, edges: Edges) -> Mapping[str, int]:
    """Return how many flags of each topic were closed, those rejected among them."""
    inner = select(func.coalesce(kept_flag(), flags.c.topic).label("about_what")).where(
        between(flags.c.resolved_at, edges), own_flags(conn, sight), flag_not_unseen(sight)
    )
    return {row.about_what: row.number for row in counted(conn, inner)}


def corrected(conn: Connection, sight: Sight, edges: Edges) -> Mapping[tuple[str, str], int]:
    """Return how often people said of a topic that it was "not there" or "missed"."""
    inner = select(corrections.c.topic.label("about_what"), corrections.c.verdict.label("said")).where(
        between(corrections.c.at, edges),
        corrections.c.topic != "",  # of no topic it says only that something is not right
        own_cases(conn, sight, corrections.c.case_id),
        case_not_unseen(sight, corrections.c.case_id),
        corrections.c.topic != Topic.SAFEGUARDING.value if Kept.SAFEGUARDING in sight.unseen else true(),
    )
    return {(row.about_what, row.said): row.number for row in counted(conn, inner)}


def own_mail(conn: Connection, address: str, edges: Edges) -> Mapping[tuple[int, bool], int]:
    """Return the mail of people that reached the mailbox of an address each week, and whether out of hours.

    Nothing is left out: it is all in that inbox, and a number that falls short would tell of a flag.
    """
    inner = in_mailboxes(edges, week_of(decisions.c.received_at, edges), is_late().label("late"))
    own = inner.where(_of(conn, address))
    return {(row.week_no, bool(row.late)): row.number for row in counted(conn, own)}


def _of(conn: Connection, address: str) -> ColumnElement[bool]:
    return mailboxes.c.address_hash == address_hash(keyring_of(conn), address)


def staff_mail(conn: Connection, edges: Edges) -> Evenings | None:
    """Return the same over all mailboxes as one sum, None where these are too few to hide one person."""
    inner = in_mailboxes(edges, mailboxes.c.address_hash.label("whose"), is_late().label("late"))
    boxes: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in counted(conn, inner):
        boxes[row.whose][0] += row.number
        boxes[row.whose][1] += row.number if row.late else 0
    return evenings((every, late) for every, late in boxes.values())
