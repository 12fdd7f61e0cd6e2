"""The figures of an evaluation: how often topics are found, how true the scores are, what follows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.domain.model import Classification, Decision, Route, Severity, Topic
from triage.evaluate.corpus import Example

_NOTICES: Final = frozenset({"greeting", "help", "out-of-hours", "missing-child-name", "private-account"})
_DRAWS: Final = 400
_TAIL: Final = 2.5
_LEAST_SCORE: Final = 0.1
_MANY: Final = 100
_ROUNDS: Final = 25

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scored:
    """A labelled message and what the program made of it."""

    example: Example
    classification: Classification
    decision: Decision


@dataclass(frozen=True, slots=True)
class Figure:
    """A share or another number, with its 95 % interval by drawing messages again."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True, slots=True)
class OfTopic:
    """How well one topic is found; ``slope`` is 1 where scores are probabilities, None with few positives."""

    topic: Topic
    positives: int
    precision: float
    recall: float
    f1: Figure
    slope: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures over a set of messages; shares are of 1."""

    messages: int
    topics: tuple[OfTopic, ...]
    macro: Figure
    micro: Figure
    exact: Figure
    safeguarding_recall: Figure
    immediate_recall: Figure
    immediate_among_others: Figure
    review_among_routine: Figure
    topic_reply_to_routine: Figure
    flags_a_day: float | None
    senders: Figure


def figures(scored: Sequence[Scored], *, week: str | None = None) -> Figures:
    """Reckon the figures. ``week`` names the hand that wrote whole days, for the flags of a day."""
    labels = np.array([[topic in one.example.topics for topic in Topic] for one in scored], np.int64)
    found = np.array([[topic in one.decision.topics for topic in Topic] for one in scored], np.int64)
    draws = _draws(len(scored))
    others = _those(scored, lambda one: Topic.SAFEGUARDING not in one.example.topics)
    routine = _those(scored, lambda one: one.example.is_routine)
    quiet = _those(scored, lambda one: not one.example.topics)
    risk = _those(scored, lambda one: Topic.SAFEGUARDING in one.example.topics)
    danger = _those(scored, lambda one: one.example.immediate)
    return Figures(
        messages=len(scored),
        topics=tuple(
            _of_topic(topic, labels[:, number], found[:, number], scored, draws)
            for number, topic in enumerate(Topic)
        ),
        macro=_drawn(lambda rows: float(np.mean(_f1s(labels[rows], found[rows]))), draws),
        micro=_drawn(lambda rows: _micro(labels[rows], found[rows]), draws),
        exact=_share([bool((labels[row] == found[row]).all()) for row in range(len(scored))]),
        safeguarding_recall=_share([Topic.SAFEGUARDING in one.decision.topics for one in risk]),
        immediate_recall=_share([is_immediate(one.decision) for one in danger]),
        immediate_among_others=_share([is_immediate(one.decision) for one in others]),
        review_among_routine=_share([Topic.SAFEGUARDING in one.decision.topics for one in routine]),
        topic_reply_to_routine=_share([has_topic_reply(one.decision) for one in quiet]),
        flags_a_day=_flags_a_day([one for one in scored if one.example.hand == week]),
        senders=_share([one.example.identity.sender.value == one.example.sender for one in scored]),
    )


def is_immediate(decision: Decision) -> bool:
    """Whether somebody is paged."""
    return any(flag.severity is Severity.IMMEDIATE for flag in decision.flags)


def has_topic_reply(decision: Decision) -> bool:
    """Whether a reply would say more than that the school is closed or which child is meant."""
    return decision.reply.send and bool(set(decision.reply.parts) - _NOTICES)


def _those(scored: Sequence[Scored], wanted: Callable[[Scored], bool]) -> Sequence[Scored]:
    return [one for one in scored if wanted(one)]


def _of_topic(topic: Topic, own: Numbers, told: Numbers, scored: Sequence[Scored], draws: Numbers) -> OfTopic:
    right = int((own & told).sum())
    return OfTopic(
        topic=topic,
        positives=int(own.sum()),
        precision=right / max(1, int(told.sum())),
        recall=right / max(1, int(own.sum())),
        f1=_drawn(lambda rows: float(_f1s(own[rows, None], told[rows, None])[0]), draws),
        slope=_slope(topic, own, scored) if own.sum() >= _MANY else None,
    )


def _f1s(labels: Numbers, found: Numbers) -> NDArray[np.float64]:
    both = 2 * (labels & found).sum(0)
    return np.asarray(both / np.maximum(1, labels.sum(0) + found.sum(0)), np.float64)


def _micro(labels: Numbers, found: Numbers) -> float:
    return float(2 * (labels & found).sum() / max(1, labels.sum() + found.sum()))


def _slope(topic: Topic, labels: Numbers, scored: Sequence[Scored]) -> float:
    """Return the slope of the labels on the scores' log odds (Cox 1958): under 1, scores are too sure."""
    scores = np.array([one.classification.scores.get(topic, 0.0) for one in scored])
    told = scores > _LEAST_SCORE
    odds = np.log(np.clip(scores[told], 1e-4, 1 - 1e-4) / (1 - np.clip(scores[told], 1e-4, 1 - 1e-4)))
    design, own = np.column_stack([np.ones(len(odds)), odds]), labels[told]
    weights = np.zeros(2)
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-design @ weights))
        curve = design.T @ (design * (chance * (1 - chance))[:, None]) + 1e-6 * np.eye(2)
        weights = weights + np.linalg.solve(curve, design.T @ (own - chance))
    return float(weights[1])


def _draws(count: int) -> Numbers:
    return np.random.default_rng(1).integers(0, max(1, count), (_DRAWS, count))


def _drawn(reckon: Callable[[Numbers], float], draws: Numbers) -> Figure:
    again = [reckon(rows) for rows in draws]
    low, high = np.percentile(again, [_TAIL, 100 - _TAIL])
    return Figure(reckon(np.arange(draws.shape[1])), float(low), float(high))


def _share(holds: Sequence[bool]) -> Figure:
    """Return a share with Wilson's interval (1927)."""
    count = len(holds)
    if not count:
        return Figure(float("nan"), 0.0, 1.0)
    share, z = sum(holds) / count, 1.96
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    return Figure(share, float(max(0.0, middle - half)), float(min(1.0, middle + half)))


def _flags_a_day(scored: Sequence[Scored]) -> float | None:
    """Return how many flags a head of year gets on a school day, over messages of whole days."""
    if not scored:
        return None
    days = {one.example.received.date() for one in scored if one.example.received.weekday() < len("MTWTF")}
    flags = [flag for one in scored for flag in one.decision.flags if flag.route is Route.HEAD_OF_YEAR]
    return len(flags) / max(1, len(days))


def worst(scored: Sequence[Scored], topic: Topic, count: int) -> Iterator[tuple[Scored, float]]:
    """Yield the messages that a topic's score is most wrong about, the worst first."""
    wrong = [
        (one, score)
        for one in scored
        if (topic in one.decision.topics) != (topic in one.example.topics)
        for score in [one.classification.scores.get(topic, 0.0)]
    ]
    yield from sorted(wrong, key=lambda pair: -abs((topic in pair[0].example.topics) - pair[1]))[:count]


def as_document(found: Figures) -> Mapping[str, object]:
    """Return the figures as plain values, for JSON."""

    def plain(figure: Figure) -> Mapping[str, float | None]:
        value = None if np.isnan(figure.value) else round(figure.value, 4)  # JSON knows no other "of none"
        return {"value": value, "low": round(figure.low, 4), "high": round(figure.high, 4)}

    names = (
        "macro",
        "micro",
        "exact",
        "safeguarding_recall",
        "immediate_recall",
        "immediate_among_others",
        "review_among_routine",
        "topic_reply_to_routine",
        "senders",
    )
    return {
        "messages": found.messages,
        **{name: plain(getattr(found, name)) for name in names},
        "flags_a_day": found.flags_a_day,
        "topics": {
            one.topic.value: {
                "positives": one.positives,
                "precision": round(one.precision, 4),
                "recall": round(one.recall, 4),
                "f1": plain(one.f1),
                "slope": None if one.slope is None else round(one.slope, 3),
            }
            for one in found.topics
        },
    }
