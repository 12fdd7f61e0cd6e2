"""Whether the artefact scores here as it did where it was built: int8 arithmetic depends on the processor."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.classify.artefact import Artefact, ArtefactError
from triage.classify.combination import Combination
from triage.classify.encoder import Encoder
from triage.classify.features import features
from triage.classify.linear import Linear
from triage.domain.model import Classification

DRIFT: Final = 0.02


def score(
    encoder: Encoder, linear: Linear, people: Combination, circumstances: str, segments: Sequence[str]
) -> NDArray[np.float32]:
    """Return the score of each output for a golden message, the phrases left aside."""
    words = linear(" ".join(segments), machine=False)
    return people.scores(features(encoder(circumstances, segments), words, Classification("")))


def check_golden(artefact: Artefact) -> None:
    """Score the golden messages again. Raises ArtefactError when a score has drifted by more than DRIFT."""
    for held in artefact.golden:
        readers = artefact.encoder, artefact.linear, artefact.people
        scores = score(*readers, held["circumstances"], held["segments"])
        drift = float(np.abs(scores - np.array(held["scores"], np.float32)).max())
        if not drift <= DRIFT:  # what is no number is no score either
            raise ArtefactError(
                f"the classifier scores differently on this machine than where it was built: by {drift:.3f} "
                f"where {DRIFT} is allowed, so its figures would not hold here. Install the program's "
                f"packages again; if that does not help, tell the maintainers the kind of processor."
            )
