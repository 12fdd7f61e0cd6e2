"""Who may see which flag and which text: the table "Who may see what" of the design, in one place.

Roles are grants: a person with two roles sees what either shows. Two rules take away again, whatever the
roles: a person never sees a case in which something is alleged about that person, and the strictest flag of a
message governs its text for everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

from triage.domain.model import Flag, Route, Topic, Trouble
from triage.domain.reasons import PASSED_UP, others
from triage.domain.school import Role, School

OFFICE_TOPICS = frozenset({Topic.ABSENCE, Topic.URGENT})
"""What the office sees; a change of collection is an ``urgent`` flag. Policies route nothing else to it."""

HIDDEN_FROM_TEACHERS: frozenset[Topic | Trouble] = frozenset(
    {Topic.SAFEGUARDING, Topic.COMPLAINT, Trouble.RAISED, Trouble.NOTICE_FAILED}
)
"""A complaint may be about the teacher in whose inbox it lies, whoever it names: so teachers see none.

Nor do they see what they have raised themselves: where that did not show, another flag would be about them.
That a notice did not arrive would tell them that somebody was called.
"""

HIDDEN_ROUTES_FROM_TEACHERS = frozenset(
    {Route.SAFEGUARDING_LEAD, Route.HEADTEACHER, Route.CHAIR_OF_GOVERNORS}
)

_SAFEGUARDING = frozenset({Role.SAFEGUARDING_LEAD, Role.DEPUTY_SAFEGUARDING_LEAD})
_WHOLE_ROUTES = {
    Role.HEADTEACHER: Route.HEADTEACHER,
    Role.CHAIR_OF_GOVERNORS: Route.CHAIR_OF_GOVERNORS,
    Role.DATA_PROTECTION_OFFICER: Route.DATA_PROTECTION_OFFICER,
    Role.ADMINISTRATOR: Route.ADMINISTRATOR,
}


class Access(StrEnum):
    """How much of a message a person may read: nothing, the words that show absence or urgency, or all."""

    NONE = "none"
    WORDS = "words"
    FULL = "full"


class Strictness(IntEnum):
    """How closely a flag keeps its message; the highest on a message governs the text."""

    TECHNICAL = 0
    OFFICE = 1
    ORDINARY = 2
    SAFEGUARDING = 3
    ALLEGATION = 4
    ALLEGATION_ABOUT_HEAD = 5


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person: their address in lower case, roles, years and the staff whom they manage."""

    address: str
    roles: frozenset[Role]
    years: frozenset[int] = frozenset()
    manages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a viewer's queries may return, as plain data for a WHERE clause.

    A flag is in scope when it fits any of these, and its case has no flag whose ``about`` is ``address``:

    - ``everything`` is true;
    - its route is in ``routes``;
    - its route is office, ``office`` is true and its topic is in ``OFFICE_TOPICS``;
    - its route is head-of-year, ``head_of_year`` is true and its year is in ``years`` or unknown (NULL);
    - its route is line-manager and its ``about``, or else the mailbox's owner, is in ``manages``;
    - ``own_mail`` is true, its message lay in the mailbox ``address``, its topic is not in
      ``HIDDEN_FROM_TEACHERS``, its route not in ``HIDDEN_ROUTES_FROM_TEACHERS``, and its ``about`` is unset.

    ``counts`` allows totals over all flags, ``states`` the ids and states of every case, neither any content.
    """

    address: str
    everything: bool = False
    routes: frozenset[Route] = frozenset()
    office: bool = False
    head_of_year: bool = False
    years: frozenset[int] = frozenset()
    manages: frozenset[str] = frozenset()
    own_mail: bool = False
    counts: bool = False
    states: bool = False


def viewer(school: School, address: str) -> Viewer:
    """Return what an address may act as: the roles that the school gives it; its own staff are teachers."""
    address = address.strip().lower()
    people = [person for person in school.people if person.address.lower() == address]
    roles = {person.role for person in people}
    if school.is_staff_address(address):
        roles.add(Role.TEACHER)
    heads = (person for person in people if person.role is Role.HEAD_OF_YEAR)
    managers = (person for person in people if person.role is Role.LINE_MANAGER)
    return Viewer(
        address=address,
        roles=frozenset(roles),
        years=frozenset(year for head in heads for year in head.years),
        manages=frozenset(managed.lower() for manager in managers for managed in manager.manages),
    )


def closing(who: Viewer) -> Viewer:
    """Return as whom somebody closes flags: a teacher sees what came of their own mail, and no more."""
    return replace(who, roles=who.roles - {Role.TEACHER})


def keeps_records(who: Viewer) -> bool:
    """Tell whether a viewer keeps the school's safeguarding records, and may copy one out."""
    return bool(who.roles & _SAFEGUARDING)


def scope(who: Viewer) -> Scope:
    """Return the flags that a viewer may see as data for a query. A viewer without roles gets nothing."""
    everything = bool(who.roles & _SAFEGUARDING)
    manager = Role.LINE_MANAGER in who.roles
    return Scope(
        address=who.address,
        everything=everything,
        routes=frozenset(route for role, route in _WHOLE_ROUTES.items() if role in who.roles),
        office=Role.OFFICE in who.roles,
        head_of_year=Role.HEAD_OF_YEAR in who.roles,
        years=who.years,
        manages=who.manages if manager else frozenset(),
        own_mail=Role.TEACHER in who.roles,
        counts=everything or bool(who.roles & {Role.HEADTEACHER, Role.ADMINISTRATOR}),
        states=Role.ADMINISTRATOR in who.roles,
    )


def admits(
    within: Scope, flag: Flag, mailboxes: frozenset[str] = frozenset(), beside: Sequence[Flag] = ()
) -> bool:
    """Tell whether a flag is in scope: what a query built from the scope must return, said in Python.

    ``mailboxes`` are the addresses, in lower case, of those in which the message lay; ``beside`` all flags of
    its case.
    """
    if any(_is(within.address, other.about) for other in (flag, *beside)):
        return False
    return (
        within.everything
        or flag.route in within.routes
        or _as_office(within, flag)
        or _as_head_of_year(within, flag)
        or _as_line_manager(within, flag, mailboxes)
        or _as_teacher(within, flag, mailboxes)
    )


def as_seen(within: Scope, flag: Flag, mailboxes: frozenset[str] = frozenset()) -> Flag:
    """Return a flag in a scope as it may be shown there: without the topics that may not, and their reasons.

    Each further topic is shown where a flag for it alone would be. ``mailboxes`` are as in ``admits``.
    """
    shown = tuple(one for one in flag.joined if admits(within, replace(flag, topic=one), mailboxes))
    hidden = [one.value for one in flag.joined if one not in shown]
    return replace(flag, joined=shown, why=others(flag.why, hidden)) if hidden else flag


def may_see_flag(
    who: Viewer, flag: Flag, mailboxes: frozenset[str] = frozenset(), beside: Sequence[Flag] = ()
) -> bool:
    """Tell whether a viewer may see that a flag exists, its topic and its state."""
    return admits(scope(who), flag, mailboxes, beside)


def strictness(flag: Flag) -> Strictness:
    """Return how closely a flag keeps its message.

    What only shows the case to a chair who is called is not about the headteacher.
    """
    if flag.route is Route.CHAIR_OF_GOVERNORS and flag.why != PASSED_UP:
        return Strictness.ALLEGATION_ABOUT_HEAD
    if flag.about is not None or flag.route in {Route.HEADTEACHER, Route.CHAIR_OF_GOVERNORS}:
        return Strictness.ALLEGATION
    if flag.topic is Topic.SAFEGUARDING or flag.route is Route.SAFEGUARDING_LEAD:
        return Strictness.SAFEGUARDING
    if flag.route is Route.OFFICE:
        return Strictness.OFFICE
    return Strictness.TECHNICAL if flag.route is Route.ADMINISTRATOR else Strictness.ORDINARY


def is_closely_kept(flag: Flag) -> bool:
    """Whether a flag is a safeguarding matter or an allegation."""
    return strictness(flag) >= Strictness.SAFEGUARDING


def is_kept_from(who: Viewer, flags: Sequence[Flag], mailboxes: frozenset[str] = frozenset()) -> bool:
    """Tell whether a case holds what is closely kept from a viewer, given every flag of it."""
    return any(is_closely_kept(flag) and not may_see_flag(who, flag, mailboxes, flags) for flag in flags)


def is_held_back(flag: Flag, *, kept_from: bool) -> bool:
    """Tell whether a flag is left to those who may know all of its case; ``kept_from``: that one may not.

    Whoever closes it rings home, or sees to it that nobody does: for that they must know of the rest. What is
    technical says nothing of the message.
    """
    return kept_from and strictness(flag) is not Strictness.TECHNICAL


def text_access(who: Viewer, flags: Sequence[Flag], mailboxes: frozenset[str] = frozenset()) -> Access:
    """Return how much of a message's text a viewer may read, given every flag of its case.

    Text goes with a flag: a message without one is shown to nobody. Of the flags only the strictest count, so
    an absence that is also a safeguarding matter is closed to the office. A teacher's copy is in their inbox.
    """
    seen = [flag for flag in flags if _may_read_with(who, flag, flags, mailboxes)]
    if not seen:
        return Access.NONE
    governing = max(strictness(flag) for flag in flags)
    lead = bool(who.roles & _SAFEGUARDING)
    if any(strictness(flag) == governing and (lead or flag.route is not Route.OFFICE) for flag in seen):
        return Access.FULL
    words = any(flag.route is Route.OFFICE for flag in seen)
    return Access.WORDS if words and governing < Strictness.SAFEGUARDING else Access.NONE


def may_see_text(who: Viewer, flags: Sequence[Flag], mailboxes: frozenset[str] = frozenset()) -> bool:
    """Tell whether a viewer may read the whole message, given every flag of its case."""
    return text_access(who, flags, mailboxes) is Access.FULL


def _may_read_with(who: Viewer, flag: Flag, flags: Sequence[Flag], mailboxes: frozenset[str]) -> bool:
    """Tell whether a flag opens text to a viewer: teachers and administrators see flags, never text."""
    reading = Viewer(who.address, who.roles - {Role.TEACHER, Role.ADMINISTRATOR}, who.years, who.manages)
    return may_see_flag(reading, flag, mailboxes, flags)


def _is(address: str, about: str | None) -> bool:
    return about is not None and about.lower() == address


def _as_office(within: Scope, flag: Flag) -> bool:
    return within.office and flag.route is Route.OFFICE and flag.topic in OFFICE_TOPICS


def _as_head_of_year(within: Scope, flag: Flag) -> bool:
    known = flag.year is None or flag.year in within.years
    return within.head_of_year and flag.route is Route.HEAD_OF_YEAR and known


def _as_line_manager(within: Scope, flag: Flag, mailboxes: frozenset[str]) -> bool:
    if flag.route is not Route.LINE_MANAGER:
        return False
    concerned = frozenset({flag.about.lower()}) if flag.about else mailboxes
    return bool(within.manages & concerned)


def _as_teacher(within: Scope, flag: Flag, mailboxes: frozenset[str]) -> bool:
    return (
        within.own_mail
        and within.address in mailboxes
        and flag.topic not in HIDDEN_FROM_TEACHERS
        and flag.route not in HIDDEN_ROUTES_FROM_TEACHERS
        and flag.about is None
    )
