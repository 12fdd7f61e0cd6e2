"""What a rehearsal came to, in numbers: no word of a message, no name and no address is in it.

What is closely kept, a safeguarding matter or an allegation, is counted as a routine message: of one mailbox
a count of it would tell, and so would a count that it is missing from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Self

from triage.domain.doubts import Doubt
from triage.domain.phone_calls import Line

BUDGET = 8
"""Flags a school day that a head of year can see to in twenty minutes, for a year group of ``GROUP``."""

GROUP = 200
SENT = "sent"
NOTHING = "nothing to say"
ROUTINE = "routine"


@dataclass(frozen=True, slots=True)
class YearFlags:
    """The flags that go to the head of one year, None where the year is not known.

    ``busiest`` is the most on one school day, ``over`` on how many days they were more than the budget.
    ``pupils`` is None without a roster: then the group is taken for one of the usual size.
    """

    year: int | None
    pupils: int | None
    flags: int
    busiest: int
    over: int

    @property
    def budget(self) -> float:
        """How many flags a day the year's head can see to."""
        return budget_of(self.pupils)


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls to expect on one line in one half-hour of the day: in all, and the most on one day."""

    line: Line
    slot: int
    number: int
    busiest: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of a rehearsal. ``late`` and ``in_hours`` count by weekday (0 for Monday) and hour.

    ``first`` to ``last`` is the time that was read, with ``days`` school days in it; None for no message.
    ``flags`` are by route and severity; ``replies`` by what became of them, ``parts`` by what would be said.
    """

    first: date | None
    last: date | None
    days: int
    messages: int
    senders: Mapping[str, int]
    topics: Mapping[str, int]
    late: Sequence[Sequence[int]]
    in_hours: Sequence[Sequence[int]]
    replies: Mapping[str, int]
    parts: Mapping[str, int]
    flags: Sequence[tuple[str, str, int]]
    years: Sequence[YearFlags]
    calls: Sequence[Calls]
    doubts: Sequence[Doubt]

    @property
    def out_of_hours(self) -> int:
        """How many messages came while the school was closed."""
        return sum(map(sum, self.late))

    @property
    def dated(self) -> int:
        """How many messages have a time of arrival."""
        return self.out_of_hours + sum(map(sum, self.in_hours))

    def a_day(self, number: int) -> float:
        """Return a number as so many a school day."""
        return number / self.days if self.days else 0.0

    def over_budget(self) -> tuple[YearFlags, ...]:
        """Return the years whose flags are, on average, more than their heads can see to."""
        return tuple(one for one in self.years if one.year and self.a_day(one.flags) > one.budget)

    def plain(self) -> dict[str, Any]:
        """Return the figures as JSON takes them."""
        dates = {name: day.isoformat() if day else None for name, day in self._dates().items()}
        return asdict(self) | dates

    @classmethod
    def of_plain(cls, kept: Mapping[str, Any]) -> Self:
        """Return figures as ``plain`` gave them."""
        dates = {name: date.fromisoformat(kept[name]) if kept[name] else None for name in ("first", "last")}
        rows: dict[str, Any] = {
            "flags": tuple((route, severity, number) for route, severity, number in kept["flags"]),
            "years": tuple(YearFlags(**one) for one in kept["years"]),
            "calls": tuple(Calls(**one | {"line": Line(one["line"])}) for one in kept["calls"]),
            "doubts": tuple(Doubt(**one | {"topics": tuple(one["topics"])}) for one in kept["doubts"]),
        }
        grids = {name: tuple(map(tuple, kept[name])) for name in ("late", "in_hours")}
        return cls(**{**kept, **dates, **rows, **grids})

    def counts_only(self) -> Self:
        """Return the figures without the single messages."""
        return replace(self, doubts=())

    def _dates(self) -> dict[str, date | None]:
        return {"first": self.first, "last": self.last}


def budget_of(pupils: int | None) -> float:
    """Return how many flags a school day are a head of year's budget; of the smallest group it is one."""
    return BUDGET if pupils is None else max(1.0, BUDGET * pupils / GROUP)
