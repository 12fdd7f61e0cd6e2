"""The history of one pupil or of one family: what waits, what was dealt with and what came of it.

Only cases that a viewer may read something of, and of these only the flags in their scope: that a message is
about a pupil is itself something that it says. What is not shown is not counted either.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, false, func, select

from triage.domain.resolutions import DISCUSSED
from triage.domain.roster import Pupil
from triage.domain.visibility import Access, Viewer, scope
from triage.store.addresses import address_hash
from triage.store.beside import beside
from triage.store.encrypted import keyring_of
from triage.store.flags import OPEN, RESOLVED, FlagEvent, flag_row, within
from triage.store.keys import Keyring
from triage.store.queue import Entry
from triage.store.seen import rows_seen
from triage.store.tables import case_pupils, cases, flag_events, flags, guardian_pupils, guardians, pupils
from triage.store.told import told_closings

PAGE = 50
MOST_CASES = 2_000
"""How many cases a history goes back over, the newest first."""

_KEY = 24


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a flag that is closed; ``noted`` tells that a note says more, on the page of the case.

    ``reason`` is "" where the viewer may know no more than that it was closed.
    """

    at: datetime
    event: str
    actor: str
    reason: str
    noted: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A flag with what may be shown of its message; ``outcome`` is None while it waits."""

    entry: Entry
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Talk:
    """When somebody of the school last talked with the family, who that was and how."""

    at: datetime
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Carer:
    """A guardian as the roster has them now. ``family`` names their page, and tells nothing of them."""

    family: str
    name: str
    telephone: str | None


@dataclass(frozen=True, slots=True)
class History:
    """A page of a history: what waits first, then what was dealt with, the newest first; pages are from 1.

    ``pupils`` are those of the roster whom it is about, ``carers`` the guardians of one pupil or the one of a
    family. ``waiting`` and ``dealt_with`` count the flags of every page.
    """

    pupils: tuple[Pupil, ...]
    carers: tuple[Carer, ...]
    told: tuple[Told, ...]
    waiting: int
    dealt_with: int
    talked: Talk | None
    page: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-(self.waiting + self.dealt_with) // PAGE))


def pupil_history(conn: Connection, who: Viewer, pupil_id: str, page: int = 1) -> History | None:
    """Return a page of what ``who`` may see about a pupil, None where that is nothing."""
    readable = _readable(conn, who, _about([pupil_id]))
    if not readable:
        return None
    known, carers = _pupils(conn, [pupil_id]), carers_of(conn, [pupil_id])
    return _history(conn, who, readable, page, known=known, carers=carers)


def family_history(conn: Connection, who: Viewer, family: str, page: int = 1) -> History | None:
    """Return a page of what ``who`` may see about the pupils of one guardian, or from that guardian.

    Only pupils of this guardian count: what another guardian of theirs has elsewhere is another family. None
    where ``who`` may read of none of them, so that nobody learns from it who has a brother or a sister.
    """
    guardian_id = _guardian_of(conn, family)
    if guardian_id is None:
        return None
    in_care = select(guardian_pupils.c.pupil_id).where(guardian_pupils.c.guardian_id == guardian_id)
    about = _readable(conn, who, _about(conn.execute(in_care).scalars().all()))
    if not about:
        return None
    sent = _readable(conn, who, _sent_by(conn, guardian_id))
    named = select(case_pupils.c.pupil_id).where(
        case_pupils.c.case_id.in_(about), case_pupils.c.pupil_id.in_(in_care)
    )
    known = _pupils(conn, conn.execute(named.distinct()).scalars().all())
    carers = _carers(conn, guardians.c.id == guardian_id)
    return _history(conn, who, sorted({*about, *sent}), page, known=known, carers=carers)


def carers_of(conn: Connection, pupil_ids: Collection[str]) -> tuple[Carer, ...]:
    """Return the guardians of some pupils, each once."""
    caring = select(guardian_pupils.c.guardian_id).where(guardian_pupils.c.pupil_id.in_(pupil_ids))
    return _carers(conn, guardians.c.id.in_(caring))


def family_key(keyring: Keyring, guardian_id: str) -> str:
    """Return what names a guardian's page: a roster's own id of a guardian may be an address."""
    return keyring.digest("family", guardian_id)[:_KEY]


def _history(
    conn: Connection,
    who: Viewer,
    readable: Sequence[int],
    page: int,
    *,
    known: tuple[Pupil, ...],
    carers: tuple[Carer, ...],
) -> History:
    matching = and_(
        flags.c.case_id.in_(readable), flags.c.state.in_([OPEN, RESOLVED]), within(conn, scope(who))
    )
    counted = select(flags.c.state, func.count().label("number")).where(matching).group_by(flags.c.state)
    numbers = {row.state: row.number for row in conn.execute(counted)}
    return History(
        pupils=known,
        carers=carers,
        told=_told(conn, who, matching, page),
        waiting=numbers.get(OPEN, 0),
        dealt_with=numbers.get(RESOLVED, 0),
        talked=_talked(conn, matching),
        page=page,
    )


def _told(conn: Connection, who: Viewer, matching: ColumnElement[bool], page: int) -> tuple[Told, ...]:
    order = (flags.c.state == RESOLVED, flags.c.created_at.desc(), flags.c.id.desc())
    found = select(flags).where(matching).order_by(*order).limit(PAGE).offset((page - 1) * PAGE)
    rows = rows_seen(conn, who, [flag_row(row) for row in conn.execute(found).mappings()])
    shown = beside(conn, who, [row.case_id for row in rows])
    outcomes = told_closings(conn, who, rows, {case: each.access for case, each in shown.items()})
    return tuple(Told(Entry(row, shown[row.case_id]), _outcome(outcomes.get(row.id))) for row in rows)


def _outcome(closing: FlagEvent | None) -> Outcome | None:
    if closing is None:
        return None
    return Outcome(closing.at, closing.event, closing.actor, closing.reason, noted=bool(closing.note))


def _talked(conn: Connection, matching: ColumnElement[bool]) -> Talk | None:
    talking = (
        select(flag_events.c.at, flag_events.c.actor, flag_events.c.reason)
        .join(flags, flags.c.id == flag_events.c.flag_id)
        .where(
            matching,
            flag_events.c.event == "resolved",
            flag_events.c.reason.in_([each.value for each in DISCUSSED]),
        )
        .order_by(flag_events.c.at.desc(), flag_events.c.id.desc())
    )
    row = conn.execute(talking.limit(1)).first()
    return None if row is None else Talk(row.at, row.actor, row.reason)


def _readable(conn: Connection, who: Viewer, asked: ColumnElement[bool]) -> list[int]:
    """Return the newest of the cases that match of which ``who`` may read anything."""
    seen = select(flags.c.case_id).where(asked, within(conn, scope(who))).distinct()
    newest = seen.order_by(flags.c.case_id.desc()).limit(MOST_CASES)
    found = list(conn.execute(newest).scalars())
    shown = beside(conn, who, found, briefly=True)
    return [case for case in found if shown[case].access is not Access.NONE]


def _about(pupil_ids: Collection[str]) -> ColumnElement[bool]:
    about = select(case_pupils.c.case_id).where(case_pupils.c.pupil_id.in_(pupil_ids))
    return flags.c.case_id.in_(about)


def _sent_by(conn: Connection, guardian_id: str) -> ColumnElement[bool]:
    address = conn.execute(select(guardians.c.address).where(guardians.c.id == guardian_id)).scalar_one()
    if not address:  # a guardian who can be rung and writes from nowhere
        return false()
    own = cases.c.sender_hash == address_hash(keyring_of(conn), address)
    return flags.c.case_id.in_(select(cases.c.id).where(own))


def _guardian_of(conn: Connection, family: str) -> str | None:
    """Return the guardian whom a key means. It is not kept: those of a school are soon gone through."""
    keyring = keyring_of(conn)
    every = conn.execute(select(guardians.c.id)).scalars()
    return next((each for each in every if family_key(keyring, each) == family), None)


def _carers(conn: Connection, which: ColumnElement[bool]) -> tuple[Carer, ...]:
    keyring = keyring_of(conn)
    found = select(guardians.c.id, guardians.c.name, guardians.c.telephone).where(which)
    rows = conn.execute(found.order_by(guardians.c.id))
    return tuple(Carer(family_key(keyring, row.id), row.name, row.telephone) for row in rows)


def _pupils(conn: Connection, pupil_ids: Collection[str]) -> tuple[Pupil, ...]:
    found = select(pupils).where(pupils.c.id.in_(pupil_ids)).order_by(pupils.c.year, pupils.c.id)
    return tuple(Pupil(**row) for row in conn.execute(found).mappings())
