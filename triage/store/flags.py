"""The queue of flags: who sees which, in one query; the history of each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    RowMapping,
    and_,
    case,
    false,
    func,
    or_,
    select,
    true,
)

from triage.domain.model import Flag, Route, Severity, Topic, Trouble
from triage.domain.visibility import (
    HIDDEN_FROM_TEACHERS,
    HIDDEN_ROUTES_FROM_TEACHERS,
    OFFICE_TOPICS,
    Scope,
)
from triage.store.addresses import address_hash
from triage.store.encrypted import keyring_of
from triage.store.tables import flag_events as events
from triage.store.tables import flags, mailboxes, messages

OPEN, RESOLVED, DROPPED = "open", "resolved", "dropped"
TOPICS: Mapping[str, Topic | Trouble] = {each.value: each for each in (*Topic, *Trouble)}
"""What a flag can stand for, by the word in its row."""

_BESIDE = flags.alias()  # made once: that takes longer than the query in which it stands


@dataclass(frozen=True, slots=True)
class FlagRow:
    """A flag as it stands. ``flag`` holds what was found; ``state`` is "open", "resolved" or "dropped".

    ``holder`` is the address of who has taken it; ``version`` changes with everything that people do with it.
    """

    id: int
    case_id: int
    flag: Flag
    state: str
    created_at: datetime
    resolved_at: datetime | None
    version: int = 0
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class FlagEvent:
    """One line of a flag's history: what was done with it, by whom and why."""

    at: datetime
    event: str
    actor: str
    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class FlagCount:
    """How many flags are alike: totals without content."""

    route: str
    severity: str
    state: str
    number: int


def list_flags(conn: Connection, scope: Scope, state: str = "open") -> list[FlagRow]:
    """Return the flags in a scope, the most pressing first, then by deadline, then the oldest.

    The query says what ``visibility.admits`` says; a test holds the two together.
    """
    severity = case({each.value: each.rank for each in Severity}, value=flags.c.severity)
    found = (
        select(flags)
        .where(flags.c.state == state, within(conn, scope))
        .order_by(severity, flags.c.deadline.is_(None), flags.c.deadline, flags.c.id)
    )
    return [flag_row(row) for row in conn.execute(found).mappings()]


def is_allegation(table: FromClause) -> ColumnElement[bool]:
    """Return the condition on flags that are about a member of staff (``visibility.strictness``)."""
    above = [Route.HEADTEACHER.value, Route.CHAIR_OF_GOVERNORS.value]
    return or_(table.c.about_hash.is_not(None), table.c.route.in_(above))


def is_safeguarding(table: FromClause) -> ColumnElement[bool]:
    """Return the condition on flags that are a safeguarding matter (``visibility.strictness``)."""
    by_topic = table.c.topic == Topic.SAFEGUARDING.value
    return or_(by_topic, table.c.route == Route.SAFEGUARDING_LEAD.value)


def is_any_closely_kept(conn: Connection, case_id: int) -> bool:
    """Tell whether a safeguarding matter or an allegation stands on a case."""
    kept = or_(is_allegation(flags), is_safeguarding(flags))
    found = select(flags.c.id).where(flags.c.case_id == case_id, flags.c.state != DROPPED, kept)
    return conn.execute(found.limit(1)).first() is not None


def ids_within(conn: Connection, scope: Scope, flag_ids: Iterable[int]) -> frozenset[int]:
    """Return which of some flags are in a scope."""
    found = select(flags.c.id).where(flags.c.id.in_(list(flag_ids)), within(conn, scope))
    return frozenset(conn.execute(found).scalars())


def flag_events(conn: Connection, flag_id: int) -> list[FlagEvent]:
    """Return a flag's history, the oldest line first: all of it, so not for a page (``told`` is)."""
    return list(events_of(conn, [flag_id]).get(flag_id, ()))


def events_of(conn: Connection, flag_ids: Iterable[int]) -> Mapping[int, Sequence[FlagEvent]]:
    """Return the histories of some flags by their ids: all of them, so not for a page (``told`` is)."""
    columns = [events.c[name] for name in FlagEvent.__dataclass_fields__]
    found = select(events.c.flag_id, *columns).where(events.c.flag_id.in_(list(flag_ids)))
    histories: dict[int, list[FlagEvent]] = defaultdict(list)
    for row in conn.execute(found.order_by(events.c.id)).mappings():
        histories[row["flag_id"]].append(
            FlagEvent(**{name: row[name] for name in FlagEvent.__dataclass_fields__})
        )
    return histories


def flag_counts(conn: Connection) -> list[FlagCount]:
    """Return totals over all flags, for those whose scope has ``counts``."""
    alike = (flags.c.route, flags.c.severity, flags.c.state)
    rows = conn.execute(select(*alike, func.count()).group_by(*alike).order_by(*alike))
    return [FlagCount(*row) for row in rows]


def flag_row(row: RowMapping) -> FlagRow:
    """Read a flag from a row of its table."""
    flag = Flag(
        topic=TOPICS[row["topic"]],
        severity=Severity(row["severity"]),
        route=Route(row["route"]),
        year=row["year"],
        about=row["about"],
        deadline=row["deadline"],
        why=row["why"],
        joined=tuple(Topic(each) for each in row["joined"] or ()),
    )
    return FlagRow(
        id=row["id"],
        case_id=row["case_id"],
        flag=flag,
        state=row["state"],
        created_at=row["created_at"],
        resolved_at=row["resolved_at"],
        version=row["version"],
        holder=row["assigned"],
    )


def within(conn: Connection, scope: Scope) -> ColumnElement[bool]:
    """Return the condition that a row of ``flags`` is in a scope."""
    keyring = keyring_of(conn)
    own = address_hash(keyring, scope.address)
    managed = [address_hash(keyring, address) for address in scope.manages]
    about_viewer = select(_BESIDE.c.case_id).where(_BESIDE.c.about_hash == own)
    return and_(
        flags.c.case_id.not_in(about_viewer),
        _on_routes(scope),
        or_(
            true() if scope.everything else false(),
            flags.c.route.in_([route.value for route in scope.routes]) if scope.routes else false(),
            _as_office() if scope.office else false(),
            _as_head_of_year(scope) if scope.head_of_year else false(),
            _as_line_manager(managed) if managed else false(),
            _as_teacher(own) if scope.own_mail else false(),
        ),
    )


def _on_routes(scope: Scope) -> ColumnElement[bool]:
    """Return on which routes anything in a scope can be: it follows from the rest, but an index needs it."""
    if scope.everything or scope.own_mail:
        return true()
    own = {
        *scope.routes,
        *([Route.OFFICE] if scope.office else []),
        *([Route.HEAD_OF_YEAR] if scope.head_of_year else []),
        *([Route.LINE_MANAGER] if scope.manages else []),
    }
    return flags.c.route.in_(sorted(route.value for route in own))


def _as_office() -> ColumnElement[bool]:
    topics = [topic.value for topic in OFFICE_TOPICS]
    return and_(flags.c.route == Route.OFFICE.value, flags.c.topic.in_(topics))


def _as_head_of_year(scope: Scope) -> ColumnElement[bool]:
    known = or_(flags.c.year.is_(None), flags.c.year.in_(scope.years))
    return and_(flags.c.route == Route.HEAD_OF_YEAR.value, known)


def _as_line_manager(managed: list[str]) -> ColumnElement[bool]:
    concerned = or_(flags.c.about_hash.in_(managed), and_(flags.c.about_hash.is_(None), _lay_in(managed)))
    return and_(flags.c.route == Route.LINE_MANAGER.value, concerned)


def _as_teacher(own: str) -> ColumnElement[bool]:
    return and_(
        _lay_in([own]),
        flags.c.topic.not_in([topic.value for topic in HIDDEN_FROM_TEACHERS]),
        flags.c.route.not_in([route.value for route in HIDDEN_ROUTES_FROM_TEACHERS]),
        flags.c.about_hash.is_(None),
    )


def _lay_in(address_hashes: Iterable[str]) -> ColumnElement[bool]:
    own = select(mailboxes.c.id).where(mailboxes.c.address_hash.in_(address_hashes))
    return flags.c.case_id.in_(select(messages.c.case_id).where(messages.c.mailbox_id.in_(own)))
