"""The words of a text as hashed features: single words, pairs of words, and pieces of words.

A linear model over them sees what the encoder may overlook: a rare word, a spelling, a fixed turn of phrase.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

_WORD: Final = re.compile(r"[a-z0-9']+|[^\sa-z0-9']")
_PIECES: Final = (3, 4, 5)
_LONGEST_TEXT: Final = 4000
"""Characters that are read: what a message is about is said early, and the time must stay bounded."""


def buckets(text: str, count: int, *, pieces: bool) -> NDArray[np.int64]:
    """Return the bucket, of ``count``, of every feature of a text; ``pieces`` adds the parts of words."""
    words = _WORD.findall(text[:_LONGEST_TEXT].lower().replace("\u2019", "'"))
    features = set(words)
    features.update(f"{first} {second}" for first, second in pairwise(words))
    if pieces:
        features.update(piece for word in set(words) for piece in _pieces(word))
    numbers = {crc32(feature.encode(errors="replace")) % count for feature in features}
    return np.fromiter(sorted(numbers), np.int64, len(numbers))


def _pieces(word: str) -> Iterator[str]:
    framed = f"<{word}>"
    for size in _PIECES:
        for start in range(len(framed) - size + 1):
            yield framed[start : start + size]
