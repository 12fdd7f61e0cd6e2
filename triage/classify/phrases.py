"""The phrases that show a topic, as data: what they are, and how they are found in linear time.

A table of the data is a topic of topics.md, ``phishing``, or one of the safeguarding floor (``floor``,
``matters``, ``explicit``, ``immediate``, ``certain``, described in floor.toml). Its keys, all optional:

``strong``, ``fair``, ``weak``
    Any of these phrases shows the topic, by so much (``STRENGTHS``); different ones add up.
``together``
    Pairs: one phrase of each of two lists (``of``), near each other in one sentence, with a ``strength``.
``idioms``
    Turns of phrase whose words prove nothing: "sick of" takes the "sick" out of the count, and only that.
``veto``
    With such a phrase in it, a sentence shows nothing of the topic.
``veto_anywhere``
    With such a phrase in it, the whole message shows nothing of the topic.
``negatable``
    True when "not", "no", "never" straight before a phrase takes it out of the count.

``[groups]`` are lists of words that stand for each other: ``{he}`` in a phrase means one of them.
``[kinds]`` are lists of phrases that mean much the same, ``[[frames]]`` are kinds that show harm together,
``[weights]`` what a kind weighs where faint signs add up, ``[languages]`` the floor in other languages.
``[spellings]`` are misspellings and short forms, each with the words to read in its place. A star after
the last word stands for any ending ("touch*"), within a phrase for the endings of a verb ("pull* down").
There are no regular expressions and no other operators.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, NamedTuple

import ahocorasick

from triage.classify.sentences import Reading, read

STRENGTHS: Final = {"strong": 0.9, "fair": 0.45, "weak": 0.25}
FLOOR: Final = "floor"
IMMEDIATE: Final = "immediate"
CERTAIN: Final = "certain"
MATTERS: Final = "matters"
EXPLICIT: Final = "explicit"
PHISHING: Final = "phishing"


class PhraseError(ValueError):
    """Phrases that cannot be used. ``table`` and ``key`` say where they stand."""

    def __init__(self, table: str, key: str, problem: str) -> None:
        super().__init__(f"phrases: [{table}] {key}: {problem}")
        self.table = table
        self.key = key


class Role(Enum):
    """What it means that a phrase stands in a text."""

    SHOWS = auto()
    FIRST_OF_PAIR = auto()
    SECOND_OF_PAIR = auto()
    IDIOM = auto()
    VETO = auto()
    VETO_ANYWHERE = auto()


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a phrase: in which table, for what. ``entry`` numbers the line of the data it came from."""

    table: str
    role: Role
    entry: int
    weight: float = 0.0


class Hit(NamedTuple):
    """A use of a phrase found in a text, from word ``first`` to word ``last``, both included."""

    use: Use
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Frame:
    """Kinds of words (``of``) that together show harm; ``unless`` are kinds that explain it away.

    ``table`` is the tier (``floor``, ``immediate`` or ``certain``), ``near`` the most words between the
    first kind and each other one; ``across`` lets them stand in sentences next to each other.
    """

    of: tuple[str, ...]
    needs: frozenset[str]
    unless: tuple[str, ...]
    table: str
    near: int
    across: bool
    entry: int


@dataclass(frozen=True, slots=True)
class Phrases:
    """All phrases, ready to be found. ``find`` is linear in the text, whatever the number of phrases."""

    uses: Mapping[str, tuple[Use, ...]]
    spellings: Mapping[str, tuple[str, ...]]
    negations: frozenset[str]
    fillers: frozenset[str]
    negatable: frozenset[str]
    english: frozenset[str]
    kinds: frozenset[str]
    weights: Mapping[str, float]
    frames: tuple[Frame, ...]
    automaton: ahocorasick.Automaton

    def read(self, text: str) -> Reading:
        """Read a text with the spellings that the phrases were folded with."""
        return read(text, self.spellings)

    def find(self, reading: Reading) -> Mapping[str, list[Hit]]:
        """Return every hit by table, in order of the text."""
        found: dict[str, list[Hit]] = {}
        for end, (length, uses) in self.automaton.iter(reading.folded):
            first = bisect_left(reading.places, end - length + 2)
            last = bisect_right(reading.places, end) - 1
            for use in uses:
                found.setdefault(use.table, []).append(Hit(use, first, last))
        for hits in found.values():
            if len(hits) > 1:
                hits.sort(key=lambda hit: (hit.first, -hit.last))
        return found
