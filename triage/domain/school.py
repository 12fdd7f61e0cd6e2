"""What the school is: its name, addresses, telephone lines, people, hours and terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from zoneinfo import ZoneInfo


class Role(StrEnum):
    """What a person may do and see. A teacher is whoever owns a mailbox."""

    TEACHER = "teacher"
    HEAD_OF_YEAR = "head_of_year"
    SAFEGUARDING_LEAD = "safeguarding_lead"
    DEPUTY_SAFEGUARDING_LEAD = "deputy_safeguarding_lead"
    LINE_MANAGER = "line_manager"
    HEADTEACHER = "headteacher"
    CHAIR_OF_GOVERNORS = "chair_of_governors"
    OFFICE = "office"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Telephone:
    """The school's lines as printed in replies. ``absence_by`` is the time to ring by, "" for none."""

    office: str
    office_hours: str
    absence: str
    absence_by: str
    emergency: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person with a role. ``years`` for heads of year, ``manages`` the addresses of managed staff."""

    address: str
    role: Role
    name: str = ""
    years: tuple[int, ...] = ()
    manages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Working hours of a day, from ``start`` (in) to ``end`` (out); over midnight when end <= start."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Term:
    """Days of school, ``first`` and ``last`` both included, in the school's zone."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the school is open. ``week`` maps 0 (Monday) to 6 to that day's spans; a day left out is closed.

    ``bank_holidays`` maps a date to its name; a composition root fills it for the terms' years.
    """

    zone: ZoneInfo
    week: Mapping[int, tuple[Span, ...]]
    terms: tuple[Term, ...] = ()
    inset_days: frozenset[date] = frozenset()
    closures: frozenset[date] = frozenset()
    bank_holidays: Mapping[date, str] | None = None


@dataclass(frozen=True, slots=True)
class School:
    """One school as its settings describe it. Domains are in lower case.

    ``owners`` are the name and the address of each watched mailbox's owner, who need not have a role.
    """

    name: str
    domains: frozenset[str]
    pupil_domains: frozenset[str]
    telephone: Telephone
    calendar: Calendar
    people: tuple[Person, ...] = ()
    on_call: str | None = None
    owners: tuple[tuple[str, str], ...] = ()

    def name_of(self, address: str) -> str:
        """Return what somebody of the settings is called, the address itself where no name is known."""
        people = ((person.name, person.address) for person in self.people)
        known = (name for name, of in (*people, *self.owners) if name and of.lower() == address.lower())
        return next(known, address)

    def watches(self, address: str) -> bool:
        """Whether a mailbox is watched under an address."""
        return any(owned.lower() == address.lower() for _, owned in self.owners)

    def is_staff_address(self, address: str) -> bool:
        """Whether an address is of the school's own domain and not a pupil's."""
        domain = address.lower().rpartition("@")[2]
        return domain in self.domains and domain not in self.pupil_domains

    def is_pupil_address(self, address: str) -> bool:
        """Whether an address is of a domain that the school gives to pupils."""
        return address.lower().rpartition("@")[2] in self.pupil_domains
