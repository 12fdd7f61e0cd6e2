"""The safeguarding floor: fixed phrases over every text, which no policy and no negation can undo.

High recall comes before precision: "he is not suicidal" still goes to a person. ``immediate`` is kept for
explicit, present danger, because it wakes somebody; it does heed negation, the past and fiction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.classify.evidence import Find, finds
from triage.classify.phrases import FLOOR, IMMEDIATE, Hit, Phrases
from triage.classify.sentences import Reading


@dataclass(frozen=True, slots=True)
class Floor:
    """What the floor found in one text. ``found`` is empty when it did not hit."""

    found: Sequence[Find]
    immediate: bool


def floor(phrases: Phrases, reading: Reading, hits: Mapping[str, Sequence[Hit]]) -> Floor:
    """Judge the hits of one text that was read; never raises, linear."""
    danger = finds(phrases, reading, IMMEDIATE, hits.get(IMMEDIATE, ()))
    signs = finds(phrases, reading, FLOOR, hits.get(FLOOR, ()))
    return Floor((*danger, *signs), immediate=bool(danger))
