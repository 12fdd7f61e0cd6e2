"""Flags reach people: who is called about which flag by now, written into the outbox, once each.

``escalate`` is called every minute, by any worker and by several at once. It keeps nothing of its own: flags,
their history and the notices that were asked for tell what is due, so a service that was down goes on where
things stand, and each call has a key under which it is there once.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from triage.context import Context
from triage.domain.calling import Call, calls_due, holders_of, ladder, passed_up, standing_in, told_at
from triage.domain.model import Severity
from triage.domain.moment_words import opening_words
from triage.duties.gathering import Due, gathered
from triage.outgoing import notice, page
from triage.store import audit
from triage.store.actions import NewAction, add_action, is_asked
from triage.store.calls import RECENTLY, CalledCase, Calling, called_cases
from triage.store.calls_told import told_lately
from triage.store.errors import StoreError
from triage.store.flagging import PASSED_UP, SERVICE, raise_flag
from triage.store.flags import OPEN
from triage.store.keys import Keyring

log = logging.getLogger(__name__)

PAGES = frozenset({"immediate", "escalated"})

AT_ONCE = 200
"""Of how many cases the calls are written in one transaction: in a flood nobody waits long for the record."""


def escalate(ctx: Context) -> int:
    """Write every call that is due by now and was not written yet; return how many. Raises StoreError."""
    now, keyring = ctx.clock(), ctx.database.keyring
    with ctx.database.read() as conn:
        due = [_still_due(conn, keyring, each) for each in _all_due(ctx, conn, now)]
        due = [each for each in due if each.notices or each.raised]
        due = list(gathered(due, told_lately(conn, now))) if due else []
    written = 0
    for start in range(0, len(due), AT_ONCE):
        with ctx.database.write() as conn:
            written += sum(_write(conn, keyring, each, now) for each in due[start : start + AT_ONCE])
    return written


def _all_due(ctx: Context, conn: Connection, now: datetime) -> Iterator[Due]:
    for case in called_cases(conn, Severity.IMMEDIATE, now):
        yield from _apart(f"case {case.case_id}", _pages(ctx, case, now))
        yield from _apart(f"case {case.case_id}", _taken(ctx, case, now))
    waiting = list(called_cases(conn, Severity.HIGH, now))
    for case in waiting:
        yield from _apart(f"case {case.case_id}", _given(ctx, case, now))
    yield from _apart("what is high", _high(ctx, waiting, now))


def _apart(of: str, due: Iterator[Due]) -> Iterator[Due]:
    """Yield what is due until that meets a defect, which must not keep other cases from their calls."""
    try:
        yield from due
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - the type alone: its text may hold what a parent wrote
        log.error("calls about %s: %s", of, type(error).__name__)  # noqa: TRY400 - one line


def _pages(ctx: Context, case: CalledCase, now: datetime) -> Iterator[Due]:
    """Yield who is called about the immediate flags of a case that nobody has."""
    left_out, zone = case.left_out(ctx.school), ctx.school.calendar.zone
    for calling in case.waiting:
        steps = ladder(ctx.school, calling.row.flag, left_out, calling.given_to)
        calls = calls_due(steps, calling.since, now, zone)
        shown = _shown(ctx, case, calling, [call.to for call in calls])
        asked = ((call, new) for call in calls for new in _call(ctx, case, calling, call))
        notices = tuple(new for call, new in asked if not case.was_told_with_others(new, calling, call.at))
        yield replace(shown, notices=notices)


def _shown(ctx: Context, case: CalledCase, calling: Calling, people: Sequence[str]) -> Due:
    """Return what shows a case to those of some people who are told of its flag and could not see it."""
    raised = passed_up(ctx.school, people, calling.row.flag, case.mailboxes, case.every)
    origin = f"{calling.row.id}:{calling.since.isoformat()}"
    return Due(case.case_id, (), (calling.row.id,), raised, origin)


def _call(ctx: Context, case: CalledCase, calling: Calling, call: Call) -> Iterator[NewAction]:
    """Yield the notice of a call, and what goes beside it by the second channel to the person on call.

    Of the first call the notice is there with its flag, and so is the alert unless a person raised it.
    """
    name, key = ("immediate" if call.first else "escalated"), f"call:{call.at.isoformat()}"
    facts = {"since": opening_words(calling.began.astimezone(ctx.school.calendar.zone))}
    new = notice(name, call.to, dedupe=f"{key}:{call.to}", facts=facts)
    # A notice of less about the same case calls nobody: it may come first while a flood makes calls wait.
    told = call.first and case.was_told(call.to, calling, PAGES)
    if not told and not case.is_being_told(call.to, PAGES):
        yield new
    alone = told and not case.was_told_with_others(new, calling, call.at)
    if call.to == ctx.school.on_call and not (alone and calling.by in {SERVICE, call.to}):
        yield from page(ctx, name, key, facts)


def _taken(ctx: Context, case: CalledCase, now: datetime) -> Iterator[Due]:
    """Yield what tells those who were called that somebody has it, so that not all of them act."""
    answered = [each for each in case.callings if each.answer is not None]
    if not answered or case.waiting:
        return
    last = max(answered, key=lambda each: each.answer.at if each.answer else each.since)
    answer = last.answer
    if answer is None or answer.at < now - RECENTLY:
        return
    called = {one.to for one in case.told if one.name in PAGES and last.began <= one.at <= answer.at}
    told = sorted(called - case.left_out(ctx.school) - {answer.actor.lower()})
    news = (notice("taken", to, dedupe=f"taken:{answer.at.isoformat()}:{to}") for to in told)
    left = tuple(new for new in news if not case.was_told_with_others(new, last, answer.at))
    yield Due(case.case_id, left, (last.row.id,))


def _given(ctx: Context, case: CalledCase, now: datetime) -> Iterator[Due]:
    """Yield what tells those to whom a colleague has given what is high, when they are at work."""
    for each in case.callings:
        to, given = each.row.holder, each.given
        if to and given and each.row.state == OPEN and now - RECENTLY < _told_of(ctx, to, given) <= now:
            new = notice("high", to, dedupe=f"given:{each.row.id}:{given.isoformat()}")
            if not case.was_told_with_others(new, each, given):
                yield Due(case.case_id, (new,), (each.row.id,))


def _told_of(ctx: Context, to: str, since: datetime) -> datetime:
    """Return when somebody is told of what is high and theirs."""
    return told_at(since, ctx.school.calendar, ctx.own_hours(to))


def _high(ctx: Context, cases: Sequence[CalledCase], now: datetime) -> Iterator[Due]:
    """Yield one notice to each person of all that is high, waits for them, and they have not been told of."""
    waiting: defaultdict[str, list[tuple[CalledCase, Calling]]] = defaultdict(list)
    for case in cases:
        for calling in case.waiting:
            people = tuple(_to_be_told(ctx, case, calling, now))
            yield _shown(ctx, case, calling, people)
            for to in people:
                waiting[to].append((case, calling))
    for to, found in waiting.items():
        ids = {case.case_id for case, _ in found}
        key = sorted((calling.row.id, calling.since.isoformat()) for _, calling in found)
        of = tuple(flag for flag, _ in key)
        several = {"number": len(ids), "flags": of} if len(ids) > 1 else {}
        told = notice("high", to, dedupe=f"high:{to}:{key}", facts=several)
        yield Due(None if several else ids.pop(), (told,), of)


def _to_be_told(ctx: Context, case: CalledCase, calling: Calling, now: datetime) -> Iterator[str]:
    left_out, row = case.left_out(ctx.school), calling.row
    holders = holders_of(ctx.school, row.flag, case.mailboxes, case.every)
    away = _away(ctx, calling.since)
    theirs = (row.holder,) if row.holder else holders
    all_away = away.issuperset(theirs)
    others = standing_in(ctx.school, row.flag, away, case.mailboxes, case.every) if all_away else ()
    for to in dict.fromkeys((*theirs, *others)):
        due = _told_of(ctx, to, calling.since) <= now
        if due and to.lower() not in left_out and not case.was_told(to, calling):
            yield to


def _away(ctx: Context, since: datetime) -> frozenset[str]:
    """Return who does not work on the day on which the school could be told: others stand in for them."""
    calendar = ctx.school.calendar
    day = told_at(since, calendar).astimezone(calendar.zone).date()
    people = dict.fromkeys(person.address for person in ctx.school.people)
    told = ((to, _told_of(ctx, to, since).astimezone(calendar.zone).date()) for to in people)
    return frozenset(to for to, on in told if on > day)


def _still_due(conn: Connection, keyring: Keyring, due: Due) -> Due:
    """Return what of it is not written yet."""
    left = (each for each in due.notices if not is_asked(conn, keyring, due.case_id, each))
    return replace(due, notices=tuple(left))


def _write(conn: Connection, keyring: Keyring, due: Due, now: datetime) -> int:
    if due.case_id is not None:
        _show(conn, keyring, due.case_id, due, now)
    return _add(conn, keyring, due.case_id, due.notices, now)


def _add(
    conn: Connection, keyring: Keyring, case_id: int | None, notices: Iterable[NewAction], now: datetime
) -> int:
    return sum(add_action(conn, keyring, case_id, each, now) is not None for each in notices)


def _show(conn: Connection, keyring: Keyring, case_id: int, due: Due, now: datetime) -> None:
    """Raise the flags that show a case to those who are called and could not see it."""
    for flag in due.raised:
        origin = f"passed up:{due.origin}"
        raised = raise_flag(conn, case_id, flag, now, origin=origin, reason=PASSED_UP)
        if raised is not None:
            audit.append(conn, keyring, now, SERVICE, "flag raised", object_=f"flag {raised}")
