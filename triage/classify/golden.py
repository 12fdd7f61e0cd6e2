"""Whether the artefact scores here as it did where it was built: int8 arithmetic depends on the processor."""

from typing import Final

import numpy as np

from triage.classify.artefact import Artefact, ArtefactError
from triage.classify.features import features
from triage.domain.model import Classification

DRIFT: Final = 0.02


def check_golden(artefact: Artefact) -> None:
    """Score the golden messages again. Raises ArtefactError when a score has drifted by more than DRIFT."""
    for held in artefact.golden:
        read = artefact.encoder(held["circumstances"], held["segments"])
        words = artefact.linear(" ".join(held["segments"]), machine=False)
        scores = artefact.people.scores(features(read, words, Classification("")))
        drift = float(np.abs(scores - np.array(held["scores"], np.float32)).max())
        if not drift <= DRIFT:  # what is no number is no score either
            raise ArtefactError(
                f"the classifier scores differently on this machine than where it was built: by {drift:.3f} "
                f"where {DRIFT} is allowed, so its figures would not hold here. Install the program's "
                f"packages again; if that does not help, tell the maintainers the kind of processor."
            )
