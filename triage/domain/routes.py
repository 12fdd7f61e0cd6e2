"""To whom the flags of a message go: the policy's routes, with the rules that no policy can undo.

What is said about a person never goes to that person: an allegation about staff goes to the headteacher,
about the headteacher to the chair of governors, about the safeguarding lead to the headteacher; any other
flag of a message that concerns whoever would read it goes one step up.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from triage.domain.accused import ALLEGATIONS
from triage.domain.deadlines import due
from triage.domain.findings import Findings
from triage.domain.holders import holders, open_route
from triage.domain.matter import Matter
from triage.domain.model import Delivery, Flag, Identity, Outcome, Route, Severity, Topic, Trouble
from triage.domain.policy import Key, Policy, Rule
from triage.domain.rights import rights_used
from triage.domain.school import School
from triage.domain.visibility import is_closely_kept

TROUBLE_ROUTES: Mapping[Trouble, Route] = {
    Trouble.UNREADABLE: Route.HEAD_OF_YEAR,
    Trouble.TOO_LARGE: Route.HEAD_OF_YEAR,
    Trouble.RETURN_PATH: Route.ADMINISTRATOR,
    Trouble.REPLY_UNSURE: Route.ADMINISTRATOR,
    Trouble.REPLY_FAILED: Route.ADMINISTRATOR,
    Trouble.NOTICE_FAILED: Route.ADMINISTRATOR,
    Trouble.RAISED: Route.HEAD_OF_YEAR,
}
"""A message that nobody could read may matter, and a person who may read it must; the rest is mail's own."""

FLAG_TOPICS: Mapping[Outcome, Topic] = {Outcome.COLLECTION_CHANGE: Topic.URGENT}
"""Under which topic an outcome's flag stands: a flag's topic is never an outcome."""

OVER_HEADS_OF_YEAR = frozenset({Route.HEAD_OF_YEAR, Route.LINE_MANAGER})
"""The routes that a safeguarding matter or an allegation closes."""


def topic_flags(matter: Matter, found: Findings, kept: Collection[Key]) -> tuple[Flag, ...]:
    """Return the flags of topics and outcomes, the most pressing first, one for each person's queue and need.

    ``kept`` are the topics and outcomes whose flags this sender's mail can raise. A safeguarding matter or an
    allegation keeps the message from the head of year and the line manager, so no flag of theirs is made:
    whoever holds the stricter flag tells them what they need.
    """
    rules = [
        rule
        for key, rule in matter.policy.rules.items()
        if key in kept and (found.holds(key) or key in found.review)
    ]
    made = [(rule, _dated(flag, matter)) for rule in rules for flag in _flags(rule, matter, found)]
    pressed = zip((rule for rule, _ in made), _pressed([flag for _, flag in made]), strict=True)
    flags = [flag for rule, flag in pressed if not is_covered(rule.key, flag.route, found)]
    return _merged((_away(flag, found, matter) for flag in flags), matter.policy)


def is_covered(key: Key, route: Route, found: Findings) -> bool:
    """Tell whether a flag is not raised because whoever has a stricter one tells those who need to know.

    A safeguarding matter or an allegation closes the message to heads of year and line managers. What staff
    are said to have done to a child is nothing for the office either, however urgent; how the child gets home
    is.
    """
    if key is Topic.URGENT:
        return bool(found.accused.get(Topic.SAFEGUARDING))
    return route in OVER_HEADS_OF_YEAR and (found.safeguarding or any(found.accused.values()))


def trouble_flag(trouble: Trouble, identity: Identity, why: str) -> Flag:
    """Return the flag of a message that needs a person although no topic says so."""
    return Flag(trouble, Severity.REVIEW, TROUBLE_ROUTES[trouble], year=_only_year(identity), why=why)


def _flags(rule: Rule, matter: Matter, found: Findings) -> Iterable[Flag]:
    topic = rule.key if isinstance(rule.key, Topic) else FLAG_TOPICS.get(rule.key)
    if rule.flag is None or topic is None:
        return ()
    route = _with_manager(rule.flag.route, matter.delivery, matter.school)
    immediate = topic is Topic.SAFEGUARDING and found.immediate
    severity = Severity.IMMEDIATE if immediate else rule.flag.severity
    # Nobody is called for what is junk mail most likely: it waits at the top of the lead's queue.
    severity = Severity.REVIEW if matter.doubtful else severity
    flag = Flag(topic, severity, route, year=_only_year(matter.identity), why=_why(rule, found))
    if found.accused.get(topic):
        return _allegations(flag, matter, found)
    if route is Route.HEAD_OF_YEAR and matter.identity.years:
        return [replace(flag, year=year) for year in dict.fromkeys(matter.identity.years)]
    return [flag]


def _allegations(flag: Flag, matter: Matter, found: Findings) -> Iterable[Flag]:
    """Return a flag for each person accused, for the headteacher; of safeguarding for the lead too."""
    people = [one for topic in ALLEGATIONS for one in found.accused.get(topic, ())]
    rule = matter.policy.rules[Outcome.ABOUT_STAFF].flag
    severity = min((flag.severity, rule.severity if rule else flag.severity), key=lambda one: one.rank)
    above = replace(flag, severity=severity, route=Route.HEADTEACHER, why=f"{flag.why}; about staff")
    made = [replace(flag, why=above.why), above] if flag.topic is Topic.SAFEGUARDING else [above]
    return [replace(one, about=person.address) for one in made for person in dict.fromkeys(people)]


def _pressed(flags: list[Flag]) -> list[Flag]:
    """Return the flags, those that close the message to others as pressing as what it asks for beside them.

    A child in danger who is to be collected today must not wait in a queue until tomorrow. Nor must a
    complaint about staff with a change of collection in it: the office is told that there is something and
    cannot read it, so whoever can must. Danger itself is for the leads, who see everything.
    """
    first = _first(flags)
    beside = _first([flag for flag in flags if flag.topic is not Topic.SAFEGUARDING])
    return [_as_pressing(flag, first if flag.topic is Topic.SAFEGUARDING else beside) for flag in flags]


def _first(flags: Iterable[Flag]) -> Severity:
    return min((flag.severity for flag in flags), key=lambda one: one.rank, default=Severity.REVIEW)


def _as_pressing(flag: Flag, severity: Severity) -> Flag:
    return replace(flag, severity=severity) if is_closely_kept(flag) else flag


def _away(flag: Flag, found: Findings, matter: Matter) -> Flag:
    """Return a flag that does not go to anybody whom its message is about, with ``about`` set if it moved."""
    route = open_route(flag.route, flag.year, found.concerned, matter)
    if route is flag.route or flag.about is not None:
        return replace(flag, route=route)
    readers = holders(flag.route, flag.year, matter)
    about = next((one.address for one in found.concerned if one.address in readers), None)
    return replace(flag, route=route, about=about, why=f"{flag.why}; about whoever would read it")


def _with_manager(route: Route, delivery: Delivery, school: School) -> Route:
    """Return the headteacher instead of a line manager whom the mailbox's owner has not got."""
    managed = {address.lower() for person in school.people for address in person.manages}
    alone = route is Route.LINE_MANAGER and delivery.mailbox.lower() not in managed
    return Route.HEADTEACHER if alone else route


def _only_year(identity: Identity) -> int | None:
    years = set(identity.years)
    return years.pop() if len(years) == 1 else None


def _why(rule: Rule, found: Findings) -> str:
    if not isinstance(rule.key, Topic):
        return f"{rule.key}: {rule.clause}"
    if rule.key in found.review:
        return f"{rule.key}: plausible, not certain ({found.review[rule.key]})"
    return f"{rule.key} {found.topics[rule.key]:.2f}: {rule.clause}"


def _dated(flag: Flag, matter: Matter) -> Flag:
    """Return a flag with its deadline; of several rights in one request the earliest counts."""
    if not isinstance(flag.topic, Topic):
        return flag
    rule = matter.policy.rules[flag.topic]
    rights = rights_used(matter.classification.text) if flag.topic is Topic.DATA_REQUEST else ()
    periods = [rule.deadlines.get(right, rule.deadline) for right in rights] or [rule.deadline]
    received, calendar = matter.message.received, matter.school.calendar
    deadline = min((due(received, period, calendar) for period in periods if period), default=None)
    why = f"{flag.why} ({', '.join(rights)})" if rights else flag.why
    return replace(flag, deadline=deadline, why=why)


def _merged(flags: Iterable[Flag], policy: Policy) -> tuple[Flag, ...]:
    """Return one flag a queue, year and person concerned, because flags are a budget; ``why`` names them all.

    The office's lists are by topic, so an absence stays on the absence list beside an urgent flag.
    """
    kept: dict[tuple[object, ...], Flag] = {}
    for flag in sorted(flags, key=lambda flag: _pressing(flag, policy)):
        listed = flag.topic if flag.route is Route.OFFICE else None
        place = (flag.route, flag.year, flag.about, listed)
        kept[place] = _joined(kept[place], flag) if place in kept else flag
    return tuple(kept.values())


def _pressing(flag: Flag, policy: Policy) -> tuple[int, int]:
    rank = policy.rank(flag.topic) if isinstance(flag.topic, Topic) else len(policy.rules)
    return flag.severity.rank, rank


def _joined(first: Flag, other: Flag) -> Flag:
    deadlines = [flag.deadline for flag in (first, other) if flag.deadline]
    why = first.why if other.why in first.why else f"{first.why}; {other.why}"
    topics = (*first.joined, other.topic, *other.joined)
    joined = tuple(dict.fromkeys(one for one in topics if isinstance(one, Topic) and one is not first.topic))
    return replace(first, deadline=min(deadlines, default=None), why=why, joined=joined)
