"""What one check found."""

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Line:
    """What one check found: "ok", "warn" (it works, but look at it) or "fail", and the words for people."""

    ok: Literal["ok", "warn", "fail"]
    name: str
    words: str


def skipped(name: str, because: str) -> Line:
    """Say that a check could not be made because an earlier one failed."""
    return Line("fail", name, f"not tried, because {because} failed")


def in_words(day: date) -> str:
    """Write a day as people do: 2 September 2026."""
    return f"{day.day} {day:%B %Y}"
