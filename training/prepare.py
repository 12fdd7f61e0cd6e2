"""The corpus as the learners need it: tokens by segment, labels, where the evidence stands."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.bootstrap import school_of
from triage.classify.by_phrases import ByPhrases
from triage.classify.features import OUTPUTS
from triage.classify.view import View, view
from triage.classify.wordpiece import WordPiece
from triage.domain.model import MACHINES, Classification, Topic
from triage.evaluate.corpus import ROSTER, SETTINGS, Example, examples, hands
from triage.message.parse import Gateway
from triage.roster_source import read_roster
from triage.settings import load_settings

LONGEST = 320


@dataclass(frozen=True, slots=True)
class Prepared:
    """One example: ``tokens`` with each one's segment (-1 outside), ``labels`` 0 or 1 an output.

    ``shown`` holds for each output that applies the segments with its evidence.
    """

    example: Example
    view: View
    said: Classification
    tokens: tuple[int, ...]
    segment: tuple[int, ...]
    labels: tuple[int, ...]
    shown: tuple[tuple[int, frozenset[int]], ...]

    @property
    def machine(self) -> bool:
        """Whether the linear model alone reads it."""
        return self.example.identity.sender in MACHINES


def prepared(corpus: Path, vocabulary: Path) -> list[Prepared]:
    """Read a corpus folder through the program's own stages 1 to 3."""
    settings = load_settings(corpus / SETTINGS, {})
    school, roster = school_of(settings), read_roster(corpus / ROSTER)
    gateway = Gateway(frozenset(settings.school.authserv_ids))
    pieces = WordPiece(vocabulary.read_text(encoding="utf-8").splitlines())
    phrases = ByPhrases()
    found = [
        _prepared(example, pieces, phrases, school.calendar.zone)
        for example in examples(hands(corpus), school, roster, gateway)
    ]
    print(f"{len(found)} messages of {len({one.example.hand for one in found})} hands", file=sys.stderr)
    return found


def _prepared(example: Example, pieces: WordPiece, phrases: ByPhrases, zone: object) -> Prepared:
    message, identity = example.message, example.identity
    seen = view(message, identity, answers_staff=example.answers_staff, zone=zone)
    before = [pieces.number("[CLS]"), *pieces(seen.circumstances), pieces.number("[SEP]")]
    tokens, segment = list(before), [-1] * len(before)
    for number, words in enumerate(seen.words):
        found = pieces(words)
        tokens += found
        segment += [number] * len(found)
    tokens, segment = tokens[: LONGEST - 1], segment[: LONGEST - 1]
    labels = [int(topic in example.topics) for topic in Topic] + [int(example.immediate)]
    return Prepared(
        example,
        seen,
        phrases(message, identity),
        (*tokens, pieces.number("[SEP]")),
        (*segment, -1),
        tuple(labels),
        tuple(_shown(example, seen)),
    )


def _shown(example: Example, seen: View) -> Sequence[tuple[int, frozenset[int]]]:
    text = example.message.classified_text
    found = []
    for column, output in enumerate(OUTPUTS):
        topic = output if isinstance(output, Topic) else Topic.SAFEGUARDING
        applies = topic in example.topics and (output is topic or example.immediate)
        if applies:
            places = [_place(text, words) for words in example.evidence.get(topic, ())]
            numbers = {
                number
                for number, one in enumerate(seen.segments)
                for start, end in places
                if one.start < end and start < one.end
            }
            found.append((column, frozenset(numbers)))
    return found


def _place(text: str, words: str) -> tuple[int, int]:
    start = text.find(words)
    return (start, start + len(words)) if start >= 0 else (0, 0)
