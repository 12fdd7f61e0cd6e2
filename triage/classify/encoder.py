"""The trained network at work: a message's segments in, a logit a topic and segment out.

One pass reads the whole message, so that every sentence is understood beside the others ("he" is somebody).
Long mail is read in windows of whole segments.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.classify.runtime import session
from triage.classify.wordpiece import WordPiece

WINDOW: Final = 320
"""Tokens of one pass at most; the network was trained on no longer ones."""

_WINDOWS: Final = 4
"""Passes a message at most: who writes more than three pages has said it by then."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Logits:
    """What the network says: ``message`` (topics), ``segments`` (segments x topics), of which ``pieces``.

    Segments that were not read have the lowest logit that any read one has.
    """

    message: Floats
    segments: Floats
    pieces: tuple[int, ...]


class Encoder:
    """The network with its vocabulary. Thread-safe; one thread a message, for a server has other work."""

    def __init__(self, network: Path, vocabulary: Path) -> None:
        """Load both. Raises OSError or onnxruntime's own error where a file cannot be read."""
        self._session = session(network)
        self._pieces = WordPiece(vocabulary.read_text(encoding="utf-8").splitlines())
        self._start, self._stop = self._pieces.number("[CLS]"), self._pieces.number("[SEP]")

    def __call__(self, circumstances: str, segments: Sequence[str]) -> Logits:
        """Read a message. ``circumstances`` say in words what is not in its text; never raises for a text."""
        before = [self._start, *self._pieces(circumstances), self._stop]
        tokens = [self._pieces(segment) for segment in segments]
        read = [self._read(before, tokens, window) for window in islice(_windows(tokens, before), _WINDOWS)]
        lowest = np.min([logits.min(axis=0, initial=0.0) for _, logits in read], axis=0)
        found = np.tile(lowest, (len(segments), 1)).astype(np.float32)
        for (first, last), (_, logits) in zip(_windows(tokens, before), read, strict=False):
            found[first:last] = logits
        return Logits(
            message=np.max([message for message, _ in read], axis=0),
            segments=found,
            pieces=tuple(chain.from_iterable(tokens)),
        )

    def _read(
        self, before: Sequence[int], tokens: Sequence[Sequence[int]], window: tuple[int, int]
    ) -> tuple[Floats, Floats]:
        first, last = window
        room = WINDOW - len(before) - 1
        numbers = list(before)
        belongs = np.zeros((max(1, last - first), WINDOW), np.float32)
        for row, segment in enumerate(tokens[first:last]):
            kept = segment[: max(0, room - (len(numbers) - len(before)))]
            belongs[row, len(numbers) : len(numbers) + len(kept)] = 1 / max(1, len(kept))
            numbers.extend(kept)
        numbers.append(self._stop)
        message, logits = self._session.run(
            ["message", "segments"],
            {"tokens": np.array(numbers, np.int64), "belongs": belongs[:, : len(numbers)]},
        )
        return message, logits[: last - first]


def _windows(tokens: Sequence[Sequence[int]], before: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the segments of each pass as (first, after the last), at least one pass."""
    room = WINDOW - len(before) - 1
    first = used = 0
    for number, segment in enumerate(tokens):
        if used and used + len(segment) > room:
            yield first, number
            first, used = number, 0
        used += len(segment)
    yield first, len(tokens)
