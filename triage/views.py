"""What the commands show of the record, in sections. Who may see what is asked of the store, never here."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from sqlalchemy import Connection

from triage.console import Row, Section
from triage.domain.asked import is_policy
from triage.domain.model import Severity
from triage.domain.roster import Roster
from triage.domain.visibility import Access, Viewer, scope
from triage.store.cases import CaseView, Letter
from triage.store.flags import FlagRow, flag_counts, list_flags
from triage.store.roster import load_roster, roster_imported_at
from triage.visit import Poll

Place = tuple[str, str]
"""A watched folder: the mailbox's address and the folder's name."""


def flags_of(conn: Connection, who: Viewer, state: str) -> Section:
    """Return the flags that a person may see, the most pressing first."""
    rows = [_flag(row) for row in list_flags(conn, scope(who), state)]
    return Section("flag", f"{len(rows)} {state} {_flags(len(rows))}", rows, f"no {state} flags")


def flag_totals(conn: Connection) -> Section:
    """Return how many flags each route has, without a word of their content."""
    rows = [
        {"route": route, **_totals(Counter({(one.state, one.severity): one.number for one in alike}))}
        for route, alike in groupby(flag_counts(conn), key=lambda one: one.route)
    ]
    return Section("flags", "Flags, counted", rows, "no flags")


def case_sections(conn: Connection, view: CaseView, *, every_rule: bool) -> list[Section]:
    """Return a case as its viewer may see it: letters, flags, what was done, and what forbade a reply.

    ``every_rule`` adds the rules that were asked and forbade nothing.
    """
    names = _names(load_roster(conn), view.pupils) if view.pupils else []
    head = {"case": view.id, "created": view.created_at, "text": view.access.value}
    letters = [_letter(letter, view.access, names) for letter in view.letters]
    seen = {row.id for row in view.flags}
    states = [{"flag": flag, "state": state} for flag, state in view.states if flag not in seen]
    asked = "Rules asked before a reply" if every_rule else "What forbade a reply"
    return [
        Section("case", f"Case {view.id}", [head], upright=True),
        Section("letter", "Message", letters, upright=True),
        Section("flag", "Flags", [_whole_flag(row) for row in view.flags], upright=True),
        Section("state", "States of flags", states),
        Section("action", "What was done", _actions(view), "nothing was to be done"),
        Section("rule", asked, _rules(view.letters, every=every_rule)),
    ]


def roster_sections(conn: Connection) -> list[Section]:
    """Return the roster in numbers: when it was imported, how many pupils each year has; no names."""
    roster, imported = load_roster(conn), roster_imported_at(conn)
    head = {"imported": imported, "pupils": len(roster.pupils), "guardians": len(roster.guardians)}
    by_year = Counter(pupil.year for pupil in roster.pupils.values())
    years = [{"year": year, "pupils": number} for year, number in sorted(by_year.items())]
    return [
        Section("roster", "Roster", [head], upright=True),
        Section("year", "Pupils by year", years, "no pupils: triage roster import FILE loads them"),
    ]


def poll_sections(polls: Sequence[tuple[Place, Poll]]) -> list[Section]:
    """Return what one pass over the mailboxes came to."""
    rows = [
        {
            "mailbox": address,
            "folder": folder,
            "status": poll.status,
            "seen": poll.seen,
            "decided": poll.decided,
            "known": poll.known,
            "vanished": poll.vanished,
            "set_aside": poll.quarantined,
            "left": poll.left,
        }
        for (address, folder), poll in polls
    ]
    return [Section("poll", "Mailboxes", rows), trouble((place, poll.error) for place, poll in polls)]


def _flag(row: FlagRow) -> Row:
    flag = row.flag
    return {
        "flag": row.id,
        "case": row.case_id,
        "severity": flag.severity,
        "topic": flag.topic,
        "route": flag.route,
        "year": flag.year,
        "raised": row.created_at,
        "deadline": flag.deadline,
        **({"resolved": row.resolved_at} if row.resolved_at else {}),
    }


def _whole_flag(row: FlagRow) -> Row:
    own = {key: value for key, value in _flag(row).items() if key != "case"}
    return {**own, "state": row.state, "why": row.flag.why}


def _flags(number: int) -> str:
    return "flag" if number == 1 else "flags"


def _totals(alike: Mapping[tuple[str, str], int]) -> Row:
    waiting = {severity.value: alike.get(("open", severity), 0) for severity in Severity}
    return {**waiting, "resolved": sum(number for (state, _), number in alike.items() if state != "open")}


def _letter(letter: Letter, access: Access, pupils: Sequence[str]) -> Row:
    shown: dict[str, object] = {
        "received": letter.received,
        "sender": letter.sender,
        "sender_kind": letter.sender_kind,
        "proof": letter.proof.words,
        "pupils": pupils,
    }
    found = [f"{each.topic}: {each.text}" for each in letter.evidence]
    if access is not Access.FULL:
        return {**shown, "found": found}
    return {
        **shown,
        "subject": letter.subject,
        "text": letter.text,
        "found": found,
        "topics": [f"{topic} {score:.2f}" for topic, score in letter.topics],
        "outcomes": letter.outcomes,
        "why": letter.why,
        "reply_parts": letter.parts,
        "withheld": letter.withheld,
    }


def _names(roster: Roster, ids: Sequence[str]) -> list[str]:
    """Name pupils as their teachers do; one who has left the roster keeps the number."""
    found = ((id_, roster.pupils.get(id_)) for id_ in ids)
    return [f"{one.known_as or one.given} {one.family}, {one.form}" if one else id_ for id_, one in found]


def _actions(view: CaseView) -> list[Row]:
    return [
        {"action": each.id, "what": named(each.kind), "state": each.state, "reason": each.reason}
        for each in view.actions
    ]


def named(kind: str) -> str:
    """Return what people call a kind of action."""
    return "notice" if kind == "notify" else kind


def _rules(letters: Sequence[Letter], *, every: bool) -> list[Row]:
    """List the rules asked of the first message; an answer that joined its case is never answered."""
    return [
        {"rule": gate.name, "forbids": gate.hit and not is_policy(gate), "why": gate.why}
        for letter in letters[:1]
        for gate in letter.gates
        if every or (gate.hit and not is_policy(gate))
    ]


def trouble(found: Iterable[tuple[Place, str | None]]) -> Section:
    """Return what is wrong, apart: in a column of its own it would leave the others no room."""
    rows = [
        {"mailbox": address, "folder": folder, "trouble": words}
        for (address, folder), words in found
        if words
    ]
    return Section("trouble", "Trouble", rows)
