"""Flags that a person raises: of a topic that the software missed, or of what they are worried about.

Somebody says what it is and, if it is about a member of staff, about whom. To whom it goes, how soon and by
when says the school's policy, and above it the rules that no policy undoes: safeguarding goes to the
safeguarding lead, what is alleged about staff to the headteacher, and never to whoever it is about.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from triage.domain.deadlines import due
from triage.domain.holders import HELD_BY, SHARED
from triage.domain.model import Flag, Route, Severity, Topic, Trouble
from triage.domain.policy import Rule
from triage.domain.school import Person, Role, School

PASSED_ON = "passed on by a person"
FOUND = "found by a person"
BY_OWNER = "raised by the owner of the mailbox, in whose inbox the message is"

_SEE_WHAT_IS_RAISED = frozenset(
    {Role.HEAD_OF_YEAR, Role.SAFEGUARDING_LEAD, Role.DEPUTY_SAFEGUARDING_LEAD, Role.ADMINISTRATOR}
)

_UPWARDS = (Route.HEADTEACHER, Route.CHAIR_OF_GOVERNORS, Route.SAFEGUARDING_LEAD)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a flag is raised by hand. Addresses are in lower case.

    ``mailboxes`` are those in which the message lay, ``about`` whom flags of its case are about already,
    ``beside`` all of those flags.
    """

    school: School
    received: datetime
    year: int | None
    mailboxes: frozenset[str] = frozenset()
    about: frozenset[str] = frozenset()
    beside: tuple[Flag, ...] = ()


def passed_on(place: Place) -> Flag:
    """Return the flag for the safeguarding lead of what a person passes on, to be seen today."""
    route = _open(Route.SAFEGUARDING_LEAD, place)
    return Flag(Topic.SAFEGUARDING, Severity.HIGH, route, year=place.year, why=PASSED_ON)


def missed(topic: Topic, rule: Rule | None, place: Place, about: str | None = None) -> tuple[Flag, ...]:
    """Return the flags of a topic that was missed; ``about`` is the address of whom it accuses.

    Of safeguarding about a member of staff there are two, for the lead and for the headteacher, unless one of
    them is that person. () for a topic that the policy tells to nobody.
    """
    if about is not None:
        return tuple(_allegations(topic, rule, replace(place, about=place.about | {about.lower()}), about))
    if topic is Topic.SAFEGUARDING:
        return (replace(passed_on(place), why=FOUND),)
    if rule is None or rule.flag is None:
        return ()
    route = _open(_with_manager(rule.flag.route, place), place)
    return (Flag(topic, rule.flag.severity, route, place.year, deadline=_deadline(rule, place), why=FOUND),)


def raised_by_owner(year: int | None) -> Flag:
    """Return the flag that the owner of a mailbox raises without a login, for the head of year.

    It goes there whatever else is on record: where it did not, that would tell what is kept from its raiser.
    Whom the case is about sees nothing of it all the same (domain/visibility.py), and the leads see it.
    """
    return Flag(Trouble.RAISED, Severity.REVIEW, Route.HEAD_OF_YEAR, year=year, why=BY_OWNER)


def may_raise(roles: Collection[Role]) -> bool:
    """Tell whether the owner of a mailbox, with those roles, is offered to raise a flag without a login.

    Not whoever sees such flags in their queue, or that there are any: they raise them there, and could learn
    from one that did not come that its message is about them.
    """
    return not _SEE_WHAT_IS_RAISED & set(roles)


def can_be_missed(topic: Topic, rule: Rule | None) -> bool:
    """Tell whether anybody would be told of a topic."""
    return topic is Topic.SAFEGUARDING or (rule is not None and rule.flag is not None)


def staff_known(school: School) -> dict[str, str]:
    """Return the staff of whom the school knows, the name by the address in lower case, sorted by name."""
    people = [(person.address, person.name) for person in school.people]
    owners = [(address, name) for name, address in school.owners]
    named = {address.lower(): name or address for address, name in (*owners, *people)}
    return dict(sorted(named.items(), key=lambda each: each[1].casefold()))


def _allegations(topic: Topic, rule: Rule | None, place: Place, about: str) -> Iterator[Flag]:
    harm = topic is Topic.SAFEGUARDING
    asked = rule.flag.severity if rule is not None and rule.flag is not None else Severity.REVIEW
    flag = Flag(
        topic,
        Severity.HIGH if harm else asked,
        _open(Route.HEADTEACHER, place),
        year=place.year,
        about=about.lower(),
        deadline=None if rule is None else _deadline(rule, place),
        why=f"{FOUND}; about staff",
    )
    lead = _open(Route.SAFEGUARDING_LEAD, place)
    if harm and lead is not flag.route:
        yield replace(flag, route=lead)
    yield flag


def _deadline(rule: Rule, place: Place) -> datetime | None:
    return due(place.received, rule.deadline, place.school.calendar) if rule.deadline else None


def _open(route: Route, place: Place) -> Route:
    """Return the route itself, or the next one up that leads to nobody whom the case is about."""
    steps = dict.fromkeys((route, *_UPWARDS))
    return next((one for one in steps if not _is_closed(one, place)), route)


def _is_closed(route: Route, place: Place) -> bool:
    there = {one.address.lower() for one in place.school.people if _holds(one, route, place)}
    concerned = there & place.about
    return bool(concerned) and (route not in SHARED or concerned == there)


def _holds(person: Person, route: Route, place: Place) -> bool:
    if person.role not in HELD_BY[route]:
        return False
    if person.role is Role.HEAD_OF_YEAR:
        return place.year is None or place.year in person.years
    return person.role is not Role.LINE_MANAGER or _manages(person, place)


def _manages(person: Person, place: Place) -> bool:
    return bool(place.mailboxes & {address.lower() for address in person.manages})


def _with_manager(route: Route, place: Place) -> Route:
    """Return the headteacher instead of a line manager whom the mailbox's owner has not got."""
    managers = (one for one in place.school.people if one.role is Role.LINE_MANAGER)
    alone = route is Route.LINE_MANAGER and not any(_manages(one, place) for one in managers)
    return Route.HEADTEACHER if alone else route
