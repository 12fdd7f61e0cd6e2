"""Names with a slip in them: "Milie Hartnell", "Samer, 8A". The few candidates come from the index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from triage.domain.names import NameIndex, Word
from triage.domain.word_names import is_word_family, is_word_name

_LATER = 2


@dataclass(frozen=True, slots=True)
class Misspelt:
    """What a word or two may be meant for: pupils by full name, or a given name alone, which is ``weak``."""

    length: int
    pupils: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    weak: bool = False


def misspelt_at(words: Sequence[Word], place: int, index: NameIndex) -> Misspelt | None:
    """Return the name that the words at a place are meant for, None if none is near. Bounded work."""
    word = words[place]
    near = _options(word, index)
    if not near:
        return None
    return _full(words, place, near, index) or _given(words, place, near, index)


def _full(words: Sequence[Word], place: int, near: tuple[str, ...], index: NameIndex) -> Misspelt | None:
    """Return the pupils of "Milie Hartnell", "Hartnel Millie"; one of the two words must have a capital."""
    if place + 1 >= len(words) or words[place + 1].starts_sentence or words[place + 1].broken:
        return None
    first, second = words[place], words[place + 1]
    for left, right in product(near, _options(second, index)):
        slips = (left != first.atom) + (right != second.atom)
        if not slips or not _is_written_as_a_name(first, second, slips):
            continue
        pupils = index.full((left, right)) or index.reversed((left, right))
        if pupils:
            return Misspelt(_LATER, pupils)
    return None


def _is_written_as_a_name(first: Word, second: Word, slips: int) -> bool:
    if first.title and second.title:
        return True
    plain = not is_word_name((first.atom,)) and not is_word_family((second.atom,))
    return slips == 1 and plain


def _given(words: Sequence[Word], place: int, near: tuple[str, ...], index: NameIndex) -> Misspelt | None:
    """Return a given name for a word with a capital that it does not owe to its place ("Make sure")."""
    word = words[place]
    opens = word.starts_sentence and place + 1 < len(words) and words[place + 1].joined
    if not word.title or opens:
        return None
    fitting = [
        atom for atom in near if atom != word.atom and index.called((atom,)) and not is_word_name((atom,))
    ]
    return Misspelt(1, given=(fitting[0],), weak=True) if len(fitting) == 1 else None


def _options(word: Word, index: NameIndex) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_spelt(word, index)))


def _spelt(word: Word, index: NameIndex) -> Iterator[str]:
    if (word.atom,) in index.families or index.called((word.atom,)):
        yield word.atom
    else:
        yield from index.near(word.atom)
