"""Which flags of a queue stand together: three messages about one thing within a week are one thing to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.domain.model import Flag, SenderKind, Topic

WEEK = timedelta(days=7)

ALONE = frozenset({Topic.URGENT})
"""A second message of this kind seldom says the same: on Monday the aunt collects, on Thursday the uncle."""

_PERSONS = frozenset({SenderKind.PARENT, SenderKind.PUPIL, SenderKind.OTHER})
"""Who writes about matters of their own. Staff and machines write from one address about many children."""


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag with what its viewer may know of the message: ``pupils`` are ids, ``sender`` an address."""

    flag: Flag
    at: datetime
    pupils: frozenset[str] = frozenset()
    sender: str = ""
    sender_kind: str = ""

    def repeats(self, other: "Raised") -> bool:
        """Tell whether two flags are about one thing: the same topic for the same people, and a pupil.

        Where one of the messages names nobody, that both came from one person tells as much.
        """
        if (self.flag.topic, self.flag.route) != (other.flag.topic, other.flag.route):
            return False
        if self.flag.topic in ALONE:
            return False
        if self.pupils and other.pupils:
            return bool(self.pupils & other.pupils)
        return bool(self.sender) and self.sender.lower() == other.sender.lower() and self._is_by_a_person()

    def _is_by_a_person(self) -> bool:
        return self.sender_kind in _PERSONS


def together(raised: Sequence[Raised | None]) -> list[list[int]]:
    """Return which of some flags stand together, by their places: each once, where its first one stands.

    Each repeats the first of its group, and no two of a group are more than a week apart. None stands alone.
    """
    groups: list[list[int]] = []
    for place, each in enumerate(raised):
        fitting = (group for group in groups if each is not None and _fits(raised, group, each))
        group = next(fitting, None)
        if group is None:
            groups.append([place])
        else:
            group.append(place)
    return groups


def _fits(raised: Sequence[Raised | None], group: Sequence[int], each: Raised) -> bool:
    known = [other for other in (raised[place] for place in group) if other is not None]
    return bool(known) and known[0].repeats(each) and all(abs(one.at - each.at) <= WEEK for one in known)
