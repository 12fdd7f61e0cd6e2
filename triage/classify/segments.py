"""A message as the model reads it: the subject, then its sentences, none too long to be shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from triage.classify.sentences import Reading, read

LONGEST: Final = 50
"""Words of a sentence at most: some parents write without full stops, and evidence is meant to be short."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of the classified text, from offset ``start`` (in) to ``end`` (out)."""

    start: int
    end: int


def segments(subject: str, own_text: str) -> tuple[Segment, ...]:
    """Return the subject and the sentences of the subject, a line break and the own text; linear."""
    shift = len(subject) + 1
    own = (Segment(one.start + shift, one.end + shift) for one in _sentences(read(own_text)))
    return (*_subject(subject), *own)


def _subject(subject: str) -> Iterator[Segment]:
    reading = read(subject)
    if len(reading.words) > LONGEST:  # a letter that was written into its subject
        yield from _sentences(reading)
    elif subject.strip():
        yield Segment(0, len(subject))


def _sentences(reading: Reading) -> Iterator[Segment]:
    start = end = words = 0
    sentence = -1
    for span, number in zip(reading.spans, reading.sentences, strict=True):
        if words and (number != sentence or (words >= LONGEST and span[0] >= end)):  # "won't" is two words
            yield Segment(start, end)
            words = 0
        if not words:
            start, sentence = span[0], number
        end = span[1]
        words += 1
    if words:
        yield Segment(start, end)
