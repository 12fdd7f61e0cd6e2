"""The office's list: absences, changes of collection and what else is urgent, as the office may read them.

It lies printed on a desk, so it is the same whoever opens it: a safeguarding lead finds no word more on it
than the office does.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from triage.domain.model import Outcome, Topic
from triage.domain.proof import Proof
from triage.domain.roster import Pupil
from triage.domain.school import Role
from triage.domain.visibility import Access, Viewer, scope
from triage.store.beside import Beside, beside
from triage.store.flags import OPEN, RESOLVED, FlagEvent, FlagRow, flag_row, within
from triage.store.seen import rows_seen
from triage.store.tables import decisions, flags
from triage.store.told import told_closings

MOST = 300
"""Of each state so many, the most pressing first, then the newest: a longer list is no list any more."""

_WEAKEST_FIRST = (Proof.FAILED, Proof.UNPROVEN, Proof.VERIFIED)


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the list: what a message told the office about a child.

    ``received`` is when the newest message came that told it, ``proof`` how sure the least sure sender is.
    ``closing`` is how it was closed, as far as the whole office may know; None while the flag is open.
    """

    row: FlagRow
    beside: Beside
    received: datetime
    proof: Proof
    is_collection: bool
    closing: FlagEvent | None = None

    @property
    def is_closed_to_office(self) -> bool:
        """Whether the message is also something that the office may read no word of."""
        return self.beside.access is Access.NONE

    @property
    def is_child_known(self) -> bool:
        """Whether it could be told which child it is about."""
        return bool(self.beside.pupils)

    @property
    def pupils(self) -> tuple[Pupil, ...]:
        """The children it is about, by form and then by name."""
        return tuple(sorted(self.beside.pupils, key=_place_on_roll))


@dataclass(frozen=True, slots=True)
class AbsenceList:
    """The list of a day. ``is_cut`` tells that more is open than stands on it.

    ``urgent`` is all that is open, whenever it came: nobody is left waiting at the gate by a date. ``today``
    are the absences told since the last school day ended, ``earlier`` the others; ``done`` is what was
    closed today.
    """

    urgent: tuple[Told, ...]
    today: tuple[Told, ...]
    earlier: tuple[Told, ...]
    done: tuple[Told, ...]
    is_cut: bool = False

    @property
    def waiting(self) -> tuple[Told, ...]:
        """The lines of what is open, in the order of the page."""
        return (*self.urgent, *self.today, *self.earlier)

    @property
    def every(self) -> tuple[Told, ...]:
        """All lines, in the order of the page."""
        return (*self.waiting, *self.done)


def read_absences(conn: Connection, who: Viewer, since: datetime, midnight: datetime) -> AbsenceList:
    """Return the list of the day that began at ``midnight``; ``since`` is when the last school day ended.

    Whoever shows it writes a line into the audit.
    """
    office = as_office(who)
    waiting, done = _rows(conn, office, OPEN), _rows(conn, office, RESOLVED, closed_since=midnight)
    shown = _told(conn, office, [*waiting[:MOST], *done[:MOST]])
    still_open = [each for each in shown if each.row.state == OPEN]
    absences = sorted((each for each in still_open if not _is_urgent(each)), key=_place)
    return AbsenceList(
        urgent=tuple(sorted(filter(_is_urgent, still_open), key=_urgency)),
        today=tuple(each for each in absences if each.received >= since),
        earlier=tuple(each for each in absences if each.received < since),
        done=tuple(sorted((each for each in shown if each.row.state == RESOLVED), key=_place)),
        is_cut=len(waiting) > MOST,
    )


def find_absence(conn: Connection, who: Viewer, flag_id: int) -> FlagRow | None:
    """Return a flag that stands on the list with its words, in whatever state; None where there is none."""
    office = as_office(who)
    found = select(flags).where(flags.c.id == flag_id, within(conn, scope(office)))
    row = conn.execute(found).mappings().first()
    if row is None:
        return None
    readable = beside(conn, office, [row["case_id"]], briefly=True)[row["case_id"]].access is not Access.NONE
    return flag_row(row) if readable else None


def as_office(who: Viewer) -> Viewer:
    """Return a viewer who sees what the office sees, and nothing that is about this person."""
    return Viewer(who.address, frozenset({Role.OFFICE}))


def _rows(
    conn: Connection, office: Viewer, state: str, closed_since: datetime | None = None
) -> Sequence[FlagRow]:
    wanted = [flags.c.state == state, within(conn, scope(office))]
    if closed_since is not None:
        wanted.append(flags.c.resolved_at >= closed_since)
    found = select(flags).where(*wanted).order_by(flags.c.rank, flags.c.id.desc()).limit(MOST + 1)
    return rows_seen(conn, office, [flag_row(row) for row in conn.execute(found).mappings()])


def _told(conn: Connection, office: Viewer, rows: Sequence[FlagRow]) -> list[Told]:
    cases = {row.case_id for row in rows}
    letters, shown = _letters(conn, cases), beside(conn, office, cases)
    closings = _closings(conn, office, rows, shown)
    return [
        Told(
            row=row,
            beside=shown[row.case_id],
            received=_received(row, letters[row.case_id]),
            proof=_weakest(letters[row.case_id]),
            is_collection=_is_urgent_flag(row) and _tells_of_collection(letters[row.case_id]),
            closing=closings.get(row.id),
        )
        for row in rows
    ]


def _letters(conn: Connection, case_ids: Iterable[int]) -> Mapping[int, Sequence[RowMapping]]:
    names = ("case_id", "received_at", "proof", "topics", "outcomes")
    columns = [decisions.c[name] for name in names]
    letters: dict[int, list[RowMapping]] = defaultdict(list)
    found = select(*columns).where(decisions.c.case_id.in_(case_ids))
    for row in conn.execute(found).mappings():
        letters[row["case_id"]].append(row)
    return letters


def _received(row: FlagRow, letters: Sequence[RowMapping]) -> datetime:
    """Return when a flag was told of last.

    An answer of the next day that only names the child does not make that day's absence of it.
    """
    wanted = {each.value for each in (row.flag.topic, *row.flag.joined)}
    telling = [each for each in letters if wanted & each["topics"].keys()] or letters
    return max((each["received_at"] for each in telling), default=row.created_at)


def _closings(
    conn: Connection, office: Viewer, rows: Sequence[FlagRow], shown: Mapping[int, Beside]
) -> Mapping[int, FlagEvent]:
    """Return how each flag was closed the last time, as the whole office may know it.

    The list is for no one person: of what somebody has done it does not tell them more than the others.
    """
    anybody = replace(office, address="")
    return told_closings(conn, anybody, rows, {case: each.access for case, each in shown.items()})


def _weakest(letters: Sequence[RowMapping]) -> Proof:
    proofs = {Proof(each["proof"]) for each in letters}
    return next((each for each in _WEAKEST_FIRST if each in proofs), Proof.UNPROVEN)


def _tells_of_collection(letters: Sequence[RowMapping]) -> bool:
    return any(Outcome.COLLECTION_CHANGE.value in each["outcomes"] for each in letters)


def _is_urgent_flag(row: FlagRow) -> bool:
    return row.flag.topic is Topic.URGENT


def _is_urgent(told: Told) -> bool:
    return _is_urgent_flag(told.row)


def _urgency(told: Told) -> tuple[bool, float]:
    """Return the place among what is urgent: changes of collection first, of each kind what came last."""
    return (not told.is_collection, -told.received.timestamp())


def _place(told: Told) -> tuple[object, ...]:
    """Return the place by form and name; then what is closed to the office, last the children not known."""
    if told.is_child_known:
        return (0, *_place_on_roll(told.pupils[0]), told.row.id)
    return (1 if told.is_closed_to_office else 2, 0, "", "", "", told.row.id)


def _place_on_roll(pupil: Pupil) -> tuple[int, str, str, str]:
    return (pupil.year, pupil.form, pupil.family.casefold(), (pupil.known_as or pupil.given).casefold())
