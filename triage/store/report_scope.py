"""Which rows a report may count, as conditions and columns for its queries.

The moments of weeks are ``Edges``; days and hours are made of them in Python, by the school's zone.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Row,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    true,
)

from triage.domain.model import MACHINES, Outcome
from triage.domain.report import Kept, Sight
from triage.store.addresses import address_hash
from triage.store.encrypted import keyring_of
from triage.store.flags import DROPPED, is_allegation, is_safeguarding
from triage.store.mailboxes import PASSED_ON
from triage.store.tables import case_pupils, decisions, flags, mailboxes, messages, pupils

Edges = Sequence[datetime]
"""The moments between weeks: the beginning of each, and the end of the last."""

_IS_KEPT = {Kept.ALLEGATION: is_allegation, Kept.SAFEGUARDING: is_safeguarding}

QUARTER = timedelta(minutes=15)

# Made once: that takes longer than the queries in which they stand.
_COPY = decisions.alias()
_ABOUT = flags.alias()


def counted(conn: Connection, inner: Select[Any]) -> list[Row[Any]]:
    """Return each different row of a query with how often it comes, as ``number``."""
    rows = inner.subquery()
    return list(conn.execute(select(*rows.c, func.count().label("number")).group_by(*rows.c)))


def stream(conn: Connection, found: Select[Any]) -> Iterator[Row[Any]]:
    """Return the rows of a query as they are wanted, not all at once."""
    return iter(conn.execute(found, execution_options={"yield_per": 1_000}))


def week_of(column: ColumnElement[Any], edges: Edges) -> ColumnElement[Any]:
    """Return the number of the week in which a moment lies, one that lies between the edges."""
    ends = [(column < edge, literal(number)) for number, edge in enumerate(edges[1:-1])]
    return (case(*ends, else_=len(edges) - 2) if ends else literal(0)).label("week_no")


def between(column: ColumnElement[Any], edges: Edges) -> ColumnElement[bool]:
    """Return the condition that a moment lies in one of the weeks."""
    return and_(column >= edges[0], column < edges[-1])


def quarter_of(conn: Connection, column: ColumnElement[Any]) -> ColumnElement[str]:
    """Return the hour in UTC and the quarter of it, from 0 to 3: "2026-10-14 09:2"."""
    if conn.dialect.name == "sqlite":
        hour = func.substr(column, 1, 14, type_=String)
        minute = cast(func.substr(column, 15, 2), Integer)
    else:
        utc = func.timezone("UTC", column)
        hour = func.to_char(utc, "YYYY-MM-DD HH24:", type_=String)
        minute = cast(func.to_char(utc, "MI"), Integer)
    return hour.concat(cast(minute // 15, String))


def moment_of(quarter: str) -> datetime:
    """Return the beginning of a quarter of an hour as ``quarter_of`` gives it."""
    hour, _, number = quarter.partition(":")
    return datetime.fromisoformat(f"{hour}:00+00:00") + int(number) * QUARTER


def is_late() -> ColumnElement[int]:
    """Return 1 for a message that came out of hours, else 0."""
    return case((holds(decisions.c.outcomes, [Outcome.OUT_OF_HOURS.value]), 1), else_=0)


def holds(column: ColumnElement[Any], words: Iterable[str]) -> ColumnElement[bool]:
    """Tell whether a JSON list of words holds one of these. No word of ours has a sign that LIKE reads."""
    return or_(*(cast(column, String).like(f'%"{word}"%') for word in sorted(words)))


def letters_of(
    conn: Connection, sight: Sight, edges: Edges, *, by_people: bool = True
) -> ColumnElement[bool]:
    """Return the condition on the first copy of each message that a viewer may have counted."""
    kinds = [kind.value for kind in MACHINES]
    earlier = exists().where(
        _COPY.c.case_id == decisions.c.case_id,
        _COPY.c.origin == decisions.c.origin,
        _COPY.c.id < decisions.c.id,
    )
    return and_(
        between(decisions.c.received_at, edges),
        decisions.c.sender_kind.not_in(kinds) if by_people else decisions.c.sender_kind.in_(kinds),
        ~earlier,
        own_cases(conn, sight, decisions.c.case_id),
    )


def messages_of(conn: Connection, sight: Sight, edges: Edges) -> ColumnElement[bool]:
    """Return the condition on messages without those that a head of year must not even count."""
    return and_(letters_of(conn, sight, edges), case_not_unseen(sight, decisions.c.case_id))


def in_mailboxes(edges: Edges, *columns: ColumnElement[Any]) -> Select[Any]:
    """Return the query for every copy of the mail of people, with the mailbox in which it lies."""
    return (
        select(*columns)
        .join_from(decisions, messages, messages.c.id == decisions.c.message_id)
        .join(mailboxes, mailboxes.c.id == messages.c.mailbox_id)
        .where(
            between(decisions.c.received_at, edges),
            decisions.c.sender_kind.not_in([kind.value for kind in MACHINES]),
            mailboxes.c.folder != PASSED_ON,
        )
    )


def flags_of(conn: Connection, sight: Sight, edges: Edges) -> ColumnElement[bool]:
    """Return the condition on flags raised in the weeks; a guess that was rejected is none."""
    standing = flags.c.state != DROPPED
    return and_(between(flags.c.created_at, edges), standing, own_flags(conn, sight))


def own_flags(conn: Connection, sight: Sight) -> ColumnElement[bool]:
    """Return the condition on flags of the viewer's years that have nothing to do with the viewer."""
    own = true() if sight.years is None else flags.c.year.in_(sight.years)
    return and_(_not_about(conn, sight, flags.c.case_id), own)


def own_cases(conn: Connection, sight: Sight, case_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition on cases of the viewer's years that are not about the viewer."""
    return and_(_not_about(conn, sight, case_id), _in_own_years(sight, case_id))


def _not_about(conn: Connection, sight: Sight, case_id: ColumnElement[Any]) -> ColumnElement[bool]:
    own = address_hash(keyring_of(conn), sight.address)
    return case_id.not_in(select(_ABOUT.c.case_id).where(_ABOUT.c.about_hash == own))


def _in_own_years(sight: Sight, case_id: ColumnElement[Any]) -> ColumnElement[bool]:
    if sight.years is None:
        return true()
    return or_(*(exists().where(of, year.in_(sight.years)) for year, of in years_of(case_id)))


def years_of(
    case_id: ColumnElement[Any],
) -> tuple[tuple[ColumnElement[Any], ColumnElement[bool]], ...]:
    """Return from where a case has its years: its pupils and its flags, each a column with its rows.

    The rows are named case by case, so that only those of the weeks that are asked for are looked at.
    """
    named, flagged = case_pupils.alias(), flags.alias()
    of_pupil = pupils.alias()
    return (
        (of_pupil.c.year, and_(named.c.case_id == case_id, of_pupil.c.id == named.c.pupil_id)),
        (
            flagged.c.year,
            and_(flagged.c.case_id == case_id, flagged.c.year.is_not(None), flagged.c.state != DROPPED),
        ),
    )


def case_not_unseen(sight: Sight, case_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a case is not kept from who sees some years only."""
    if sight.whole or not sight.unseen:
        return true()
    beside = flags.alias()
    kept = or_(*(_IS_KEPT[kept](beside) for kept in sight.unseen))
    return ~exists().where(beside.c.case_id == case_id, beside.c.state != DROPPED, kept)


def flag_not_unseen(sight: Sight) -> ColumnElement[bool]:
    """Return the condition that a flag is not kept from who sees some years only."""
    if sight.whole or not sight.unseen:
        return true()
    return ~or_(*(_IS_KEPT[kept](flags) for kept in sight.unseen))


def kept_case(case_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return under what a case is closely kept, by its strictest flag, NULL where it is not.

    It is asked case by case: of all the flags on record those of a few weeks are a small part.
    """
    beside = flags.alias()
    # As words of the alphabet "allegation" comes before "safeguarding", and is the stricter.
    strictest = select(func.min(_kept(beside))).where(beside.c.case_id == case_id, beside.c.state != DROPPED)
    return strictest.scalar_subquery().label("kept_as")


def kept_flag() -> ColumnElement[Any]:
    """Return under what a flag is closely kept: what ``visibility.strictness`` says, as a query."""
    return _kept(flags)


def _kept(table: FromClause) -> ColumnElement[Any]:
    return case(
        (is_allegation(table), Kept.ALLEGATION.value),
        (is_safeguarding(table), Kept.SAFEGUARDING.value),
        else_=null(),
    )


def as_kept(stored: str | None) -> Kept | None:
    """Return what ``kept_case`` gives as the value that it stands for."""
    return None if stored is None else Kept(stored)
