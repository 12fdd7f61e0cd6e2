"""Names that are spelt nearly right: found through an index of shortened spellings, never the whole roster.

Every name is kept under the spellings that it has with a letter or two left out. A misspelt word shares one
of them with the name that was meant; rapidfuzz then measures how far the few candidates really are.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import combinations

from rapidfuzz.distance import OSA

_SHORTEST = 4
_LONG = 7  # from here on two slips are let through
_LONGEST = 16
_MOST = 6
_REMEMBERED = 20_000


class Spellings:
    """The atoms of names, found by spellings that are one slip away, or two in a long name."""

    def __init__(self, atoms: Iterable[str]) -> None:
        self._by_shortened: dict[str, list[str]] = {}
        for atom in sorted(set(atoms)):
            for shortened in _shortened(atom):
                self._by_shortened.setdefault(shortened, []).append(atom)
        # The same few thousand words come again and again.
        self._near = lru_cache(maxsize=_REMEMBERED)(self._look_up)

    def near(self, word: str) -> tuple[str, ...]:
        """Return the few atoms that a word may be meant for, the nearest first; () for a short word."""
        return self._near(word) if _SHORTEST <= len(word) <= _LONGEST else ()

    def _look_up(self, word: str) -> tuple[str, ...]:
        candidates = {
            atom for shortened in _shortened(word) for atom in self._by_shortened.get(shortened, ())
        }
        measured = ((OSA.distance(word, atom), atom) for atom in candidates if atom != word)
        return tuple(atom for slips, atom in sorted(measured) if slips <= _let_through(word, atom))[:_MOST]


def _let_through(word: str, atom: str) -> int:
    long = min(len(word), len(atom)) >= _LONG and word[0] == atom[0]
    return 2 if long else 1


def _shortened(word: str) -> Iterator[str]:
    """Yield a word, and the word without one letter, or two if it is long."""
    if not _SHORTEST <= len(word) <= _LONGEST:
        return
    yield word
    for count in (1, 2) if len(word) >= _LONG else (1,):
        for left_out in combinations(range(len(word)), count):
            yield _without(word, left_out)


def _without(word: str, left_out: tuple[int, ...]) -> str:
    """Return a word without the letters at some places."""
    for place in reversed(left_out):
        word = word[:place] + word[place + 1 :]
    return word
