"""Fits how the readers are weighed: on messages of hands that none of them was taught with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from triage.classify.combination import Combination
from triage.classify.features import FEATURES, OUTPUTS
from triage.domain.model import Topic

_STRENGTH = 0.3
_RECALL = {Topic.SAFEGUARDING: 0.97}
_EMPHASIS = {  # of recall over precision; 1 is the plain F1
    Topic.MEDICAL: 1.2,
    Topic.CONFIDENTIAL: 1.2,
    Topic.URGENT: 1.2,
}
_IMMEDIATE_FALSE = 0.002
"""How many of other people's messages may be taken for a present danger by the model: it wakes somebody."""

_STEPS = np.linspace(0.05, 0.95, 181)
_FEWEST = 12
_SMALLEST = 1e-3


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
    found[columns] = model.coef_[0] / size
    found[0] += model.intercept_[0]
    return found, scores


def _fitted(read: NDArray, labels: NDArray) -> LogisticRegression:
    return LogisticRegression(C=_STRENGTH, max_iter=500).fit(read, labels)


def _thresholds(scores: NDArray, labels: NDArray) -> list[float]:
    return [_threshold(scores[:, number], labels[:, number], output) for number, output in enumerate(OUTPUTS)]


def _threshold(scores: NDArray, labels: NDArray, output: str) -> float:
    """Return the threshold with the best F; for safeguarding one that finds nearly all."""
    if labels.sum() < _FEWEST:
        return 0.5
    if output not in set(Topic):
        false = [(scores[labels == 0] >= step).mean() for step in _STEPS]
        return float(
            next((step for step, share in zip(_STEPS, false, strict=True) if share <= _IMMEDIATE_FALSE), 0.9)
        )
    if output in _RECALL:
        recall = [(scores[labels == 1] >= step).mean() for step in _STEPS]
        fitting = [
            step for step, share in zip(_STEPS, recall, strict=True) if share >= _RECALL[Topic(output)]
        ]
        return float(max(fitting, default=_STEPS[0]))
    emphasis = _EMPHASIS.get(Topic(output), 1.0)
    quality = [_f(scores >= step, labels, emphasis) for step in _STEPS]
    best = np.flatnonzero(np.array(quality) >= max(quality) - 0.003)
    return float(_STEPS[best[len(best) // 2]])


def _f(found: NDArray, labels: NDArray, emphasis: float) -> float:
    right = (found & (labels == 1)).sum()
    square = emphasis**2
    return (1 + square) * right / max(1, square * labels.sum() + found.sum())
