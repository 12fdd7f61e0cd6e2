"""What is taught in a pass: messages as they are, stretches of them, two in one, and one among small talk.

Whoever writes one line, of three matters in one mail, or of one in passing is rarer here than in life.
A stretch of a message keeps the topics whose evidence stands in it; of the others nothing is known there.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from prepare import LONGEST, Prepared

from triage.classify.features import IMMEDIATE, OUTPUTS
from triage.domain.model import Topic

_NEIGHBOURS = (0, 0, 1)
_BY_THE_HOUR = frozenset({OUTPUTS.index(Topic.URGENT), OUTPUTS.index(IMMEDIATE)})


@dataclass(frozen=True, slots=True)
class Shares:
    """Of how many messages a stretch is read in a pass, how many with another below, how many in passing."""

    stretches: float = 0.0
    pairs: float = 0.0
    passing: float = 0.0


@dataclass(frozen=True, slots=True)
class Lesson:
    """Tokens with each one's segment (-1 outside), ``labels`` an output and which of them are ``known``.

    ``shown`` holds for each output that applies the segments with its evidence.
    """

    tokens: tuple[int, ...]
    segment: tuple[int, ...]
    labels: tuple[int, ...]
    known: tuple[bool, ...]
    shown: tuple[tuple[int, frozenset[int]], ...]


def whole(one: Prepared) -> Lesson:
    """Return a message as it is."""
    return Lesson(one.tokens, one.segment, one.labels, (True,) * len(one.labels), one.shown)


def lessons(messages: Sequence[Prepared], shares: Shares, chance: random.Random) -> list[Lesson]:
    """Return a lesson a message, drawn by the shares; ``routine`` messages lend their sentences to others."""
    routine = [one for one in messages if not any(one.labels) and not one.example.near_miss_of]
    return [_drawn(one, messages, routine or messages, shares, chance) for one in messages]


def _drawn(
    one: Prepared,
    messages: Sequence[Prepared],
    routine: Sequence[Prepared],
    shares: Shares,
    chance: random.Random,
) -> Lesson:
    drawn = chance.random()
    if drawn < shares.stretches:
        return _stretch(one, chance)
    if drawn < shares.stretches + shares.pairs:
        return _pair(one, chance.choice(messages))
    if drawn < shares.stretches + shares.pairs + shares.passing:
        return _in_passing(one, chance.choice(routine), chance)
    return whole(one)


def _stretch(one: Prepared, chance: random.Random) -> Lesson:
    """Return a sentence or a few of a message, mostly around what shows one of its topics."""
    last = max(one.segment)
    shown = sorted({place for _, places in one.shown for place in places})
    middle = chance.choice(shown) if shown else chance.randint(0, max(0, last))
    first, after = middle - chance.choice(_NEIGHBOURS), middle + chance.choice(_NEIGHBOURS) + 1
    kept = [at for at, segment in enumerate(one.segment) if segment < 0 or first <= segment < after]
    first = max(0, first)
    places = {
        column: frozenset(place - first for place in evidence if first <= place < after)
        for column, evidence in one.shown
    }
    return Lesson(
        tuple(one.tokens[at] for at in kept),
        tuple(max(-1, one.segment[at] - first) for at in kept),
        tuple(int(bool(places.get(column))) for column in range(len(OUTPUTS))),
        tuple(bool(places.get(column)) or not label for column, label in enumerate(one.labels)),
        tuple((column, evidence) for column, evidence in places.items() if evidence),
    )


def _pair(one: Prepared, other: Prepared) -> Lesson:
    """Return one message with another's text after its own, as from the sender and the hour of the first."""
    start = next((at for at, segment in enumerate(other.segment) if segment >= 0), len(other.segment))
    fits = len(one.tokens) + len(other.tokens) - start <= LONGEST
    alike = one.example.identity.sender is other.example.identity.sender
    if not fits or not alike or one.example.answers_staff != other.example.answers_staff or one is other:
        return whole(one)
    count = max(one.segment) + 1
    added = tuple(segment + count if segment >= 0 else -1 for segment in other.segment[start:])
    shown = {column: set(places) for column, places in one.shown}
    for column, places in other.shown:
        shown.setdefault(column, set()).update(place + count for place in places)
    both = tuple(zip(one.labels, other.labels, strict=True))
    return Lesson(
        one.tokens[:-1] + other.tokens[start:],
        one.segment[:-1] + added,
        tuple(max(labels) for labels in both),
        tuple(column not in _BY_THE_HOUR or own >= others for column, (own, others) in enumerate(both)),
        tuple((column, frozenset(places)) for column, places in shown.items()),
    )


def _in_passing(one: Prepared, other: Prepared, chance: random.Random) -> Lesson:
    """Return a message with a sentence or two of a routine one somewhere after its first segment."""
    first = chance.randint(0, max(0, *other.segment))
    last = first + chance.choice(_NEIGHBOURS)
    talk = [(token, at) for token, at in zip(other.tokens, other.segment, strict=True) if first <= at <= last]
    if not talk or one is other or len(one.tokens) + len(talk) > LONGEST or max(one.segment) < 0:
        return whole(one)
    added = max(at for _, at in talk) - first + 1
    before = chance.randint(1, max(one.segment) + 1)
    cut = next((at for at, segment in enumerate(one.segment) if segment >= before), len(one.tokens) - 1)
    return Lesson(
        (*one.tokens[:cut], *(token for token, _ in talk), *one.tokens[cut:]),
        (
            *one.segment[:cut],
            *(at - first + before for _, at in talk),
            *(at + added if at >= before else at for at in one.segment[cut:]),
        ),
        one.labels,
        (True,) * len(one.labels),
        tuple(
            (column, frozenset(at + added if at >= before else at for at in places))
            for column, places in one.shown
        ),
    )
