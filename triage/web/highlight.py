"""Evidence marked in a text: the text in pieces, each with the topics that it shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from triage.domain.model import Evidence
from triage.store.cases import Letter

SHOWN = 20_000
"""Characters of a text that stand on a page; all of it is a page of its own."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; ``topics`` are those whose evidence covers it, none for plain text."""

    text: str
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Marked:
    """A letter with its evidence marked. ``rest`` is all its text, if some of that was not classified.

    Of a long text there is the beginning; ``left`` is how many characters are left out.
    """

    letter: Letter
    subject: list[Piece]
    body: list[Piece]
    rest: str
    left: int = 0


def marked(letter: Letter) -> Marked:
    """Mark a letter: what was classified is its subject, a line break and what the sender wrote now."""
    whole, cut = letter.classified, len(letter.subject)
    marks_subject = whole.startswith(f"{letter.subject}\n")
    first = cut + 1 if marks_subject else 0
    rest = _rest(letter)
    return Marked(
        letter,
        subject=pieces(whole, letter.evidence, 0, cut) if marks_subject else [Piece(letter.subject)],
        body=pieces(whole, letter.evidence, first, min(len(whole), first + SHOWN)),
        rest=rest[:SHOWN],
        left=max(0, len(rest or whole[first:]) - SHOWN),
    )


def pieces(text: str, evidence: Sequence[Evidence], first: int = 0, last: int | None = None) -> list[Piece]:
    """Cut ``text[first:last]`` at the edges of its evidence; joined again the pieces are that text.

    Evidence may overlap. What lies outside of the text marks nothing.
    """
    last = len(text) if last is None else last
    edges = {edge for each in evidence for edge in (each.start, each.end) if first < edge < last}
    return [
        Piece(text[start:end], _topics(evidence, start, end))
        for start, end in pairwise(sorted({first, *edges, last}))
    ]


def _topics(evidence: Sequence[Evidence], start: int, end: int) -> tuple[str, ...]:
    over = (each.topic.value for each in evidence if each.start <= start and end <= each.end)
    return tuple(dict.fromkeys(over))


def _rest(letter: Letter) -> str:
    """Return all the text where some of it, a quotation or a signature, was not classified."""
    return "" if letter.text.strip() in letter.classified else letter.text
