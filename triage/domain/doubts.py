"""Which messages the software is least certain about: those whose scores lie nearest to where they count."""

from dataclasses import dataclass

from triage.domain.model import MACHINES, Classification, Decision, Identity, Topic
from triage.domain.visibility import is_closely_kept

MOST = 20
"""So many are looked at before a school goes live: an hour's reading."""

NEAR = 0.2
"""A score this near to where it counts could as well have fallen on the other side."""

HALF = 0.5
DELICATE = frozenset({Topic.SAFEGUARDING, Topic.COMPLAINT})
"""What a doubt is never kept about: whom such a message is for is not known before it is flagged."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A message by its number in the rehearsal, and how near (``margin``) it was to which topics."""

    number: int
    margin: float
    topics: tuple[str, ...]


def doubt(number: int, identity: Identity, found: Classification, decision: Decision) -> Doubt | None:
    """Return how uncertain the software is about a message, None where it is not, or it is closely kept."""
    if identity.sender in MACHINES or _is_delicate(found, decision):
        return None
    margins = {topic: abs(score - _counts_from(topic, found)) for topic, score in found.scores.items()}
    near = sorted((margin, topic.value) for topic, margin in margins.items() if margin < NEAR)
    if not near:
        return Doubt(number, NEAR, ()) if found.uncertain else None
    return Doubt(number, near[0][0], tuple(topic for _, topic in near))


def _is_delicate(found: Classification, decision: Decision) -> bool:
    """Tell whether a message is, or may be, a safeguarding matter or about a member of staff."""
    maybe = any(found.scores.get(topic, 0.0) >= HALF * _counts_from(topic, found) for topic in DELICATE)
    return maybe or found.phrase_floor or any(is_closely_kept(flag) for flag in decision.flags)


def _counts_from(topic: Topic, found: Classification) -> float:
    return found.thresholds.get(topic, HALF)
