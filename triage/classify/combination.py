"""From what several readers say of a message to one score a topic: a weighted sum and a logistic curve.

The weights were fitted on messages that none of the readers was trained on, and after the network was
quantised, so a score is a probability: of the messages with 0.7 about seven in ten are about the topic.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.classify.features import FEATURES

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Combination:
    """Weights (topics x features) and thresholds (topics), for mail of people and for mail of machines."""

    weights: Floats
    thresholds: Floats

    def scores(self, features: Floats) -> Floats:
        """Return a probability a topic from features (topics x features)."""
        return logistic((self.weights * features).sum(axis=1))


def combination(document: Mapping[str, Any], topics: Sequence[str]) -> Combination:
    """Read the weights of a card. Raises KeyError or ValueError where the card is not one of this program."""
    weights = np.array([document["weights"][topic] for topic in topics], np.float32)
    thresholds = np.array([document["thresholds"][topic] for topic in topics], np.float32)
    if weights.shape != (len(topics), len(FEATURES)):
        raise ValueError(f"the weights have the shape {weights.shape}")
    return Combination(weights, thresholds)


def logistic(values: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)) of each value, without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * values)), np.float32)
