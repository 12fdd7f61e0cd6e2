"""The pupils and guardians whom the school knows, with the look-ups that identification needs."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil on roll. ``id`` is the roster's own; ``known_as`` is "" when the given name is used."""

    id: str
    given: str
    family: str
    known_as: str
    year: int
    form: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Guardian:
    """A guardian with the ids of the pupils in their care.

    ``may_write`` records the adjustment "may write instead of telephoning"; ``interpreter`` a language;
    ``address`` is "" for one who is known by ``telephone`` alone, the number on record as it stands there.
    """

    id: str
    name: str
    address: str
    pupils: tuple[str, ...]
    may_write: bool = False
    interpreter: str | None = None
    telephone: str | None = None


class Roster:
    """Pupils and guardians, indexed once: address -> guardian, id -> pupil. Addresses ignore case."""

    def __init__(self, pupils: Iterable[Pupil] = (), guardians: Iterable[Guardian] = ()) -> None:
        self.pupils = {pupil.id: pupil for pupil in pupils}
        self.guardians = tuple(guardians)
        self._by_address: dict[str, list[Guardian]] = {}
        for guardian in self.guardians:
            if guardian.address:
                self._by_address.setdefault(guardian.address.lower(), []).append(guardian)
        self._pupil_by_address = {p.address.lower(): p for p in self.pupils.values() if p.address}

    def __bool__(self) -> bool:
        """Whether a roster is loaded at all."""
        return bool(self.pupils)

    def guardians_at(self, address: str) -> tuple[Guardian, ...]:
        """Return the guardians who write from an address (a couple may share one)."""
        return tuple(self._by_address.get(address.lower(), ()))

    def pupil_at(self, address: str) -> Pupil | None:
        """Return the pupil whose own school address this is."""
        return self._pupil_by_address.get(address.lower())
