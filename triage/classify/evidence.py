"""From hits to finds: which hits count, how they add up to a score, and the words that show it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from triage.classify.phrases import Hit, Phrases, Role
from triage.classify.sentences import Reading
from triage.domain.model import Evidence, Topic

_NEAR: Final = 14  # words between the two of a pair: a long sentence without full stops is not one thought
_LOOK_BACK: Final = 4  # words before a phrase in which a negation is looked for
_MOST_EVIDENCE: Final = 5  # a reader needs a few words, not every repetition
_PAIRED: Final = (Role.FIRST_OF_PAIR, Role.SECOND_OF_PAIR)


@dataclass(frozen=True, slots=True)
class Find:
    """Words that show a topic, from word ``first`` to word ``last``; ``entry`` is the line of the data."""

    first: int
    last: int
    entry: int
    weight: float


def finds(phrases: Phrases, reading: Reading, table: str, hits: Sequence[Hit]) -> list[Find]:
    """Return what counts among the hits of one table, in order of the text; linear in the hits."""
    if not hits or any(hit.use.role is Role.VETO_ANYWHERE for hit in hits):
        return []
    counting = list(_counting(phrases, reading, table, hits))
    shown = [_find(hit, hit.first, hit.last) for hit in counting if hit.use.role is Role.SHOWS]
    together = _pairs(reading, [hit for hit in counting if hit.use.role in _PAIRED])
    return _without_inner(sorted([*shown, *together], key=lambda find: (find.first, -find.last)))


def score(found: Sequence[Find]) -> float:
    """Combine finds to 0..1: independent signs add up, the same line of the data counts once."""
    weights: dict[int, float] = {}
    for find in found:
        weights[find.entry] = max(find.weight, weights.get(find.entry, 0.0))
    against = 1.0
    for weight in weights.values():
        against *= 1.0 - weight
    return round(1.0 - against, 4)


def evidence(text: str, reading: Reading, topic: Topic, found: Sequence[Find]) -> list[Evidence]:
    """Cut the strongest few finds out of the text that was read, in its order."""
    strongest = sorted(found, key=lambda find: -find.weight)[:_MOST_EVIDENCE]
    spans = ((reading.spans[find.first][0], reading.spans[find.last][1]) for find in strongest)
    return [Evidence(topic, text[start:end], start, end) for start, end in sorted(set(spans))]


def _counting(phrases: Phrases, reading: Reading, table: str, hits: Sequence[Hit]) -> Iterator[Hit]:
    """Leave out what stands in an idiom, in a vetoed sentence or behind a negation."""
    vetoed = {reading.sentences[hit.first] for hit in hits if hit.use.role is Role.VETO}
    idioms = _Idioms(words_of_idioms(hits))
    for hit in hits:
        if reading.sentences[hit.first] in vetoed or idioms.take(hit):
            continue
        if table in phrases.negatable and negated(phrases, reading, hit.first):
            continue
        yield hit


@dataclass(frozen=True, slots=True)
class _Idioms:
    widest: dict[int, tuple[int, int]]  # word -> the idiom it stands in

    def take(self, hit: Hit) -> bool:
        """Whether a hit overlaps an idiom without holding all of it and more."""
        for word in (hit.first, hit.last):
            first, last = self.widest.get(word, (-1, -1))
            if first >= 0 and not (
                hit.first <= first and last <= hit.last and hit.last - hit.first > last - first
            ):
                return True
        return False


def words_of_idioms(hits: Sequence[Hit]) -> dict[int, tuple[int, int]]:
    """Return the words that stand in an idiom, each with the first and last word of the widest one."""
    widest: dict[int, tuple[int, int]] = {}
    for hit in hits:
        if hit.use.role is Role.IDIOM:
            for word in range(hit.first, hit.last + 1):
                widest.setdefault(word, (hit.first, hit.last))
    return widest


def negated(phrases: Phrases, reading: Reading, first: int) -> bool:
    """Whether a negation stands straight before a word, but for words that fill."""
    for word in reversed(reading.words[max(0, first - _LOOK_BACK) : first]):
        if word in phrases.negations:
            return True
        if word not in phrases.fillers:
            return False
    return False


def _pairs(reading: Reading, hits: Sequence[Hit]) -> Iterator[Find]:
    latest: dict[tuple[int, Role], Hit] = {}
    for hit in hits:
        other = latest.get((hit.use.entry, _other(hit.use.role)))
        if other and _near(reading, other, hit):
            yield _find(hit, other.first, max(other.last, hit.last))
        latest[hit.use.entry, hit.use.role] = hit


def _other(role: Role) -> Role:
    return Role.SECOND_OF_PAIR if role is Role.FIRST_OF_PAIR else Role.FIRST_OF_PAIR


def _near(reading: Reading, before: Hit, after: Hit) -> bool:
    same_sentence = reading.sentences[before.first] == reading.sentences[after.first]
    return same_sentence and 0 < after.first - before.last <= _NEAR


def _find(hit: Hit, first: int, last: int) -> Find:
    return Find(first, last, hit.use.entry, hit.use.weight)


def _without_inner(found: Sequence[Find]) -> list[Find]:
    """Leave out what stands inside an earlier find that is as strong: the same words are no second sign."""
    kept: list[Find] = []
    for find in found:
        outer = kept[-1] if kept else None
        if outer is None or find.last > outer.last or find.weight > outer.weight:
            kept.append(find)
    return kept
