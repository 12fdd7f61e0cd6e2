"""Faint signs that add up: many kinds of troubling words close together, in no frame that is known.

A situation that nobody foresaw is still told in words of harm, fear, secrecy, bodies and places. Each kind
weighs something; when enough of them stand in one or two sentences, a person should read the message.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from triage.classify.evidence import Find, words_of_idioms
from triage.classify.phrases import FLOOR, STRENGTHS, Hit, Phrases
from triage.classify.sentences import Reading

_ENOUGH: Final = 1.4  # of a short sentence: three heavy kinds, or two and two light ones
_ENOUGH_OF_MANY: Final = 2.2  # long sentences hold more words of every sort
_A_WORD: Final = 0.05
_FEW_WORDS: Final = 18
_LONGEST: Final = 30  # words: a text without full stops is cut into pieces of this length
_ENTRY: Final = -1  # these finds come from no one line of the data

_Signs = list[tuple[float, Hit]]


def adding_up(phrases: Phrases, reading: Reading, hits: Mapping[str, Sequence[Hit]]) -> Iterator[Find]:
    """Yield the stretches of a text whose signs add up to enough; linear."""
    numbers = _numbers(reading)
    lengths = Counter(numbers)
    pieces = _pieces(phrases, numbers, hits)
    for number in sorted(pieces):
        following = pieces.get(number + 1, [])
        signs = [*pieces[number], *following]
        enough = _enough(lengths[number] + (lengths[number + 1] if following else 0))
        if sum(weight for weight, _ in signs) < enough:
            continue
        counted = _counted(signs)
        if sum(weight for weight, _ in counted) >= enough:
            first, last = min(hit.first for _, hit in counted), max(hit.last for _, hit in counted)
            yield Find(first, last, _ENTRY, STRENGTHS["strong"])


def _enough(words: int) -> float:
    return min(_ENOUGH + _A_WORD * max(0, words - _FEW_WORDS), _ENOUGH_OF_MANY)


def _pieces(phrases: Phrases, numbers: Sequence[int], hits: Mapping[str, Sequence[Hit]]) -> dict[int, _Signs]:
    """Return the weighed hits by piece of the text: a sentence, or a part of a long one."""
    idle = words_of_idioms(hits.get(FLOOR, ()))
    pieces: dict[int, _Signs] = {}
    for kind in phrases.weights.keys() & hits.keys():
        for hit in hits[kind]:
            if hit.first not in idle:
                pieces.setdefault(numbers[hit.first], []).append((phrases.weights[kind], hit))
    return pieces


def _numbers(reading: Reading) -> list[int]:
    numbers: list[int] = []
    number, length, before = 0, 0, 0
    for sentence in reading.sentences:
        if sentence != before or length == _LONGEST:
            number, length, before = number + 1, 0, sentence
        length += 1
        numbers.append(number)
    return numbers


def _counted(signs: _Signs) -> _Signs:
    """Return the heaviest signs, no kind twice and no two over the same words."""
    kinds: set[str] = set()
    words: set[int] = set()
    counted: _Signs = []
    for weight, hit in sorted(signs, key=lambda sign: (-sign[0], sign[1].first, sign[1].use.table)):
        covers = range(hit.first, hit.last + 1)
        if hit.use.table not in kinds and words.isdisjoint(covers):
            kinds.add(hit.use.table)
            words.update(covers)
            counted.append((weight, hit))
    return counted
