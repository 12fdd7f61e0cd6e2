"""The digest of somebody's own mail: what came, and what each message needs of them.

It hangs on nothing that the owner of the mailbox may not know: what is handed in is what their own page
shows. So a message with a flag that is hidden from them is a line like any other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from triage.domain.model import MACHINES, Route, SenderKind, Topic
from triage.domain.replies import PHONING

MOST_LINES = 40

GUIDED = PHONING | {"urgent", "collection"}
"""Parts of a reply after which the sender rings or comes in, so that nobody has to write back."""

DELICATE = frozenset(
    {
        *(Topic.MEDICAL, Topic.CONFIDENTIAL, Topic.OTHER_PUPIL_PERSONAL, Topic.SENSITIVE_ISSUE),
        *(Topic.CONTENTIOUS, Topic.OFFENSIVE, Topic.INDECENT, Topic.COMPLAINT, Topic.SAFEGUARDING),
    }
)
"""Topics that no line names: a mail is read over a shoulder, and passed on."""

_COLLEAGUES = frozenset({Route.HEAD_OF_YEAR, Route.LINE_MANAGER})
"""Routes that are not named: which of them has a message would tell what is in it."""

_CARRIES_ON = (Route.ADMINISTRATOR,)
"""Routes whose flags are of the mail and not of the matter: the message still waits for its reader."""


class Need(StrEnum):
    """What a message needs of the owner of its mailbox, in the order of the digest."""

    ANSWER = "answer"
    READ = "read"
    GUIDED = "guided"
    WITH_OTHERS = "with-others"
    MACHINE = "machine"


FOR_THE_OWNER = frozenset({Need.ANSWER, Need.READ})
"""What is counted as needing them."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message of the mailbox, as far as its owner may know of it.

    ``who`` and ``pupils`` are names as the roster has them, else an address and nothing. ``parts`` are those
    of the reply that went out. ``routes`` are where the flags lead that the owner may see. ``uncertain``: the
    software could not make it out.
    """

    message_id: int
    who: str
    sender: SenderKind | None = None
    pupils: tuple[str, ...] = ()
    topics: tuple[Topic, ...] = ()
    parts: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Messages that need the same. ``number`` counts them all, ``lines`` are those that are shown."""

    need: Need
    number: int
    lines: tuple[Arrived, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """A morning's digest; ``more`` is how many messages have no line of their own in it."""

    groups: tuple[Group, ...]
    more: int

    @property
    def came(self) -> int:
        """How many messages came."""
        return sum(group.number for group in self.groups)

    @property
    def need_you(self) -> int:
        """How many of them wait for the owner."""
        return sum(group.number for group in self.groups if group.need in FOR_THE_OWNER)


def need_of(message: Arrived) -> Need:
    """Return what a message needs of the owner of its mailbox."""
    if any(route not in _CARRIES_ON for route in message.routes):
        return Need.WITH_OTHERS
    if message.sender in MACHINES:
        return Need.MACHINE
    if message.uncertain:
        return Need.READ
    return Need.GUIDED if GUIDED & set(message.parts) else Need.ANSWER


def named(topics: Iterable[Topic]) -> tuple[Topic, ...]:
    """Return the topics that a line names."""
    return tuple(topic for topic in topics if topic not in DELICATE)


def people(routes: Iterable[Route]) -> str:
    """Return with whom a message is, in words; "" for nobody."""
    said = ("a colleague" if route in _COLLEAGUES else _the(route) for route in routes)
    return " and ".join(dict.fromkeys(said))


def _the(route: Route) -> str:
    return f"the {route.value.replace('-', ' ')}"


def digest_of(arrived: Iterable[Arrived], most: int = MOST_LINES) -> Digest:
    """Return the digest of some messages, each group in the order in which they came.

    Of very many the first ``most`` have a line, those that need the owner before the others.
    """
    by_need: dict[Need, list[Arrived]] = {need: [] for need in Need}
    for message in arrived:
        by_need[need_of(message)].append(message)
    left, groups = most, list[Group]()
    for need, those in by_need.items():
        shown = _first(those, left)
        left -= len(shown)
        if those:
            groups.append(Group(need, len(those), shown))
    return Digest(tuple(groups), sum(group.number - len(group.lines) for group in groups))


def _first(those: Sequence[Arrived], number: int) -> tuple[Arrived, ...]:
    return tuple(those[: max(0, number)])
