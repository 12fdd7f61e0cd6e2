"""Fits the linear model: logistic regression an output over hashed words, weighed by how rare they are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from prepare import Prepared
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from triage.classify.features import OUTPUTS
from triage.classify.words import buckets

STRENGTH = 30.0
BUCKETS = {True: 1 << 16, False: 1 << 15}
"""How many buckets, with the parts of words and without."""

_LIMIT = 6.0
"""What an output that the training text lacks is given: never found."""


@dataclass(frozen=True, slots=True)
class Table:
    """A row a bucket: how rare it is, then a weight an output; and a constant an output."""

    weights: NDArray[np.float16]
    constants: NDArray[np.float32]


def fit(messages: Sequence[Prepared], *, pieces: bool) -> Table:
    """Fit a table; ``pieces`` adds the parts of words."""
    counted = _counted([text_of(one, pieces=pieces) for one in messages], pieces=pieces)
    rare = np.log((1 + len(messages)) / (1 + np.asarray((counted > 0).sum(0)).ravel())) + 1
    read = _normed(counted.multiply(rare).tocsr())
    labels = np.array([one.labels for one in messages])
    weights = np.zeros((BUCKETS[pieces], len(OUTPUTS) + 1), np.float32)
    weights[:, 0] = rare
    constants = np.full(len(OUTPUTS), -_LIMIT, np.float32)
    for column in range(len(OUTPUTS)):
        if 0 < labels[:, column].sum() < len(messages):
            model = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=200, random_state=0)
            model.fit(read, labels[:, column])
            weights[:, column + 1], constants[column] = model.coef_[0], model.intercept_[0]
    weights[np.asarray((counted > 0).sum(0)).ravel() == 0, 1:] = 0
    return Table(weights.astype(np.float16), constants)


def text_of(message: Prepared, *, pieces: bool) -> str:
    """Return what the linear model reads of a message."""
    return message.view.text if pieces else message.example.message.classified_text


def _counted(texts: Sequence[str], *, pieces: bool) -> csr_matrix:
    rows = [buckets(text, BUCKETS[pieces], pieces=pieces) for text in texts]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    columns = np.concatenate(rows)
    return csr_matrix(
        (np.ones(len(columns), np.float32), columns, starts), shape=(len(texts), BUCKETS[pieces])
    )


def _normed(matrix: csr_matrix) -> csr_matrix:
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(1))).ravel()
    return csr_matrix(matrix.multiply(1 / np.maximum(length, 1e-9)[:, None]))
