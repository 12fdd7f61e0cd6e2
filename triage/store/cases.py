"""One case as one viewer may see it. The strictest flag on it governs its text, everywhere."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from triage.domain.model import Evidence, Gate, Outcome
from triage.domain.proof import Proof
from triage.domain.quoting import whole_sentence
from triage.domain.visibility import OFFICE_TOPICS, Access, Viewer, may_see_flag, scope, text_access
from triage.store.flags import DROPPED, FlagRow, flag_row
from triage.store.records import read_evidence
from triage.store.tables import actions, case_pupils, cases, decisions, flags, mailboxes, messages


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of a case with what was made of it.

    Where only the words that matter may be seen, ``evidence`` holds those and every other text is empty.
    ``why`` says how sender and pupil were told, and at its end why the classifier was not certain, if so.
    ``pupils``, ``several`` and ``named_in`` are as in Identity; ``pupils`` is None where it was not kept.
    """

    received: datetime
    sender: str
    sender_kind: str
    proof: Proof
    subject: str = ""
    classified: str = ""
    text: str = ""
    evidence: tuple[Evidence, ...] = ()
    topics: tuple[tuple[str, float], ...] = ()
    outcomes: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    withheld: str | None = None
    gates: tuple[Gate, ...] = ()
    why: tuple[str, ...] = ()
    pupils: tuple[str, ...] | None = None
    several: tuple[str, ...] = ()
    named_in: str | None = None
    policy_hash: str = ""

    @property
    def unsure(self) -> str | None:
        """Why the classifier was not certain, None when it was."""
        return self.why[-1] if self.why and Outcome.UNCERTAIN in self.outcomes else None


@dataclass(frozen=True, slots=True)
class ActionState:
    """What became of an action, without its content."""

    id: int
    kind: str
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """What a viewer may see of a case: ``flags`` in their scope, ``letters`` only with access to text.

    ``states`` are ids and states of all its flags, for those who may see every case's, else of ``flags``.
    """

    id: int
    created_at: datetime
    access: Access
    states: tuple[tuple[int, str], ...]
    flags: tuple[FlagRow, ...]
    letters: tuple[Letter, ...]
    pupils: tuple[str, ...]
    actions: tuple[ActionState, ...]


def read_case(conn: Connection, who: Viewer, case_id: int) -> CaseView | None:
    """Return a case as ``who`` may see it; None when there is none, or nothing of it may be seen.

    Whoever shows ``letters`` writes a line into the audit.
    """
    row = conn.execute(select(cases).where(cases.c.id == case_id)).mappings().first()
    if row is None:
        return None
    every, boxes = _flags(conn, case_id), _mailboxes(conn, case_id)
    raised = [each for each in every if each.state != DROPPED]
    beside = [each.flag for each in raised]
    seen = tuple(each for each in raised if may_see_flag(who, each.flag, boxes, beside))
    accused = any(each.flag.about and each.flag.about.lower() == who.address for each in every)
    if accused or not (seen or scope(who).states):
        return None
    access = text_access(who, beside, boxes)
    return CaseView(
        id=case_id,
        created_at=row["created_at"],
        access=access,
        states=tuple((each.id, each.state) for each in (raised if scope(who).states else seen)),
        flags=seen,
        letters=_letters(conn, case_id, access),
        pupils=_pupils(conn, case_id) if access is not Access.NONE else (),
        actions=_actions(conn, case_id, every=scope(who).states or scope(who).everything),
    )


def _flags(conn: Connection, case_id: int) -> list[FlagRow]:
    rows = conn.execute(select(flags).where(flags.c.case_id == case_id).order_by(flags.c.id))
    return [flag_row(row) for row in rows.mappings()]


def _mailboxes(conn: Connection, case_id: int) -> frozenset[str]:
    lay = select(mailboxes.c.address).join(messages).where(messages.c.case_id == case_id)
    return frozenset(address.lower() for address in conn.execute(lay).scalars())


def _pupils(conn: Connection, case_id: int) -> tuple[str, ...]:
    about = select(case_pupils.c.pupil_id).where(case_pupils.c.case_id == case_id)
    return tuple(conn.execute(about.order_by(case_pupils.c.pupil_id)).scalars())


def _actions(conn: Connection, case_id: int, *, every: bool) -> tuple[ActionState, ...]:
    columns = [actions.c[name] for name in ActionState.__dataclass_fields__]
    found = select(*columns).where(actions.c.case_id == case_id).order_by(actions.c.id)
    # That the safeguarding lead was told is itself something that not everybody may know.
    found = found if every else found.where(actions.c.kind == "reply")
    return tuple(ActionState(**row) for row in conn.execute(found).mappings())


def _letters(conn: Connection, case_id: int, access: Access) -> tuple[Letter, ...]:
    if access is Access.NONE:
        return ()
    rows = conn.execute(select(decisions).where(decisions.c.case_id == case_id).order_by(decisions.c.id))
    # Copies in several mailboxes are one message: the first tells it all.
    first: dict[str, RowMapping] = {}
    for row in rows.mappings():
        first.setdefault(row["origin"], row)
    read = _whole if access is Access.FULL else _words
    return tuple(read(row) for row in first.values())


def _words(row: RowMapping) -> Letter:
    shown = tuple(each for each in read_evidence(row["evidence"]) if each.topic in OFFICE_TOPICS)
    text = row["classified"] or ""
    return Letter(
        row["received_at"],
        row["sender"],
        row["sender_kind"],
        Proof(row["proof"]),
        evidence=tuple(dict.fromkeys(whole_sentence(text, each) for each in shown)),
    )


def _whole(row: RowMapping) -> Letter:
    return Letter(
        received=row["received_at"],
        sender=row["sender"],
        sender_kind=row["sender_kind"],
        proof=Proof(row["proof"]),
        subject=row["subject"],
        classified=row["classified"] or "",
        text=row["text"] or "",
        evidence=read_evidence(row["evidence"]),
        topics=tuple(row["topics"].items()),
        outcomes=tuple(row["outcomes"]),
        parts=tuple(row["parts"]),
        withheld=row["withheld"],
        gates=tuple(Gate(**gate) for gate in json.loads(row["gates"])),
        why=tuple(json.loads(row["why"])),
        pupils=None if row["pupils"] is None else tuple(row["pupils"]),
        several=tuple(row["several"] or ()),
        named_in=row["named_in"],
        policy_hash=row["policy_hash"],
    )
