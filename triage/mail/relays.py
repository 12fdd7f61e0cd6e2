"""Which submission server takes whose mail, and what each of them wants of a sender: values only."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

SCHOOL = "smtp"
"""The name of the school's own server, [smtp], which takes what no other does."""

AS = " as "
"""Stands in the name of an outage between a server and whose login there is out of order, by a keyed hash."""


@dataclass(frozen=True, slots=True)
class Relay:
    """A submission server as those know it who write for it.

    ``null_sender``: it takes replies without an envelope sender (RFC 3834 section 3.3; A17). ``own_login``:
    whoever stands in From logs in there as themselves, so that From and envelope sender must be one.
    """

    name: str = SCHOOL
    null_sender: bool = True
    own_login: bool = False


@dataclass(frozen=True, slots=True)
class Relays:
    """The submission servers of a school; ``others`` by an address or by a domain, in lower case."""

    school: Relay = Relay()
    others: Mapping[str, Relay] = field(default_factory=dict)

    def of(self, address: str) -> Relay:
        """Return which takes the mail of an address: its own, else its domain's, else the school's."""
        whole = address.strip().lower()
        keys = (whole, whole.rpartition("@")[2])
        return next((self.others[key] for key in keys if key in self.others), self.school)

    @property
    def are_one(self) -> bool:
        """Whether all mail goes one way: what stops there stops for everybody."""
        return not self.others and not self.school.own_login


def serving(relays: Relays, senders: Iterable[str]) -> Iterator[tuple[Relay, list[str]]]:
    """Yield each server with the senders it takes, the school's first and though it takes none."""
    found: dict[Relay, list[str]] = {relays.school: []}
    for sender in senders:
        found.setdefault(relays.of(sender), []).append(sender)
    yield from found.items()
