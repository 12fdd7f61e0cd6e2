"""To whom a flag can be given: whoever may close it, and nobody who may not see it or cannot sign in."""

from collections.abc import Collection, Sequence

from triage.domain.model import Flag
from triage.domain.school import Person, School
from triage.domain.visibility import closing, may_see_flag, viewer


def may_hold(
    school: School,
    flag: Flag,
    mailboxes: frozenset[str],
    beside: Sequence[Flag],
    *,
    shut_out: Collection[str] = (),
) -> tuple[Person, ...]:
    """Return the people of the school who may close a flag, each once, by name.

    ``mailboxes`` and ``beside`` are as in ``visibility.admits``; a flag that was dropped counts beside, so
    that nobody is given what was once taken to be about them. ``shut_out`` are the addresses, in lower case,
    of those who cannot sign in: what is given to them would lie unread.
    """
    people = {person.address.lower(): person for person in reversed(school.people)}
    able = (
        person
        for address, person in people.items()
        if address not in shut_out and may_see_flag(closing(viewer(school, address)), flag, mailboxes, beside)
    )
    return tuple(sorted(able, key=lambda person: (person.name.casefold(), person.address)))
