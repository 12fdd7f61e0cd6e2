"""All that is on record about one pupil, case by case: for a safeguarding chronology.

Messages in full, what was sent, every flag with its history, corrections, and who looked at any of it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from triage.domain.roster import Pupil
from triage.domain.visibility import Access, Viewer
from triage.store.audit import select_lines, stream
from triage.store.cases import CaseView, read_case
from triage.store.flags import FlagEvent
from triage.store.tables import actions, audit, case_pupils, corrections, pupils
from triage.store.told import told_of

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Sending:
    """A mail that the service was to send: ``at`` is when that was settled, or asked for if it is not yet.

    ``raw`` is what went out, byte for byte, None when nothing did.
    """

    kind: str
    state: str
    reason: str | None
    recipient: str
    at: datetime
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person said of the software's guess: a topic that was "not there" or that it "missed"."""

    at: datetime
    actor: str
    topic: str
    verdict: str


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case with all that happened to it; ``events`` are those of each of its flags, by the flag's id."""

    view: CaseView
    events: Mapping[int, tuple[FlagEvent, ...]]
    sendings: tuple[Sending, ...]
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at the text or the words of some of the cases; of none: at the chronology itself."""

    at: datetime
    actor: str
    action: str
    cases: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chronology:
    """What is on record about a pupil, who is None when the roster has them no more. Cases by their ids."""

    pupil: Pupil | None
    cases: tuple[CaseRecord, ...]
    looks: tuple[Look, ...]


def read_chronology(conn: Connection, who: Viewer, pupil_id: str) -> Chronology | None:
    """Return what ``who`` may read of all cases about a pupil, None when that is nothing.

    A case in which something is alleged about ``who`` is left out as if it were not there, and so are the
    looks at it. Whoever shows this writes a line into the audit.
    """
    about = select(case_pupils.c.case_id).where(case_pupils.c.pupil_id == pupil_id)
    seen = [
        read_case(conn, who, case) for case in conn.execute(about.order_by(case_pupils.c.case_id)).scalars()
    ]
    views = [view for view in seen if view is not None and view.access is Access.FULL]
    if not views:
        return None
    known = conn.execute(select(pupils).where(pupils.c.id == pupil_id)).mappings().first()
    return Chronology(
        pupil=None if known is None else Pupil(**known),
        cases=_records(conn, who, views),
        looks=tuple(_looks(conn, views, pupil_id)),
    )


def _records(conn: Connection, who: Viewer, views: Sequence[CaseView]) -> tuple[CaseRecord, ...]:
    ids = [view.id for view in views]
    rows = [row for view in views for row in view.flags]
    events = told_of(conn, who, rows, {view.id: view.access for view in views})
    sendings, corrected = _sendings(conn, ids), _corrections(conn, ids)
    return tuple(
        CaseRecord(
            view=view,
            events={row.id: tuple(events[row.id]) for row in view.flags},
            sendings=tuple(sendings[view.id]),
            corrections=tuple(corrected[view.id]),
        )
        for view in views
    )


def _sendings(conn: Connection, case_ids: Collection[int]) -> Mapping[int, list[Sending]]:
    columns = [actions.c[name] for name in ("case_id", "kind", "state", "reason", "recipient", "raw")]
    moments = (actions.c.created_at, actions.c.settled_at)
    mails = (actions.c.case_id.in_(case_ids), actions.c.kind.in_(["reply", "notify"]))
    found: dict[int, list[Sending]] = defaultdict(list)
    for row in conn.execute(select(*columns, *moments).where(*mails).order_by(actions.c.id)):
        raw = None if row.raw is None else row.raw.encode("latin-1")
        at = row.settled_at or row.created_at
        found[row.case_id].append(Sending(row.kind, row.state, row.reason, row.recipient or "", at, raw))
    return found


def _corrections(conn: Connection, case_ids: Collection[int]) -> Mapping[int, list[Correction]]:
    found: dict[int, list[Correction]] = defaultdict(list)
    rows = conn.execute(
        select(corrections).where(corrections.c.case_id.in_(case_ids)).order_by(corrections.c.id)
    )
    for row in rows:
        found[row.case_id].append(Correction(row.at, row.actor, row.topic, row.verdict))
    return found


def _looks(conn: Connection, views: Sequence[CaseView], pupil_id: str) -> Iterator[Look]:
    """Yield every look at some cases or at their pupil's chronology, the oldest first.

    No index knows what a line says, but none about a case is older than the case.
    """
    since = audit.c.at >= min(view.created_at for view in views)
    single = {f"case {view.id}": (view.id,) for view in views} | {f"pupil {pupil_id}": ()}
    several = dict(_several(conn, since, frozenset(str(view.id) for view in views)))
    alone = conn.execute(select(audit.c.id).where(since, audit.c.object.in_(single))).scalars()
    ids = sorted({*alone, *several})
    for start in range(0, len(ids), AT_ONCE):
        chosen = select_lines().where(audit.c.id.in_(ids[start : start + AT_ONCE])).order_by(audit.c.id)
        for line in stream(conn, chosen):
            cases = several[line.id] if line.id in several else single[line.object]
            yield Look(line.at, line.actor, line.action, cases)


def _several(
    conn: Connection, since: ColumnElement[bool], wanted: frozenset[str]
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield the lines about several cases at once, with those of them that are wanted."""
    many = select(audit.c.id, audit.c.object).where(since, audit.c.object.like("cases %"))
    with conn.execute(many, execution_options={"yield_per": AT_ONCE}) as rows:
        for line, object_ in rows:
            named = wanted.intersection(object_.split()[1:])
            if named:
                yield line, tuple(sorted(int(case) for case in named))
