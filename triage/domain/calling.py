"""Who is called about a flag, in which turn and when: never anybody whom its case is about.

``immediate`` calls at any hour, and goes on until somebody says that they have it: a step up after 15 minutes
and after 30, then all of them again. ``high`` calls whoever holds it while they are at work. Whoever is left
out is replaced by the next step up. docs/decisions/0016 gives the reasons.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from triage.domain.holders import HELD_BY
from triage.domain.hours import Week
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.mornings import morning, next_morning
from triage.domain.reasons import PASSED_UP
from triage.domain.school import Calendar, Person, Role, School
from triage.domain.visibility import (
    Strictness,
    admits,
    closing,
    is_closely_kept,
    scope,
    strictness,
    viewer,
)

STEPS = (timedelta(), timedelta(minutes=15), timedelta(minutes=30))
"""When the people of each step are called first."""

AGAIN = timedelta(minutes=30)
OFTEN_FOR = timedelta(hours=4)
LATER = (time(7), time(12), time(17))
"""After so many hours nobody is awake: then they are called at these times, every day, holidays too."""

FEW, A_WHILE = 5, timedelta(minutes=5)
"""About so many cases somebody is called one by one within so long; about all others by one notice."""

GATHERED = timedelta(minutes=2)
"""What comes within so long for one person is one notice."""

LEADS = frozenset({Role.SAFEGUARDING_LEAD, Role.DEPUTY_SAFEGUARDING_LEAD})
_ABOVE = {Route.HEADTEACHER: Role.HEADTEACHER, Route.CHAIR_OF_GOVERNORS: Role.CHAIR_OF_GOVERNORS}
"""The routes whose own people are called: what goes there is kept from those below."""

_UPWARDS = tuple((role, route) for route, role in _ABOVE.items())


@dataclass(frozen=True, slots=True)
class Step:
    """Some people, by address, and how long ``after`` a flag is raised they are called first."""

    after: timedelta
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One call: to whom and for which moment; ``first`` tells that it is the first of all."""

    to: str
    at: datetime
    first: bool


def calls(flag: Flag) -> bool:
    """Tell whether a flag calls anybody the moment it is raised, at whatever hour."""
    return calls_at_any_hour(flag) or (flag.severity is Severity.HIGH and flag.topic is Topic.SAFEGUARDING)


def calls_at_any_hour(flag: Flag) -> bool:
    """Tell whether a flag calls somebody by night too."""
    return flag.severity is Severity.IMMEDIATE


def concerned(flags: Sequence[Flag]) -> frozenset[str]:
    """Return whom some flags are about, by address in lower case."""
    return frozenset(flag.about.lower() for flag in flags if flag.about)


def kept_from(school: School, flags: Sequence[Flag]) -> frozenset[str]:
    """Return who is never called about a case with some flags, by address in lower case.

    What goes to the chair of governors is about the headteacher, whether it names one or not, unless it only
    shows the case to a chair who is called.
    """
    past_the_head = any(strictness(flag) is Strictness.ALLEGATION_ABOUT_HEAD for flag in flags)
    heads = with_role(school, frozenset({Role.HEADTEACHER})) if past_the_head else ()
    return concerned(flags) | {head.lower() for head in heads}


def with_role(school: School, roles: frozenset[Role]) -> tuple[str, ...]:
    """Return who has one of some roles, by address."""
    return tuple(dict.fromkeys(person.address for person in school.people if person.role in roles))


def is_shown_cases(people: Iterable[Person], address: str) -> bool:
    """Tell whether somebody who is called can open a case, by a role among the school's ``people``.

    The leads see every one; the headteacher and the chair are shown it when they are called (``passed_up``).
    """
    roles = {person.role for person in people if person.address.lower() == address.lower()}
    return bool(roles & (LEADS | {role for role, _ in _UPWARDS}))


def pageable(school: School) -> tuple[str, ...]:
    """Return everybody who can be called at any hour, by address: whom a test of it must reach."""
    roles = LEADS | {Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS, Role.ADMINISTRATOR}
    return tuple(dict.fromkeys(filter(None, (school.on_call, *with_role(school, roles)))))


def first_called(school: School, flag: Flag, left_out: Collection[str]) -> tuple[str, ...]:
    """Return who is called first: the first choice of whom somebody is not left out.

    ``left_out`` are addresses in lower case.
    """
    return next((people for people, _ in _free(school, flag, left_out)), ())


def ladder(school: School, flag: Flag, left_out: Collection[str], given_to: str = "") -> tuple[Step, ...]:
    """Return who is called about an immediate flag, step by step, each person once.

    Where a colleague gave it to somebody, they stand first, instead of the person on call.
    Administrators see no case, so they stand there only where nobody else does. A headteacher who was called
    on an earlier step is the top one all the same: the chair is called instead of the head, never above.
    """
    called: set[str] = set()
    steps: list[tuple[str, ...]] = []
    topped = False
    for people, top in _free(school, flag, left_out, given_to):
        new = tuple(to for to in people if to.lower() not in called)
        last_resort = top is Role.ADMINISTRATOR and steps
        if new and not last_resort and not (top and topped):
            steps.append(new)
            called.update(to.lower() for to in new)
        topped = topped or top is not None
    return tuple(Step(after, people) for after, people in zip(STEPS, steps, strict=False))


def passed_up(
    school: School,
    people: Iterable[str],
    flag: Flag,
    mailboxes: frozenset[str] = frozenset(),
    beside: Sequence[Flag] = (),
) -> tuple[Flag, ...]:
    """Return the flags that show a case to those who are called about it and could not open it.

    Of the headteacher and the chair of governors: nobody else is called who may not see it anyway.
    ``mailboxes`` and ``beside`` are as in ``visibility.admits``.
    """
    found = []
    for role, route in _UPWARDS:
        called = {to.lower() for to in people} & {to.lower() for to in with_role(school, frozenset({role}))}
        if any(not _may_see_any(school, to, (flag, *beside), mailboxes) for to in called):
            found.append(replace(flag, route=route, deadline=None, why=PASSED_UP))
    return tuple(found)


def calls_due(steps: Sequence[Step], since: datetime, now: datetime, zone: ZoneInfo) -> tuple[Call, ...]:
    """Return the last call of each person that has become due by ``now``, since nobody has it ``since`` then.

    A call that was missed while nothing ran is made once, not once for each time. Both moments are aware.
    """
    due = ((step, _last_call(step.after, since, now, zone)) for step in steps)
    return tuple(Call(to, at, at == since) for step, at in due if at is not None for to in step.people)


def holders_of(
    school: School,
    flag: Flag,
    mailboxes: frozenset[str] = frozenset(),
    beside: Sequence[Flag] = (),
    away: Collection[str] = (),
) -> tuple[str, ...]:
    """Return who is to see to a flag, by address: whoever holds its route and may see it, else the next up.

    ``mailboxes`` and ``beside`` are as in ``visibility.admits``; ``away`` are left out. () where nobody is
    left.
    """
    for roles in (_holding(flag.route), LEADS, *(frozenset({role}) for role, _ in _UPWARDS)):
        found = [
            to
            for to in with_role(school, roles)
            if to not in away and _may_see(school, to, flag, mailboxes, beside)
        ]
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def standing_in(
    school: School,
    flag: Flag,
    away: Collection[str],
    mailboxes: frozenset[str] = frozenset(),
    beside: Sequence[Flag] = (),
) -> tuple[str, ...]:
    """Return who is told of a flag while everybody who holds it is away: the next up who is there.

    Of what is closely kept the headteacher is told, else the chair, where nobody is there who may see it:
    they are shown it then (``passed_up``). What is open to others would be closed to them by that, so it
    waits. The other arguments are as in ``holders_of``.
    """
    found = holders_of(school, flag, mailboxes, beside, away)
    every = (flag, *beside)
    if found or not any(is_closely_kept(one) for one in every):
        return found
    left_out = kept_from(school, every)
    above = (with_role(school, frozenset({role})) for role, _ in _UPWARDS)
    there = (tuple(to for to in some if to not in away and to.lower() not in left_out) for some in above)
    return next(filter(None, there), ())


def next_up(school: School, flag: Flag, left_out: Collection[str]) -> tuple[str, ...]:
    """Return who is told when a flag is overdue: the headteacher, of the headteacher's own the chair.

    ``left_out`` are addresses in lower case. () above the chair.
    """
    if flag.route is Route.CHAIR_OF_GOVERNORS:
        return ()
    above = [role for role, route in _UPWARDS if route is not flag.route]
    for role in above:
        people = with_role(school, frozenset({role}))
        free = tuple(to for to in people if to.lower() not in left_out)
        if free:
            return tuple(dict.fromkeys(free))
    return ()


def told_at(since: datetime, calendar: Calendar, own: Week | None = None) -> datetime:
    """Return when somebody is told of what is high: at once at work, else when their work next begins.

    Where no next day is known it is at once. What comes within ``GATHERED`` is told at one moment.
    """
    if morning(since, calendar, own) is None:
        following = next_morning(since, calendar, own)
        return since if following is None else following
    width = GATHERED.total_seconds()
    return datetime.fromtimestamp(-(-since.timestamp() // width) * width, UTC)


def _last_call(after: timedelta, since: datetime, now: datetime, zone: ZoneInfo) -> datetime | None:
    waited = now - since
    if waited < after:
        return None
    if waited <= OFTEN_FOR:
        return since + max(after, waited // AGAIN * AGAIN)
    today = now.astimezone(zone).date()
    days = (today, today - timedelta(days=1))
    later = [datetime.combine(day, at, zone) for day in days for at in LATER]
    passed = [at.astimezone(UTC) for at in later if since + OFTEN_FOR < at <= now]
    return max(passed, default=since + OFTEN_FOR)


def _free(
    school: School, flag: Flag, left_out: Collection[str], given_to: str = ""
) -> Iterator[tuple[tuple[str, ...], Role | None]]:
    """Yield those of each choice who are not left out, where somebody is, as ``_in_turn`` does."""
    for people, top in _in_turn(school, flag, given_to):
        free = tuple(dict.fromkeys(to for to in people if to.lower() not in left_out))
        if free:
            yield free, top


def _in_turn(school: School, flag: Flag, given_to: str) -> Iterator[tuple[tuple[str, ...], Role | None]]:
    """Yield those to be called, the first choice first, with their role if it is above the leads."""
    if given_to:
        yield (given_to,), None
    if flag.route in _ABOVE:
        yield with_role(school, frozenset({_ABOVE[flag.route]})), _ABOVE[flag.route]
    elif flag.severity is Severity.IMMEDIATE and school.on_call and not given_to:
        yield (school.on_call,), None
    if flag.route is not Route.CHAIR_OF_GOVERNORS:
        yield with_role(school, LEADS), None
    for role in (Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS, Role.ADMINISTRATOR):
        yield with_role(school, frozenset({role})), role


def _holding(route: Route) -> frozenset[Role]:
    return LEADS if route is Route.SAFEGUARDING_LEAD else HELD_BY[route]


def _may_see(
    school: School, address: str, flag: Flag, mailboxes: frozenset[str], beside: Sequence[Flag]
) -> bool:
    return admits(scope(closing(viewer(school, address))), flag, mailboxes, beside)


def _may_see_any(school: School, address: str, flags: Sequence[Flag], mailboxes: frozenset[str]) -> bool:
    return any(_may_see(school, address, flag, mailboxes, flags) for flag in flags)
