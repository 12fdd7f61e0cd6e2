"""Frames: kinds of words that show harm together, wherever they stand in a sentence.

A disclosure is seldom told in known words, yet it nearly always names who, what and to whom: somebody,
a touch, a body; no food, a home, some days. Each is a kind of words, and a frame is such kinds together.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from triage.classify.evidence import Find, negated, words_of_idioms
from triage.classify.phrases import FLOOR, STRENGTHS, Frame, Hit, Phrases
from triage.classify.sentences import Reading

_MOST_LOOKED_AT: Final = 6  # of one kind, on each side of a word: more are no nearer


@dataclass(frozen=True, slots=True)
class _Kind:
    hits: Sequence[Hit]
    firsts: Sequence[int]


def framed(
    phrases: Phrases, reading: Reading, hits: Mapping[str, Sequence[Hit]]
) -> Mapping[str, Sequence[Find]]:
    """Return what the frames find, by tier; linear but for the logarithm of a search."""
    idle = words_of_idioms(hits.get(FLOOR, ()))
    kinds: dict[str, _Kind] = {}
    for name in phrases.kinds & hits.keys():
        counting = [hit for hit in hits[name] if hit.first not in idle]
        if counting:
            kinds[name] = _Kind(counting, [hit.first for hit in counting])
    found: dict[str, list[Find]] = {}
    there = kinds.keys() | set()
    for frame in phrases.frames:
        if frame.needs <= there:
            for find in _finds(frame, kinds, reading, phrases):
                found.setdefault(frame.table, []).append(find)
    return found


def _finds(frame: Frame, kinds: Mapping[str, _Kind], reading: Reading, phrases: Phrases) -> Iterator[Find]:
    for hit in kinds[frame.of[0]].hits:
        chosen = _chosen(frame, kinds, reading, hit)
        if chosen is None:
            continue
        first, last = min(each.first for each in chosen), max(each.last for each in chosen)
        if frame.table in phrases.negatable and negated(phrases, reading, first):
            continue
        if not any(_explained(frame, kinds, reading, kind, chosen) for kind in frame.unless):
            yield Find(first, last, frame.entry, STRENGTHS["strong"])


def _explained(
    frame: Frame, kinds: Mapping[str, _Kind], reading: Reading, kind: str, chosen: Sequence[Hit]
) -> bool:
    """Whether words of a kind that explains the frame away stand near it, and are no part of it."""
    near = _near(kinds, kind, reading, chosen[0], frame)
    return any(not any(_overlap(other, each) for each in chosen) for other in near)


def _chosen(frame: Frame, kinds: Mapping[str, _Kind], reading: Reading, hit: Hit) -> list[Hit] | None:
    """Return a hit of every kind near this one, no two over the same words; None when one is wanting."""
    chosen = [hit]
    for kind in frame.of[1:]:
        near = _near(kinds, kind, reading, hit, frame)
        apart = next((other for other in near if not any(_overlap(other, each) for each in chosen)), None)
        if apart is None:
            return None
        chosen.append(apart)
    return chosen


def _near(kinds: Mapping[str, _Kind], name: str, reading: Reading, hit: Hit, frame: Frame) -> Sequence[Hit]:
    """Return the hits of a kind within the frame's reach, nearest first."""
    kind = kinds.get(name)
    if kind is None:
        return ()
    middle = bisect_left(kind.firsts, hit.first)
    around = kind.hits[max(0, middle - _MOST_LOOKED_AT) : middle + _MOST_LOOKED_AT]
    close = [other for other in around if _within(reading, hit, other, frame)]
    return sorted(close, key=lambda other: abs(other.first - hit.first))


def _within(reading: Reading, hit: Hit, other: Hit, frame: Frame) -> bool:
    before, after = (other, hit) if other.first < hit.first else (hit, other)
    apart = reading.sentences[after.first] - reading.sentences[before.first]
    return after.first - before.last - 1 <= frame.near and apart <= frame.across


def _overlap(one: Hit, other: Hit) -> bool:
    return one.first <= other.last and other.first <= one.last
