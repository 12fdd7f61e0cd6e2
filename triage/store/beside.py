"""What stands beside a case in the queue: who wrote, about whom, the words that show why, whom to ring.

Read for all cases of a page at once, so that a page costs a handful of queries however long it is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, exists, func, or_, select, true

from triage.domain.model import Evidence, Flag, Route, Severity
from triage.domain.quoting import in_the_open, merged
from triage.domain.roster import Pupil
from triage.domain.visibility import (
    OFFICE_TOPICS,
    Access,
    Scope,
    Viewer,
    is_closely_kept,
    is_kept_from,
    scope,
    text_access,
)
from triage.store.flags import DROPPED, TOPICS, is_allegation, is_safeguarding, within
from triage.store.records import read_evidence
from triage.store.seen import mailboxes_of
from triage.store.tables import (
    case_pupils,
    decisions,
    flags,
    guardian_pupils,
    guardians,
    pupils,
)

_OTHERS = flags.alias()  # made once: that takes longer than the query in which it stands


@dataclass(frozen=True, slots=True)
class Contact:
    """A guardian who can be rung; ``wrote`` is true for the one whose address the message came from."""

    name: str
    telephone: str
    wrote: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """What one viewer may be shown of a case's messages; with no access to the text all of it is empty.

    ``evidence`` is without what is abusive or indecent, and ``folded`` tells that there is such.
    ``last_contact`` is when somebody of the school last talked with the family about one of the pupils.
    ``closely_kept`` tells that a flag of the case is a safeguarding matter or an allegation: whoever may read
    the text sees that flag too. ``kept_from`` tells that there is such a flag and the viewer may not see it.
    """

    access: Access = Access.NONE
    closely_kept: bool = False
    sender: str = ""
    sender_kind: str = ""
    evidence: tuple[Evidence, ...] = ()
    folded: bool = False
    pupils: tuple[Pupil, ...] = ()
    contacts: tuple[Contact, ...] = ()
    last_contact: datetime | None = None
    kept_from: bool = False

    def shown(self, flag: Flag) -> tuple[str, ...]:
        """Return the words that show why there is this flag, each once."""
        topics = {flag.topic, *flag.joined}
        shown = merged([each for each in self.evidence if each.topic in topics])
        return tuple(dict.fromkeys(each.text for each in shown))


def beside(
    conn: Connection, who: Viewer, case_ids: Iterable[int], *, briefly: bool = False
) -> dict[int, Beside]:
    """Return what ``who`` may be shown of each case; ``briefly`` how much, and whether not all."""
    wanted = sorted(set(case_ids))
    raised = _raised(conn, wanted)
    boxes = mailboxes_of(conn, wanted)
    access = {case: text_access(who, raised[case], boxes.get(case, frozenset())) for case in wanted}
    kept_from = {case: is_kept_from(who, raised[case], boxes.get(case, frozenset())) for case in wanted}
    if briefly:
        return {case: Beside(access[case], kept_from=kept_from[case]) for case in wanted}
    readable = [case for case in wanted if access[case] is not Access.NONE]
    letters, about = _letters(conn, readable), _pupils(conn, readable)
    known = {pupil.id for those in about.values() for pupil in those}
    care, talked = _guardians(conn, known), _last_contacts(conn, who, known)
    shown = {
        case: _beside(access[case], letters.get(case, ()), about.get(case, ()), care, talked)
        for case in readable
    }
    kept = {case for case in readable if any(map(is_closely_kept, raised[case]))}
    return {
        case: replace(shown.get(case, Beside()), closely_kept=case in kept, kept_from=kept_from[case])
        for case in wanted
    }


def _beside(
    access: Access,
    letters: Sequence[RowMapping],
    about: Sequence[Pupil],
    care: Mapping[str, Sequence[tuple[str, str, str | None]]],
    talked: Mapping[str, datetime],
) -> Beside:
    sender = letters[0]["sender"] if letters else ""
    found = [read_evidence(letter["evidence"]) for letter in letters]
    shown = [each for evidence in found for each in in_the_open(evidence)]
    folded = len(shown) < sum(len(evidence) for evidence in found)
    if access is Access.WORDS:
        shown = [each for each in shown if each.topic in OFFICE_TOPICS]
    return Beside(
        access=access,
        sender=sender,
        sender_kind=letters[0]["sender_kind"] if letters else "",
        evidence=tuple(shown),
        folded=folded,
        pupils=tuple(about),
        contacts=_contacts(sender, [one for pupil in about for one in care.get(pupil.id, ())]),
        last_contact=max((talked[pupil.id] for pupil in about if pupil.id in talked), default=None),
    )


def _contacts(sender: str, care: Iterable[tuple[str, str, str | None]]) -> tuple[Contact, ...]:
    """Return who can be rung, the one who wrote first."""
    found = [
        Contact(name, telephone, wrote=bool(address) and address.lower() == sender.lower())
        for name, address, telephone in dict.fromkeys(care)
        if telephone
    ]
    return tuple(sorted(found, key=lambda contact: not contact.wrote))


def _raised(conn: Connection, case_ids: Sequence[int]) -> Mapping[int, Sequence[Flag]]:
    """Return the flags of some cases, but for those that were dropped."""
    columns = (flags.c.topic, flags.c.severity, flags.c.route, flags.c.year, flags.c.about, flags.c.why)
    raised: dict[int, list[Flag]] = defaultdict(list)
    standing = (flags.c.case_id.in_(case_ids), flags.c.state != DROPPED)
    for row in conn.execute(select(flags.c.case_id, *columns).where(*standing)):
        named = {"year": row.year, "about": row.about, "why": row.why}
        flag = Flag(TOPICS[row.topic], Severity(row.severity), Route(row.route), **named)
        raised[row.case_id].append(flag)
    return raised


def _letters(conn: Connection, case_ids: Sequence[int]) -> dict[int, list[RowMapping]]:
    """Return the messages of each case; copies in several mailboxes are one."""
    columns = (decisions.c.case_id, decisions.c.origin, decisions.c.sender_kind)
    first = (
        select(func.min(decisions.c.id))
        .where(decisions.c.case_id.in_(case_ids))
        .group_by(decisions.c.case_id, decisions.c.origin)
    )
    found = select(*columns, decisions.c.sender, decisions.c.evidence).where(decisions.c.id.in_(first))
    letters: dict[int, list[RowMapping]] = defaultdict(list)
    for row in conn.execute(found.order_by(decisions.c.id)).mappings():
        letters[row["case_id"]].append(row)
    return letters


def _pupils(conn: Connection, case_ids: Sequence[int]) -> dict[int, list[Pupil]]:
    named = select(case_pupils.c.case_id, pupils).join(pupils, pupils.c.id == case_pupils.c.pupil_id)
    rows = conn.execute(named.where(case_pupils.c.case_id.in_(case_ids)).order_by(pupils.c.id))
    found: dict[int, list[Pupil]] = defaultdict(list)
    for row in rows.mappings():
        found[row["case_id"]].append(
            Pupil(**{name: row[name] for name in ("id", "given", "family", "known_as", "year", "form")})
        )
    return found


def _guardians(conn: Connection, pupil_ids: Collection[str]) -> dict[str, list[tuple[str, str, str | None]]]:
    own = select(guardian_pupils.c.pupil_id, guardians.c.name, guardians.c.address, guardians.c.telephone)
    joined = own.join(guardians, guardians.c.id == guardian_pupils.c.guardian_id)
    found: dict[str, list[tuple[str, str, str | None]]] = defaultdict(list)
    for row in conn.execute(joined.where(guardian_pupils.c.pupil_id.in_(pupil_ids)).order_by(guardians.c.id)):
        found[row.pupil_id].append((row.name, row.address, row.telephone))
    return found


def _last_contacts(conn: Connection, who: Viewer, pupil_ids: Collection[str]) -> dict[str, datetime]:
    """Return when each family was last talked with over a flag that ``who`` may see: others tell too much.

    So does one beside which a stricter flag stands that is not theirs: it closes to them whom the case is
    about. What was rejected is off the record, and with it what was said about it.
    """
    if not pupil_ids:
        return {}
    talked = (
        select(case_pupils.c.pupil_id, func.max(flags.c.talked_at).label("at"))
        .join(flags, flags.c.case_id == case_pupils.c.case_id)
        .where(
            case_pupils.c.pupil_id.in_(pupil_ids),
            flags.c.talked_at.is_not(None),
            flags.c.state != DROPPED,
            within(conn, scope(who)),
            _open_to(scope(who)),
        )
        .group_by(case_pupils.c.pupil_id)
    )
    return {row.pupil_id: row.at for row in conn.execute(talked)}


def _open_to(scope_: Scope) -> ColumnElement[bool]:
    """Return the condition that no flag beside one is closely kept from a scope."""
    if scope_.everything:
        return true()
    return ~exists().where(
        _OTHERS.c.case_id == flags.c.case_id,
        _OTHERS.c.state != DROPPED,
        _OTHERS.c.route.not_in([route.value for route in scope_.routes]),
        or_(is_allegation(_OTHERS), is_safeguarding(_OTHERS)),
    )
