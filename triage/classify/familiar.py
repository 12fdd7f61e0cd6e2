"""Whether a message is written in words that the classifier has met: of others it can say little.

Where a message lies among the network's own states does not tell: it puts Latin and recipes beside routine
mail, since neither is about any topic. Pieces of words that nothing of the training text held do tell.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FEWEST: Final = 2


@dataclass(frozen=True, slots=True)
class Familiar:
    """``pieces`` are the numbers of the vocabulary that the training text held.

    ``most`` is the share of other pieces up to which a message is read like those that were judged.
    """

    pieces: frozenset[int]
    most: float

    def is_far(self, pieces: Sequence[int]) -> bool:
        """Whether a message, as the numbers of its pieces, is far from everything that was taught."""
        strange = self.strange(pieces)
        return strange >= _FEWEST and strange > self.most * len(pieces)

    def strange(self, pieces: Sequence[int]) -> int:
        """Return how many of the pieces the training text did not hold."""
        return sum(piece not in self.pieces for piece in pieces)


def read_familiar(path: Path) -> Familiar:
    """Read the file that training wrote. Raises OSError, ValueError or KeyError where it is not one."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return Familiar(frozenset(document["pieces"]), float(document["most"]))
