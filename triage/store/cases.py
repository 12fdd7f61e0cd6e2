"""One case as one viewer may see it. The strictest flag on it governs its text, everywhere."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from triage.domain.may_reply import ANSWERS_US
from triage.domain.model import Attachment, Evidence, Flag, Gate, Outcome
from triage.domain.proof import Proof
from triage.domain.quoting import FOLDED, whole_sentence
from triage.domain.roster import Pupil
from triage.domain.visibility import (
    OFFICE_TOPICS,
    Access,
    Scope,
    Viewer,
    as_seen,
    may_see_flag,
    scope,
    text_access,
)
from triage.domain.withheld import gates_told, reason_told
from triage.store.flags import DROPPED, FlagRow, flag_row
from triage.store.records import read_attachments, read_evidence
from triage.store.tables import actions, case_pupils, cases, decisions, flags, mailboxes, messages, pupils
from triage.store.taken_away import TakenAway, taken_away

_OF_A_LETTER = [column for column in decisions.c if column.name != "html"]


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of a case with what was made of it.

    Where only the words that matter may be seen, ``evidence`` holds those and every other text is empty.
    ``why`` says how sender and pupil were told, and at its end why the classifier was not certain, if so.
    ``pupils``, ``several`` and ``named_in`` are as in Identity; ``pupils`` is None where it was not kept.
    ``id`` is the message's. ``folded`` says that it is abusive or indecent: nobody is to meet its words
    unasked. ``laid_out`` says that it has HTML, which ``read_html`` returns.
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
    id: int = 0
    sender_name: str = ""
    attachments: tuple[Attachment, ...] = ()
    folded: bool = False
    laid_out: bool = False

    @property
    def answers_us(self) -> bool:
        """Whether it answers our reply to the first message of its case."""
        return self.withheld == ANSWERS_US

    @property
    def unsure(self) -> str | None:
        """Why the classifier was not certain, None when it was."""
        return self.why[-1] if self.why and Outcome.UNCERTAIN in self.outcomes else None


@dataclass(frozen=True, slots=True)
class ActionState:
    """What became of an action, without its content, and when it ended."""

    id: int
    kind: str
    state: str
    reason: str | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class SentReply:
    """A reply as it went out, byte for byte; ``at`` is when the server answered, or was given up on.

    ``state`` is "sent" where the server took it and "unsure" where nobody knows. ``id`` is the action's.
    """

    id: int
    state: str
    recipient: str
    at: datetime | None
    raw: bytes


@dataclass(frozen=True, slots=True)
class Html:
    """A message as its sender laid it out: never to be shown as it is. ``cut``: its end was not kept."""

    source: str
    cut: bool


@dataclass(frozen=True, slots=True)
class CaseView:
    """What a viewer may see of a case: ``flags`` in their scope, ``letters`` only with access to text.

    ``states`` are ids and states of all its flags, for those who may see every case's, else of ``flags``.
    ``on_roll`` are those of ``pupils`` whom the roster knows; ``sent`` is there with access to all the text.
    ``taken_away`` are topics of which a person has said that they are not there.
    """

    id: int
    created_at: datetime
    access: Access
    states: tuple[tuple[int, str], ...]
    flags: tuple[FlagRow, ...]
    letters: tuple[Letter, ...]
    pupils: tuple[str, ...]
    actions: tuple[ActionState, ...]
    on_roll: tuple[Pupil, ...] = ()
    sent: tuple[SentReply, ...] = ()
    taken_away: tuple[TakenAway, ...] = ()


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
    seen = tuple(
        replace(each, flag=as_seen(scope(who), each.flag, boxes))
        for each in raised
        if may_see_flag(who, each.flag, boxes, beside)
    )
    accused = any(each.flag.about and each.flag.about.lower() == who.address for each in every)
    if accused or not (seen or scope(who).states):
        return None
    access = text_access(who, beside, boxes)
    about = _pupils(conn, case_id) if access is not Access.NONE else ()
    taken, is_all = taken_away(conn, who, every, boxes)
    view = CaseView(
        id=case_id,
        created_at=row["created_at"],
        access=access,
        states=tuple((each.id, each.state) for each in (raised if scope(who).states else seen)),
        flags=seen,
        letters=_as_known(who, _letters(conn, case_id, access, folded=_are_folded(beside))),
        pupils=about,
        actions=_actions(conn, case_id, scope(who)),
        on_roll=_on_roll(conn, about),
        sent=_sent(conn, case_id) if access is Access.FULL else (),
        taken_away=taken,
    )
    return view if is_all else _not_how_decided(view)


def _not_how_decided(view: CaseView) -> CaseView:
    """Return a view without how its letters were decided: that tells of a guess not for its viewer."""
    return replace(view, letters=tuple(replace(letter, gates=(), why=()) for letter in view.letters))


def read_html(conn: Connection, letter: Letter) -> Html | None:
    """Return the HTML of a letter that somebody may read, None where it has none."""
    columns = (decisions.c.html, decisions.c.html_cut)
    row = conn.execute(select(*columns).where(decisions.c.message_id == letter.id)).one()
    return None if row.html is None else Html(row.html, bool(row.html_cut))


def _flags(conn: Connection, case_id: int) -> list[FlagRow]:
    rows = conn.execute(select(flags).where(flags.c.case_id == case_id).order_by(flags.c.id))
    return [flag_row(row) for row in rows.mappings()]


def _mailboxes(conn: Connection, case_id: int) -> frozenset[str]:
    lay = select(mailboxes.c.address).join(messages).where(messages.c.case_id == case_id)
    return frozenset(address.lower() for address in conn.execute(lay).scalars())


def _pupils(conn: Connection, case_id: int) -> tuple[str, ...]:
    about = select(case_pupils.c.pupil_id).where(case_pupils.c.case_id == case_id)
    return tuple(conn.execute(about.order_by(case_pupils.c.pupil_id)).scalars())


def _on_roll(conn: Connection, ids: Sequence[str]) -> tuple[Pupil, ...]:
    columns = [pupils.c[name] for name in ("id", "given", "family", "known_as", "year", "form")]
    found = select(*columns).where(pupils.c.id.in_(ids)).order_by(pupils.c.id)
    return tuple(Pupil(**row) for row in conn.execute(found).mappings())


def _are_folded(beside: Sequence[Flag]) -> bool:
    """Tell whether a flag that stands says that the case is abusive or indecent, be it a person's flag."""
    return any(FOLDED & {each.topic, *each.joined} for each in beside)


def _sent(conn: Connection, case_id: int) -> tuple[SentReply, ...]:
    columns = [actions.c[name] for name in ("id", "state", "recipient", "settled_at", "raw")]
    went = (actions.c.case_id == case_id, actions.c.kind == "reply", actions.c.raw.is_not(None))
    return tuple(
        SentReply(row.id, row.state, row.recipient or "", row.settled_at, row.raw.encode("latin-1"))
        for row in conn.execute(select(*columns).where(*went).order_by(actions.c.id))
    )


def _actions(conn: Connection, case_id: int, within: Scope) -> tuple[ActionState, ...]:
    columns = [actions.c[name] for name in ActionState.__dataclass_fields__]
    found = select(*columns).where(actions.c.case_id == case_id).order_by(actions.c.id)
    # That the safeguarding lead was told is itself something that not everybody may know.
    every = within.states or within.everything
    found = found if every else found.where(actions.c.kind == "reply")
    states = (ActionState(**row) for row in conn.execute(found).mappings())
    if within.everything:
        return tuple(states)
    return tuple(replace(each, reason=reason_told(each.reason)) for each in states)


def _as_known(who: Viewer, letters: tuple[Letter, ...]) -> tuple[Letter, ...]:
    """Return letters without what would tell of a flag that their reader may not see, on whatever case."""
    if scope(who).everything:
        return letters
    return tuple(replace(letter, gates=gates_told(letter.gates)) for letter in letters)


def _letters(conn: Connection, case_id: int, access: Access, *, folded: bool) -> tuple[Letter, ...]:
    if access is Access.NONE:
        return ()
    # Its HTML is large, and read when somebody asks for it.
    columns = (*_OF_A_LETTER, decisions.c.html.is_not(None).label("laid_out"))
    rows = conn.execute(select(*columns).where(decisions.c.case_id == case_id).order_by(decisions.c.id))
    # Copies in several mailboxes are one message: the first tells it all.
    first: dict[str, RowMapping] = {}
    for row in rows.mappings():
        first.setdefault(row["origin"], row)
    read = _whole if access is Access.FULL else _words
    return tuple(replace(read(row), folded=folded or _is_folded(row)) for row in first.values())


def _is_folded(row: RowMapping) -> bool:
    shown = {each.topic.value for each in read_evidence(row["evidence"])}
    return bool(FOLDED & {*row["topics"], *shown})


def _words(row: RowMapping) -> Letter:
    shown = tuple(each for each in read_evidence(row["evidence"]) if each.topic in OFFICE_TOPICS)
    text = row["classified"] or ""
    return Letter(
        row["received_at"],
        row["sender"],
        row["sender_kind"],
        Proof(row["proof"]),
        id=row["message_id"],
        sender_name=row["sender_name"] or "",
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
        id=row["message_id"],
        sender_name=row["sender_name"] or "",
        attachments=read_attachments(row["attachments"]),
        laid_out=bool(row["laid_out"]),
    )
