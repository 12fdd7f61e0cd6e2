"""What the numbers of a week say, in plain sentences: how many, what part of all, how else than usual."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

LARGEST = 3
NEAR = 0.015
"""So near to a fraction a share is called by it; a little further off it is "about" that."""

FRACTIONS = (
    (0.05, "one in twenty"),
    (0.1, "a tenth"),
    (0.2, "a fifth"),
    (0.25, "a quarter"),
    (1 / 3, "a third"),
    (0.4, "two fifths"),
    (0.5, "half"),
    (0.6, "three fifths"),
    (2 / 3, "two thirds"),
    (0.75, "three quarters"),
    (0.8, "four fifths"),
    (0.9, "nine in ten"),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of one week, and the same of the weeks ``before``.

    ``one`` and ``many`` say of what, after the number: "message was about behaviour", "messages were …".
    """

    one: str
    many: str
    now: int
    before: tuple[int, ...] = ()

    @property
    def usual(self) -> float | None:
        """What a week has on average, None where there is none to compare with."""
        return sum(self.before) / len(self.before) if self.before else None

    @property
    def change(self) -> int:
        """How many more than usual, in whole numbers; fewer are below zero."""
        return 0 if self.usual is None else round(self.now - self.usual)

    @property
    def weight(self) -> float:
        """How remarkable the change is: ten more are much where ten are usual, little where 300 are."""
        return 0.0 if self.usual is None else abs(self.now - self.usual) / sqrt(self.usual + 1)

    @property
    def said(self) -> str:
        """The number with what it is of: "No messages were about behaviour"."""
        return f"{self.now or 'No'} {self.one if self.now == 1 else self.many}"


def sentence(measure: Measure, *more: str) -> str:
    """Return a measure as a sentence; ``more`` stands between the number and what is usual."""
    said = ", ".join([measure.said, *(each for each in more if each)])
    compared = against(measure)
    return f"{said}; {compared}." if compared else f"{said}."


def against(measure: Measure) -> str:
    """Return how a number differs from what is usual: "12 fewer than usual", "" where nothing is."""
    if measure.usual is None:
        return ""
    if not measure.change:
        return "as many as usual"
    return f"{abs(measure.change)} {'more' if measure.change > 0 else 'fewer'} than usual"


def of_all(part: int, whole: int) -> str:
    """Say a part of a whole in words: "a third of all", "about half of all", "out of 55", "" of nothing."""
    if not whole or not part:
        return ""
    if part == whole:
        return "all of them"
    found = part / whole
    share, name = min(FRACTIONS, key=lambda each: abs(each[0] - found))
    if found < share / 2:
        return f"out of {whole}"
    return f"{name} of all" if abs(share - found) <= NEAR else f"about {name} of all"


def largest(measures: Iterable[Measure], number: int = LARGEST) -> Sequence[Measure]:
    """Return the most remarkable changes, the largest first; what is as usual is none."""
    changed = [each for each in measures if each.change]
    return sorted(changed, key=lambda each: -each.weight)[:number]
