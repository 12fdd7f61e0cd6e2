"""The languages of replies: which one a sender is answered in, and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spoken:
    """A language by its code (ISO 639), None when none can be told for certain, and in words why."""

    code: str | None
    why: str
