"""How many telephone calls replies bring: a plain model, with its assumption said beside every number."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from triage.domain.hours import Opening

ASSUMED = (
    "Each reply that asks a parent to ring is taken for one call: in the half-hour in which the message came "
    "or, while the school is closed, in the first half-hour after it opens. Out of hours a reply to what is "
    "urgent, or about who collects a child, is taken for a call to the emergency line at once. In life fewer "
    "will ring, and some later."
)


class Line(StrEnum):
    """A telephone line that replies name."""

    OFFICE = "office"
    ABSENCE = "absence"
    EMERGENCY = "emergency"


_RING = {
    "absence": Line.ABSENCE,
    "please-phone": Line.OFFICE,
    "private": Line.OFFICE,
    "other-pupils": Line.OFFICE,
    "urgent": Line.OFFICE,
    "collection": Line.OFFICE,
}
"""Which line a part asks to ring while the school is open."""

_AT_ONCE = frozenset({"urgent", "collection"})
"""Parts that name the emergency line while the school is closed."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call to expect: on which line and day, and in which half-hour of the day, 0 to 47."""

    line: Line
    day: date
    slot: int


def calls(parts: Collection[str], received: datetime, opening: Opening, zone: ZoneInfo) -> Iterator[Call]:
    """Yield the calls that one reply brings, at most one a line; see ``ASSUMED``.

    None where the school is closed and nobody knows when it opens.
    """
    closed = not opening.school_open
    lines = {_line(part, closed=closed) for part in parts if part in _RING}
    for line in sorted(lines):
        at = opening.next if closed and line is not Line.EMERGENCY else received
        if at is not None:
            local = at.astimezone(zone)
            yield Call(line, local.date(), (local.hour * 60 + local.minute) // 30)


def clock_of(slot: int) -> str:
    """Return when a half-hour of the day begins, as "8:30"."""
    return f"{slot // 2}:{slot % 2 * 30:02}"


def _line(part: str, *, closed: bool) -> Line:
    return Line.EMERGENCY if closed and part in _AT_ONCE else _RING[part]
