"""Finding lines of the audit: who saw what. Each search looks at so many lines at most, and says how far.

Nobody finds a line about a case in which something is alleged about them: that somebody looks at it would
tell them of it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from sqlalchemy import ColumnElement, Connection, and_, func, literal, or_, select

from triage.domain.visibility import Viewer, scope
from triage.store.addresses import address_hash
from triage.store.audit import Line, select_lines, stream
from triage.store.encrypted import keyring_of
from triage.store.flags import DROPPED, within
from triage.store.tables import audit, cases, flags

PAGE = 100
MOST_LOOKED = 1_000_000
"""How many lines a search looks at in the database; no index knows what they say."""

MOST_DECRYPTED = 20_000
"""How many lines are decrypted to find a person: who it was is kept encrypted, and has no keyed hash."""

KINDS = ("case", "flag")
MENTION = re.compile(rf"\b({'|'.join(KINDS)})s?((?: \d+)+)\b")
"""What names ids in a line: a kind and its numbers, as in "case 12" and "cases 3 12 40"."""

_ONE = re.compile(r"([a-z]+?)s? (\d+)")


@dataclass(frozen=True, slots=True)
class Sought:
    """Which lines somebody looks for; what is empty leaves out none.

    ``person`` and ``action`` are parts of who it was and of what was done, in any case. ``thing`` is an id
    such as "case 12", which also finds it among others, or a word. ``until`` is not included.
    """

    person: str = ""
    action: str = ""
    thing: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Lines that fit, the newest first. ``before`` is where to go on to older ones, None at the end.

    ``looked_back_to`` is the moment of the oldest line that was looked at, if that is why it ended.
    """

    lines: tuple[Line, ...]
    before: int | None
    looked_back_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hidden:
    """What the audit does not tell a viewer: the cases in which something is alleged about them."""

    ids: frozenset[tuple[str, int]]

    @classmethod
    def from_viewer(cls, conn: Connection, who: Viewer) -> Self:
        """Find it on record."""
        about = select(flags.c.case_id).where(_is_about(conn, who))
        rows = conn.execute(select(flags.c.case_id, flags.c.id).where(flags.c.case_id.in_(about)))
        return cls(frozenset(pair for row in rows for pair in zip(KINDS, row, strict=True)))

    def without(self, line: Line) -> Line | None:
        """Return a line without what is hidden, None when nothing else is left of it."""
        if not self.ids:
            return line
        left = MENTION.sub(self._left, line.object)
        if left == line.object:
            return line
        return replace(line, object=left) if MENTION.search(left) else None

    def _left(self, mention: re.Match[str]) -> str:
        kind, numbers = mention[1], mention[2].split()
        open_ = [number for number in numbers if (kind, int(number)) not in self.ids]
        if len(open_) == len(numbers):
            return mention[0]
        return " ".join([f"{kind}s", *open_]) if open_ else ""


def search(
    conn: Connection, who: Viewer, sought: Sought, before: int | None = None, limit: int = PAGE
) -> Found:
    """Return the newest lines that fit, of those older than the line ``before``, ``limit`` at most."""
    hidden, found = Hidden.from_viewer(conn, who), list[Line]()
    top = _newest(conn) + 1 if before is None else min(before, _newest(conn) + 1)
    floor = max(0, top - MOST_LOOKED)
    chosen = select_lines().where(audit.c.id < top, audit.c.id >= floor, *_fitting(sought))
    for looked, line in enumerate(stream(conn, chosen.order_by(audit.c.id.desc())), start=1):
        if len(found) == limit:
            return Found(tuple(found), found[-1].id)
        shown = hidden.without(line)
        if shown is not None and _fits(shown, sought):
            found.append(shown)
        if sought.person and looked == MOST_DECRYPTED:
            return Found(tuple(found), line.id, line.at)
    return Found(tuple(found), floor, _moment(conn, floor)) if floor else Found(tuple(found), None)


def of_case(conn: Connection, case_id: int) -> Iterator[Line]:
    """Yield every line about a case or one of its flags, the oldest first."""
    own = conn.execute(select(flags.c.id).where(flags.c.case_id == case_id)).scalars().all()
    about = or_(_mentions("case", case_id), *(_mentions("flag", flag_id) for flag_id in own))
    yield from stream(conn, select_lines().where(about).order_by(audit.c.id))


def actions_known(conn: Connection) -> list[str]:
    """Return what was done of late, each thing once: what there is to look for."""
    late = select(audit.c.action).order_by(audit.c.id.desc()).limit(MOST_DECRYPTED).subquery()
    return list(conn.execute(select(late.c.action).distinct().order_by(late.c.action)).scalars())


def openable(conn: Connection, who: Viewer, lines: Iterable[Line]) -> frozenset[int]:
    """Return which of the cases that lines name a viewer may open."""
    named = [number for line in lines for kind, number in _named(line.object) if kind == "case"]
    allowed = scope(who)
    if allowed.states:
        about = select(flags.c.case_id).where(_is_about(conn, who))
        found = select(cases.c.id).where(cases.c.id.in_(named), cases.c.id.not_in(about))
    else:
        raised = (flags.c.case_id.in_(named), flags.c.state != DROPPED)
        found = select(flags.c.case_id).where(*raised, within(conn, allowed))
    return frozenset(conn.execute(found).scalars())


def _is_about(conn: Connection, who: Viewer) -> ColumnElement[bool]:
    return flags.c.about_hash == address_hash(keyring_of(conn), who.address)


def _fitting(sought: Sought) -> Iterator[ColumnElement[bool]]:
    """Yield what the database can ask of a line; who it was it cannot read."""
    if sought.action:
        yield func.lower(audit.c.action).contains(sought.action.lower(), autoescape=True)
    if sought.thing:
        one = _ONE.fullmatch(sought.thing.lower())
        part = func.lower(audit.c.object).contains(sought.thing.lower(), autoescape=True)
        yield _mentions(one[1], int(one[2])) if one else part
    if sought.since:
        yield audit.c.at >= sought.since
    if sought.until:
        yield audit.c.at < sought.until


def _fits(shown: Line, sought: Sought) -> bool:
    """Tell whether what is shown of a line fits, as the database cannot: by its person, and without ids."""
    one, thing = _ONE.fullmatch(sought.thing.lower()), sought.thing.lower()
    named = (one[1], int(one[2])) in _named(shown.object) if one and one[1] in KINDS else True
    part = one is not None or thing in shown.object.lower()
    return named and part and sought.person.casefold() in shown.actor.casefold()


def _named(object_: str) -> list[tuple[str, int]]:
    return [(kind, int(each)) for kind, numbers in MENTION.findall(object_) for each in numbers.split()]


def _mentions(kind: str, number: int) -> ColumnElement[bool]:
    """Return the condition that a line names an id: "case 12", or "cases 3 12 40"."""
    padded = literal(" ").concat(audit.c.object).concat(" ")
    among = and_(padded.contains(f" {kind}s ", autoescape=True), padded.contains(f" {number} "))
    return or_(padded.contains(f" {kind} {number} ", autoescape=True), among)


def _newest(conn: Connection) -> int:
    newest: int | None = conn.execute(select(func.max(audit.c.id))).scalar_one()
    return newest or 0


def _moment(conn: Connection, line_id: int) -> datetime | None:
    at = select(audit.c.at).where(audit.c.id >= line_id).order_by(audit.c.id).limit(1)
    moment: datetime | None = conn.execute(at).scalar_one_or_none()
    return moment
