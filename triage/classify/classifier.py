"""What a message is about: trained readers and phrases, weighed together, with the words that show it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.classify import facts
from triage.classify.artefact import Artefact
from triage.classify.by_phrases import NO_EXTRA, NOT_ENGLISH, ByPhrases
from triage.classify.features import IMMEDIATE, OUTPUTS, features
from triage.classify.loading import other_languages
from triage.classify.phrases import STRENGTHS
from triage.classify.segments import Segment
from triage.classify.view import View, view
from triage.domain.model import MACHINES, Classification, Evidence, Identity, Message, Topic

_LEAST: Final = 0.02
"""Scores below it are not worth keeping."""

_GREY: Final = 0.8
"""From this part of a threshold on a score is close to the line."""

_DOUBT: Final = 0.1
"""Below it nothing is close to a line: what counts from three in a hundred on is not doubtful at two."""

_CLOSE: Final = "close to the line: "
FAR: Final = "many of its words are in nothing that the classifier was taught"
_HALF: Final = 0.5
_MOST_EVIDENCE: Final = 2
_NEARLY_AS_STRONG: Final = 1.0

Floats = NDArray[np.float32]


class Classifier:
    """Finds topics by a network, a linear model and phrases; pure and thread-safe once made.

    ``extra`` holds a school's own phrases, taken as strong; ``zone`` is the school's, because what is urgent
    hangs on the hour. Raises PhraseError when an extra phrase holds no word.
    """

    def __init__(
        self, artefact: Artefact, extra: Mapping[Topic, Sequence[str]] = NO_EXTRA, zone: tzinfo = UTC
    ) -> None:
        self._artefact = artefact
        self._phrases = ByPhrases(extra)
        self._extra = frozenset(extra)
        self._zone = zone

    def __call__(
        self, message: Message, identity: Identity, *, answers_staff: bool = False
    ) -> Classification:
        """Classify the subject and what the sender wrote now; never raises for a message, linear.

        Mail of machines is read by the linear model alone. The safeguarding floor of the phrases reads
        quoted and forwarded text too, and only ever adds.
        """
        said = self._phrases(message, identity)
        if identity.sender in MACHINES:
            return together(self._machine(message, said), said, message, self._extra)
        seen = view(message, identity, answers_staff=answers_staff, zone=self._zone)
        return together(self._person(seen, said), said, message, self._extra)

    def _machine(self, message: Message, said: Classification) -> "Read":
        words = self._artefact.linear(message.classified_text, machine=True)
        weighed = self._artefact.machines
        nothing = np.zeros((0, len(OUTPUTS)), np.float32)
        return Read(weighed.scores(features(None, words, said)), weighed.thresholds, (), nothing)

    def _person(self, seen: View, said: Classification) -> "Read":
        read = self._artefact.encoder(seen.circumstances, seen.words)
        words = self._artefact.linear(seen.text, machine=False)
        weighed = self._artefact.people
        scores = weighed.scores(features(read, words, said))
        far = self._artefact.familiar.is_far(read.pieces)
        return Read(scores, weighed.thresholds, seen.segments, read.segments, far=far)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a message: a score an output, the thresholds, and the logits of its segments.

    ``far`` says that it is written in words which the readers were not taught.
    """

    scores: Floats
    thresholds: Floats
    segments: tuple[Segment, ...]
    logits: Floats
    far: bool = False


def together(
    read: Read, said: Classification, message: Message, own: Collection[Topic] = ()
) -> Classification:
    """Put what the readers found and what the phrases say into one classification.

    ``own`` are the topics that a school has phrases of its own for; those settle alone.
    """
    scores, thresholds = _rounded(read.scores), _rounded(read.thresholds)
    immediate = scores.pop(IMMEDIATE) >= thresholds.pop(IMMEDIATE) or said.immediate
    floor = said.immediate or said.explicit or (said.phrase_floor and _is_in_another_language(said))
    certain = frozenset(_certain(message, own, floor=floor))
    for topic in certain:
        scores[topic] = max(scores[topic], said.scores.get(topic, 0.0))
    for topic in _implied(scores, thresholds, said, certain, immediate=immediate):
        scores[topic] = max(scores[topic], thresholds[topic])
    kept = {Topic(topic): score for topic, score in scores.items() if score >= _LEAST}
    limits = {Topic(topic): score for topic, score in thresholds.items()}
    return replace(
        said,
        scores=kept,
        evidence=tuple(_evidence(read, said, kept, limits, certain)),
        thresholds=limits,
        immediate=immediate,
        phrase_floor=floor,
        uncertain=_unread(said) or (FAR if read.far else None) or _grey(kept, limits),
    )


def _rounded(values: Floats) -> dict[str, float]:
    return {output: round(float(value), 4) for output, value in zip(OUTPUTS, values, strict=True)}


def _is_in_another_language(said: Classification) -> bool:
    """Whether a message is not English, or a phrase of the floor in it is not: short ones are told by it."""
    others = other_languages()
    phrases = (one.text for one in said.evidence if one.topic is Topic.SAFEGUARDING)
    return said.uncertain == NOT_ENGLISH or any(others.find(others.read(each)) for each in phrases)


def _certain(message: Message, own: Collection[Topic], *, floor: bool) -> Iterator[Topic]:
    """Yield what the phrases settle alone: the floor, a school's own phrases, and what structure shows.

    What the floor tells plainly stands alone. Its milder phrases are weighed like any other sign, and can
    only add: alone they take one ordinary message in seven for a sign of harm. In a language that was not
    taught they stand alone too.
    """
    if floor:
        yield Topic.SAFEGUARDING
    yield from own
    if any(facts.dangerous(message.attachments)):
        yield Topic.DISRUPTION


def _implied(
    scores: Mapping[str, float],
    thresholds: Mapping[str, float],
    said: Classification,
    certain: Collection[Topic],
    *,
    immediate: bool,
) -> Iterator[Topic]:
    """Yield the topics that are found whatever their score: a threshold may be higher than any phrase's."""
    yield from (topic for topic in certain if said.scores.get(topic, 0.0) >= STRENGTHS["strong"])
    if scores[Topic.OTHER_PUPIL_PERSONAL] >= thresholds[Topic.OTHER_PUPIL_PERSONAL]:
        yield Topic.OTHER_PUPIL
    if immediate:
        yield Topic.SAFEGUARDING


def _evidence(
    read: Read,
    said: Classification,
    scores: Mapping[Topic, float],
    limits: Mapping[Topic, float],
    certain: Collection[Topic],
) -> Iterator[Evidence]:
    """Yield the sentences that show each topic which is found, and the phrases where no sentence does.

    What the phrases settle alone is shown by them, and by sentences only where the readers found it too.
    """
    for column, topic in enumerate(Topic):
        line = min(limits[topic], _HALF)
        if scores.get(topic, 0.0) < line:
            continue
        phrases = [one for one in said.evidence if one.topic is topic]
        settled = bool(phrases) and (topic in certain or topic is Topic.SAFEGUARDING)
        sentences = [
            Evidence(topic, said.text[one.start : one.end], one.start, one.end)
            for one in (_strongest(read, column) if not settled or read.scores[column] >= line else ())
        ]
        yield from phrases if settled or not sentences else ()
        yield from (one for one in sentences if not settled or not _met(one, phrases))


def _met(one: Evidence, others: Sequence[Evidence]) -> bool:
    return any(other.start < one.end and one.start < other.end for other in others)


def _strongest(read: Read, column: int) -> Iterator[Segment]:
    if not len(read.logits):
        return
    logits = read.logits[:, column]
    order = np.argsort(-logits)[:_MOST_EVIDENCE]
    best = logits[order[0]]
    for number in sorted(order):
        if logits[number] >= best or (logits[number] > 0 and logits[number] >= best - _NEARLY_AS_STRONG):
            yield read.segments[number]


def _unread(said: Classification) -> str | None:
    """Return why the phrases are unsure, but for their scores: those are weighed, and others are given."""
    return None if said.uncertain is None or said.uncertain.startswith(_CLOSE) else said.uncertain


def _grey(scores: Mapping[Topic, float], thresholds: Mapping[Topic, float]) -> str | None:
    near = sorted(
        topic
        for topic, score in scores.items()
        if max(_DOUBT, _GREY * thresholds[topic]) <= score < thresholds[topic]
    )
    return f"{_CLOSE}{', '.join(near)}" if near else None
