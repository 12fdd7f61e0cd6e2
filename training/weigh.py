"""Fits how the readers are weighed: on messages of hands that none of them was taught with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from triage.classify.combination import Combination, logistic
from triage.classify.features import FEATURES, OUTPUTS
from triage.domain.model import Topic

_STRENGTH = 0.3
_RECALL = {Topic.SAFEGUARDING: 0.975}
_EMPHASIS = {  # of recall over precision; 1 is the plain F1
    Topic.MEDICAL: 1.2,
    Topic.CONFIDENTIAL: 1.2,
    Topic.URGENT: 1.2,
}
_IMMEDIATE_FALSE = 0.002
"""How many of other people's messages may be taken for a present danger by the model: it wakes somebody."""

_IDLE_FOUND = 0.023
"""How many messages about nothing may be taken for a sign of harm: somebody reads each of them."""

_STEPS = np.concatenate([np.geomspace(0.01, 0.05, 16)[:-1], np.linspace(0.05, 0.95, 181)])
_FEWEST = 12
_SMALLEST = 1e-3
_COUNTS = 0.05
_HARDLY = 1e3  # as good as no regularisation
_SURE = 1e-6


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of messages: features (messages x outputs x features) and labels (messages x outputs)."""

    features: NDArray[np.float32]
    labels: NDArray[np.int64]
    groups: NDArray[np.int64]


def weigh(seen: Seen, columns: Sequence[int]) -> Combination:
    """Fit the weights of the features in ``columns`` and the thresholds; the others weigh nothing."""
    weights = np.zeros((len(OUTPUTS), len(FEATURES)), np.float32)
    scores = np.zeros(seen.labels.shape, np.float32)
    for output in range(len(OUTPUTS)):
        weights[output], scores[:, output] = _weights(seen, output, [column for column in columns if column])
    return Combination(weights, np.array(_thresholds(scores, seen.labels), np.float32))


def _weights(seen: Seen, output: int, columns: list[int]) -> tuple[NDArray, NDArray]:
    """Return the weights of one output, and its scores with each group's weights fitted on the others."""
    read, labels = seen.features[:, output, columns], seen.labels[:, output]
    found = np.zeros(len(FEATURES), np.float32)
    scores = np.zeros(len(labels), np.float32)
    if labels.sum() < _FEWEST:
        found[0] = -6.0
        return found, scores
    size = np.maximum(read.std(0), _SMALLEST)
    for group in set(seen.groups):
        other = seen.groups != group
        if labels[other].sum() >= _FEWEST:
            model = _fitted(read[other] / size, labels[other])
            scores[~other] = model.predict_proba(read[~other] / size)[:, 1]
    model = _fitted(read / size, labels)
    slope, shift = _calibration(scores, labels)
    found[columns] = slope * model.coef_[0] / size
    found[0] = slope * model.intercept_[0] + shift
    return found, logistic(slope * _logit(scores) + shift)


def _calibration(scores: NDArray, labels: NDArray) -> tuple[float, float]:
    """Return how log odds are stretched and shifted, so that scores that matter mean what they say.

    Weights fitted on some hands are too sure of others. Fitted where a score may count: the many that are
    almost 0 would have the say otherwise (Platt, "Probabilistic outputs for support vector machines", 1999).
    """
    counts = scores > _COUNTS
    if not _FEWEST <= labels[counts].sum() <= counts.sum() - _FEWEST:
        return 1.0, 0.0
    fitted = LogisticRegression(C=_HARDLY).fit(_logit(scores[counts])[:, None], labels[counts])
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def _logit(scores: NDArray) -> NDArray:
    sure = np.clip(scores, _SURE, 1 - _SURE)
    return np.log(sure / (1 - sure))


def _fitted(read: NDArray, labels: NDArray) -> LogisticRegression:
    return LogisticRegression(C=_STRENGTH, max_iter=500).fit(read, labels)


def _thresholds(scores: NDArray, labels: NDArray) -> list[float]:
    idle = labels[:, : len(Topic)].sum(1) == 0
    return [
        _threshold(scores[:, number], labels[:, number], idle, output)
        for number, output in enumerate(OUTPUTS)
    ]


def _threshold(scores: NDArray, labels: NDArray, idle: NDArray, output: str) -> float:
    """Return the threshold with the best F; for safeguarding and immediate those that ``weigh`` tells of.

    ``idle`` are the messages about no topic at all.
    """
    if labels.sum() < _FEWEST:
        return 0.5
    if output not in set(Topic):
        return _first(scores[labels == 0], _IMMEDIATE_FALSE)
    if output in _RECALL:
        recall = [(scores[labels == 1] >= step).mean() for step in _STEPS]
        finding = [step for step, share in zip(_STEPS, recall, strict=True) if share >= _RECALL[output]]
        return max(float(max(finding, default=_STEPS[0])), _first(scores[idle], _IDLE_FOUND))
    emphasis = _EMPHASIS.get(Topic(output), 1.0)
    quality = [_f(scores >= step, labels, emphasis) for step in _STEPS]
    best = np.flatnonzero(np.array(quality) >= max(quality) - 0.003)
    return float(_STEPS[best[len(best) // 2]])


def _first(scores: NDArray, share: float) -> float:
    """Return the lowest threshold that so small a share of some scores is over."""
    return float(next((step for step in _STEPS if (scores >= step).mean() <= share), _STEPS[-1]))


def _f(found: NDArray, labels: NDArray, emphasis: float) -> float:
    right = (found & (labels == 1)).sum()
    square = emphasis**2
    return (1 + square) * right / max(1, square * labels.sum() + found.sum())
