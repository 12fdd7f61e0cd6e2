"""Where safeguarding words stand: told of somebody, or in a lesson, a policy or a list of help lines.

Help lines stand under the mail of health services, charities and schools; children read set texts about
suicide. None of that tells of a child. A sentence that speaks of somebody ("she", "my son", "I") always
tells, whatever stands beside it, except that a lesson or policy named right beside its matter is only that.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from triage.classify.evidence import Find
from triage.classify.phrases import Hit
from triage.classify.sentences import Reading

_BESIDE: Final = 4  # words between a matter and the lesson that names it
_PRETENCE_BEFORE: Final = 9
_PRETENCE_AFTER: Final = 6
_LIST_REACHES: Final = 3  # sentences: the lines of a list stand near the number to ring


class Setting:
    """What stands around the finds of one text."""

    def __init__(self, reading: Reading, hits: Mapping[str, Sequence[Hit]]) -> None:
        self._reading = reading
        self._personal = self._sentences(hits, "somebody")
        self._conditional = self._sentences(hits, "whoever")
        self._help_lines = self._sentences(hits, "help-line")
        self._beside_help = {
            sentence + step
            for sentence in self._help_lines
            for step in range(-_LIST_REACHES, _LIST_REACHES + 1)
        }
        self._lessons = _words(hits.get("lesson", ()))
        self._lesson_sentences = self._sentences(hits, "lesson")
        self._pretences = _words(hits.get("pretence", ()))

    def is_listed(self, find: Find) -> bool:
        """Whether a find stands in "if you …, call …" or in a line with the number of a help line."""
        sentence = self._reading.sentences[find.first]
        if sentence in self._personal or sentence not in self._beside_help:
            return False
        return sentence in self._conditional or sentence in self._help_lines

    def is_named_only(self, find: Find) -> bool:
        """Whether a matter is named by a lesson, a policy or a list, and told of nobody."""
        if self._beside(self._lessons, find, _BESIDE, _BESIDE):
            return True
        ends = {self._reading.sentences[find.first], self._reading.sentences[find.last]}
        return any(self._is_about_nobody(sentence) for sentence in ends)

    def _is_about_nobody(self, sentence: int) -> bool:
        named = sentence in self._beside_help or sentence in self._lesson_sentences
        return named and sentence not in self._personal

    def is_pretended(self, find: Find) -> bool:
        """Whether play, fiction, a lesson, the past or an ordinary use stands close by."""
        return self._beside(self._pretences, find, _PRETENCE_BEFORE, _PRETENCE_AFTER)

    def _sentences(self, hits: Mapping[str, Sequence[Hit]], kind: str) -> set[int]:
        return {self._reading.sentences[hit.first] for hit in hits.get(kind, ())}

    def _beside(self, words: frozenset[int], find: Find, before: int, after: int) -> bool:
        sentence = self._reading.sentences[find.first]
        places = range(find.first - before, find.last + after + 1)
        return any(word in words and self._reading.sentences[word] == sentence for word in places)


def _words(hits: Sequence[Hit]) -> frozenset[int]:
    return frozenset(word for hit in hits for word in range(hit.first, hit.last + 1))
