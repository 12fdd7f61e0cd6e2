"""Who reads what is sent on a route: never the person whom the message concerns.

Where that person holds the route, the flag goes one step up: to the headteacher, from there to the chair of
governors, and if the chair too is concerned to the safeguarding leads, who see everything.
"""

from collections.abc import Collection, Mapping

from triage.domain.accused import Accused
from triage.domain.matter import Matter
from triage.domain.model import Route
from triage.domain.school import Person, Role

HELD_BY: Mapping[Route, frozenset[Role]] = {
    Route.HEAD_OF_YEAR: frozenset({Role.HEAD_OF_YEAR}),
    Route.SAFEGUARDING_LEAD: frozenset({Role.SAFEGUARDING_LEAD}),
    Route.LINE_MANAGER: frozenset({Role.LINE_MANAGER}),
    Route.HEADTEACHER: frozenset({Role.HEADTEACHER}),
    Route.CHAIR_OF_GOVERNORS: frozenset({Role.CHAIR_OF_GOVERNORS}),
    Route.OFFICE: frozenset({Role.OFFICE}),
    Route.DATA_PROTECTION_OFFICER: frozenset({Role.DATA_PROTECTION_OFFICER}),
    Route.ADMINISTRATOR: frozenset({Role.ADMINISTRATOR}),
}
SHARED = frozenset({Route.OFFICE, Route.DATA_PROTECTION_OFFICER, Route.ADMINISTRATOR})
"""Routes of a service: they stay open while one of the people there is not concerned."""

_UPWARDS = (Route.HEADTEACHER, Route.CHAIR_OF_GOVERNORS, Route.SAFEGUARDING_LEAD)


def holders(route: Route, year: int | None, matter: Matter) -> frozenset[str]:
    """Return the addresses, in lower case, of those to whom a route leads for a year and this mailbox."""
    found = (one for one in matter.school.people if one.role in HELD_BY[route])
    return frozenset(one.address.lower() for one in found if _answers_for(one, year, matter))


def open_route(route: Route, year: int | None, concerned: Collection[Accused], matter: Matter) -> Route:
    """Return the route itself, or the next one up that leads to nobody concerned."""
    steps = dict.fromkeys((route, *_UPWARDS))
    return next((one for one in steps if not is_closed(one, year, concerned, matter)), route)


def is_closed(route: Route, year: int | None, concerned: Collection[Accused], matter: Matter) -> bool:
    """Tell whether a route leads to somebody whom the message concerns, by address or by post."""
    addresses = {one.address for one in concerned if one.address}
    there = holders(route, year, matter)
    if route in SHARED:
        return bool(there) and there <= addresses
    unnamed = {role for one in concerned if one.address is None for role in one.roles}
    return bool(there & addresses) or bool(unnamed & HELD_BY[route])


def _answers_for(person: Person, year: int | None, matter: Matter) -> bool:
    if person.role is Role.HEAD_OF_YEAR:
        return year is None or year in person.years
    if person.role is Role.LINE_MANAGER:
        return matter.delivery.mailbox.lower() in {address.lower() for address in person.manages}
    return True
