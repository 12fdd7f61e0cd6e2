"""A case on record in the words of ``triage explain``: what was kept of it, as far as a viewer may see."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from triage.domain.model import SenderKind
from triage.domain.moment_words import day_words
from triage.domain.visibility import Access
from triage.offline.explain import Account, asked, flag_raised, found_out, quoted, years_of
from triage.store.cases import CaseView, Letter
from triage.store.flags import FlagRow

HASH_SHOWN = 12
NOT_NAMED = "What it says and why is shown to people by name: --as ADDRESS."
NOT_YOURS = "Its text is not for this person."
ONLY_WORDS = "The rest of it is not for this person."


def recorded(view: CaseView, zone: ZoneInfo, policy: str | None, *, named: bool) -> Iterator[str]:
    """Yield the lines of an explanation. ``policy`` is the hash of today's, None when it cannot be read.

    ``named`` tells whether the viewer was named; who was not sees ids and states.
    """
    yield f"Case {view.id}, first seen on {_moment(view.created_at, zone)}."
    for number, letter in enumerate(view.letters):
        if number:
            yield f"An answer joined it on {_moment(letter.received, zone)}."
        yield from _letter(letter, view, policy, flags=_flags(view, zone) if not number else ())
    if view.access is Access.NONE:
        yield NOT_YOURS if named else NOT_NAMED
        yield from _flags(view, zone)
    yield f"Done: {_done(view)}."


def _letter(
    letter: Letter, view: CaseView, policy: str | None, flags: Iterator[str] | tuple[()]
) -> Iterator[str]:
    if view.access is Access.WORDS:
        yield from _words(letter)
        yield from flags
        return
    account = _account(letter, view)
    yield from found_out(account)
    yield from flags
    yield from asked(account)
    yield f"Policy: {_policy(letter.policy_hash, policy)}."


def _words(letter: Letter) -> Iterator[str]:
    yield f"From: {letter.sender_kind}; {letter.proof.words}."
    for each in letter.evidence:
        yield f'Words: {each.topic}, "{" ".join(each.text.split())}"'
    yield ONLY_WORDS


def _account(letter: Letter, view: CaseView) -> Account:
    why = letter.why[:-1] if letter.unsure else letter.why
    return Account(
        sender=SenderKind(letter.sender_kind),
        proof=letter.proof,
        why=why,
        pupils=view.pupils if letter.pupils is None else letter.pupils,
        several=letter.several,
        named_in=letter.named_in,
        years=years_of(row.flag for row in view.flags),
        topics=dict(letter.topics),
        evidence=quoted(letter.classified, letter.evidence),
        outcomes=letter.outcomes,
        unsure=letter.unsure,
        parts=letter.parts,
        withheld=letter.withheld,
        gates=letter.gates,
    )


def _flags(view: CaseView, zone: ZoneInfo) -> Iterator[str]:
    """Yield the flags that the viewer may see, and of the others that may be known the state alone."""
    for row in view.flags:
        yield f"{flag_raised(row.flag, [each.flag for each in view.flags])}. {_state(row, zone)}"
    seen = {row.id for row in view.flags}
    for flag_id, state in view.states:
        if flag_id not in seen:
            yield f"Flag {flag_id}: {state}."


def _state(row: FlagRow, zone: ZoneInfo) -> str:
    return f"Closed on {_moment(row.resolved_at, zone)}." if row.resolved_at else "It is open."


def _done(view: CaseView) -> str:
    kinds = {"notify": "notice"}
    each = (
        f"{kinds.get(one.kind, one.kind)} {one.state}{f' ({one.reason})' if one.reason else ''}"
        for one in view.actions
    )
    return "; ".join(each) or "nothing was to be done"


def _policy(then: str, now: str | None) -> str:
    shown = then[:HASH_SHOWN]
    if now is None:
        return f"{shown}; today's cannot be read"
    if then == now:
        return f"{shown}, the one that holds today"
    return f"{shown}; it was changed since, today's is {now[:HASH_SHOWN]} and may decide otherwise"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    day = f"{day_words(local)} {local.year}"
    return f"{day} at {local:%H:%M}"
