"""Text without names: the model must know who is talked about, and nothing more of them.

Every pupil of the message has one name, every other pupil another, every member of staff a third. So no name,
nor the gender or the origin that it tells of, moves a score.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

from triage.domain.model import Name, Named

STAND_INS: Final = {Named.PUPIL: "Robin", Named.OTHER_PUPIL: "Jordan", Named.STAFF: "Mr Smith"}


def masked(text: str, start: int, end: int, names: Sequence[Name]) -> str:
    """Return text[start:end] with the names in it replaced, whole ones and what is cut off of one.

    ``names`` are in order, none inside another. Linear in the stretch, however many names the text holds.
    """
    pieces: list[str] = []
    first = bisect_right(names, start, key=lambda name: name.end)
    last = bisect_left(names, end, key=lambda name: name.start)
    for name in names[first:last]:
        pieces += [text[start : name.start], STAND_INS[name.whose]]
        start = name.end
    return "".join([*pieces, text[start:end]])
