"""What is weighed into a score: one row an output, one column a reader's opinion."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.classify.encoder import Logits
from triage.domain.model import Classification, Topic

IMMEDIATE: Final = "immediate"
"""The last output: a present danger, told plainly."""

OUTPUTS: Final = (*Topic, IMMEDIATE)
FEATURES: Final = ("constant", "message", "sentence", "second", "words", "phrases")
"""1; the network's logit for the message, for its strongest sentence and for the second one; the linear
model's logit; the score of the phrases (0 to 1)."""

Floats = NDArray[np.float32]


def features(read: Logits | None, words: Floats, said: Classification) -> Floats:
    """Return OUTPUTS x FEATURES; what was not read is 0."""
    table = np.zeros((len(OUTPUTS), len(FEATURES)), np.float32)
    table[:, 0] = 1
    if read is not None:
        ranked = np.sort(read.segments, axis=0) if len(read.segments) else read.message[None]
        table[:, 1], table[:, 2] = read.message, ranked[-1]
        table[:, 3] = ranked[max(0, len(ranked) - 2)]
    table[:, 4] = words
    table[: len(Topic), 5] = [said.scores.get(topic, 0.0) for topic in Topic]
    table[-1, 5] = float(said.immediate)
    return table
