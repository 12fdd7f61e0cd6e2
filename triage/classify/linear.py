"""The linear model over hashed words: a table of weights, a row a bucket and a column an output."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.classify.runtime import session
from triage.classify.words import buckets

_TABLES: Final = ("people", "machines")


class Linear:
    """A logit an output from the words of a text. Thread-safe.

    There are two tables: one over words and their pieces, for what people write, and one over whole words
    alone, for the mail of machines, which is long, plentiful and quick to tell.
    """

    def __init__(self, tables: Path) -> None:
        """Load the tables. Raises OSError or onnxruntime's own error where the file cannot be read."""
        held = session(tables).run(
            [f"{table}.{part}" for table in _TABLES for part in ("weights", "constants")], {}
        )
        self._people, self._machines = (held[0], held[1]), (held[2], held[3])

    def __call__(self, text: str, *, machine: bool) -> NDArray[np.float32]:
        """Return the logits of a text; never raises, linear in its length up to what is read of it."""
        table = self._machines if machine else self._people
        return logits(*table, text, pieces=not machine)


def logits(
    weights: NDArray[np.float16], constants: NDArray[np.float32], text: str, *, pieces: bool
) -> NDArray[np.float32]:
    """Return a text's logits by one table: a row a bucket, how rare it is and then a weight an output."""
    rows = weights[buckets(text, len(weights), pieces=pieces)].astype(np.float32)
    idf, columns = rows[:, :1], rows[:, 1:]
    length = float(np.sqrt((idf**2).sum())) or 1.0
    return np.asarray((idf * columns).sum(axis=0) / length + constants, np.float32)
