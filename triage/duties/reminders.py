"""The mails of the morning: each person's queue, the leads' night, deadlines, and a monthly test.

Each is a duty of ``mornings``: it may be asked at any minute, and what it writes is there once.
They hold numbers, days and a link, and count nothing that their reader may not see.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from triage.context import Context
from triage.domain.calling import LEADS, holders_of, kept_from, next_up, pageable, with_role
from triage.domain.deadline_steps import DeadlineStep, deadline_step, is_first_of_month
from triage.domain.hours import Week, last_closing
from triage.domain.moment_words import day_words, opening_words
from triage.domain.mornings import Morning, morning
from triage.domain.visibility import viewer
from triage.outgoing import alerts, notice, page
from triage.store.actions import NewAction, add_action, is_asked
from triage.store.flags import FlagRow
from triage.store.mornings import overnight, queue_of, with_deadline
from triage.store.standing import Standing, standing

DAY = timedelta(days=1)
OVERDUE_FOR = 7 * DAY
"""How long an overdue flag is still told of by itself: later the mail of the morning counts it."""

AHEAD = 60 * DAY
"""How long before a deadline somebody's last day at work can lie: longer than the summer holidays."""

Found = Iterable[tuple[int | None, NewAction]]
"""Notices that are due, each with its case."""


def queues(ctx: Context, now: datetime) -> None:
    """Write to each person with a role what waits for them, at the start of their working day.

    Nobody is written to for whom nothing waits, but the safeguarding leads: their mail tells what came since
    the school closed, also that nothing did, so that its absence means something. Raises StoreError.
    """
    _write(ctx, now, _queues)


def deadlines(ctx: Context, now: datetime) -> None:
    """Remind whoever has a flag on the last school day before its deadline, on the day, and once it is past.

    Then the next person up is told too. Each of them once. Raises StoreError.
    """
    _write(ctx, now, _deadlines)


def monthly_test(ctx: Context, now: datetime) -> None:
    """Send a test by every channel to everybody who can be called, on the first school day of a month.

    Raises StoreError.
    """
    _write(ctx, now, _monthly_test)


def _write(ctx: Context, now: datetime, due: Callable[[Context, Connection, datetime], Found]) -> None:
    keyring = ctx.database.keyring
    with ctx.database.read() as conn:
        found = [one for one in due(ctx, conn, now) if not is_asked(conn, keyring, *one)]
    if not found:
        return
    with ctx.database.write() as conn:
        for case_id, new in found:
            add_action(conn, keyring, case_id, new, now)


def _queues(ctx: Context, conn: Connection, now: datetime) -> Found:
    leads = frozenset(to.lower() for to in with_role(ctx.school, LEADS))
    for to in dict.fromkeys(person.address for person in ctx.school.people):
        day = morning(now, ctx.school.calendar, ctx.own_hours(to))
        if day is not None:
            yield from _queue(ctx, conn, to, day, now, is_lead=to.lower() in leads)


def _queue(ctx: Context, conn: Connection, to: str, day: Morning, now: datetime, *, is_lead: bool) -> Found:
    new = notice("quiet" if is_lead else "morning", to, dedupe=f"morning:{day.day}:{to}")
    if is_asked(conn, ctx.database.keyring, None, new):
        return
    who, zone = viewer(ctx.school, to), ctx.school.calendar.zone
    ends = datetime.combine(day.day + DAY, time(), zone)
    facts = asdict(queue_of(conn, who, day.before or day.began - DAY, now, ends))
    if is_lead:
        since = last_closing(day.day, ctx.school.calendar) or day.began - DAY
        night = overnight(conn, who, since, now, [box.address for box in ctx.mailboxes])
        yield (
            None,
            replace(new, facts={**facts, **asdict(night), "since": opening_words(since.astimezone(zone))}),
        )
    elif facts["open"]:
        yield None, replace(new, facts=facts)


def _deadlines(ctx: Context, conn: Connection, now: datetime) -> Found:
    days = _working_days(ctx, now)
    for row in with_deadline(conn, now - OVERDUE_FOR, now + AHEAD):
        if _could_be_due(ctx, row, days):
            yield from ((row.case_id, new) for new in _reminders(ctx, row, standing(conn, row.case_id), now))


def _working_days(ctx: Context, now: datetime) -> list[tuple[date, Week | None]]:
    """Return the working days under way, each with the hours of those whose day it is; alike hours once."""
    weeks: list[Week | None] = [None]
    for box in ctx.mailboxes:
        if box.delivery.hours not in weeks:
            weeks.append(box.delivery.hours)
    days = ((morning(now, ctx.school.calendar, own), own) for own in weeks)
    return [(day.day, own) for day, own in days if day is not None]


def _could_be_due(ctx: Context, row: FlagRow, days: Iterable[tuple[date, Week | None]]) -> bool:
    """Tell whether anybody can have a reminder today, before their case is read."""
    last, calendar = _last_day(ctx, row), ctx.school.calendar
    return any(deadline_step(day, last, calendar, own) is not None for day, own in days)


def _reminders(ctx: Context, row: FlagRow, stands: Standing, now: datetime) -> Iterator[NewAction]:
    school, flag = ctx.school, row.flag
    left_out = kept_from(school, stands.every)
    holding = (row.holder,) if row.holder else holders_of(school, flag, stands.mailboxes, stands.every)
    for to in holding:
        step = _step(ctx, row, now, ctx.own_hours(to))
        if step is not None and to.lower() not in left_out:
            yield _reminder(ctx, row, to, step)
    for to in next_up(school, flag, left_out):
        if _step(ctx, row, now, ctx.own_hours(to)) is DeadlineStep.PASSED:
            yield _reminder(ctx, row, to, DeadlineStep.PASSED, above=True)


def _step(ctx: Context, row: FlagRow, now: datetime, own: Week | None) -> DeadlineStep | None:
    calendar = ctx.school.calendar
    day = morning(now, calendar, own)
    return None if day is None else deadline_step(day.day, _last_day(ctx, row), calendar, own)


def _reminder(ctx: Context, row: FlagRow, to: str, step: DeadlineStep, *, above: bool = False) -> NewAction:
    last = _last_day(ctx, row)
    key = f"deadline:{row.id}:{last}:{'above' if above else step.value}:{to}"
    facts = {"due": day_words(last), "late": step is DeadlineStep.PASSED, "above": above}
    return notice("deadline", to, dedupe=key, facts=facts)


def _last_day(ctx: Context, row: FlagRow) -> date:
    deadline = row.flag.deadline or row.created_at
    return deadline.astimezone(ctx.school.calendar.zone).date()


def _monthly_test(ctx: Context, _conn: Connection, now: datetime) -> Found:
    day = morning(now, ctx.school.calendar)
    if day is None or not is_first_of_month(day.day, ctx.school.calendar):
        return
    key = f"test:{day.day:%Y-%m}"
    for new in (*page(ctx, "test", key), *alerts(ctx, "service", "test", f"{key}:service")):
        yield None, new
    for to in pageable(ctx.school):
        yield None, notice("test", to, dedupe=f"{key}:{to}")
