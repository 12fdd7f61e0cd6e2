"""Text and names brought to one form, and the index by which names are found in a text.

A name is a tuple of *atoms*: "O'Connor-Reid" is ("oconnor", "reid"). Text is cut into atoms the same way,
so that finding a name is a look-up and costs the same for 200 pupils and for 2,000.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import TypeVar
from weakref import WeakKeyDictionary

from triage.domain.roster import Pupil, Roster

Atoms = tuple[str, ...]
_Key = TypeVar("_Key")

LONGEST_NAME = 8
_WHOLE_PART = 4  # shorter ones are "de" and "van"
_REMEMBERED = 0x3000
_APOSTROPHES = "\u2019\u2018\u02bc\u02bb\u2032\u00b4\uff07`"
_HYPHENS = "\u2010\u2011\u2012\u2013"
_SOFT_HYPHEN = "\u00ad"
_WHOLE_LETTERS = {  # letters that are no base letter with an accent
    "\u0131": "i",
    **dict(zip("łŁøØđĐðÐ", "lLoOdDdD", strict=True)),
    **dict(zip("æÆœŒßþÞ", ("ae", "Ae", "oe", "Oe", "ss", "th", "Th"), strict=True)),
}
_LETTERS = {
    **_WHOLE_LETTERS,
    **dict.fromkeys(_APOSTROPHES, "'"),
    **dict.fromkeys(_HYPHENS, "-"),
    _SOFT_HYPHEN: "",
}
_TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?\n\r:]")


class _Fold(dict[int, str]):
    """Maps a letter to its base letter, for str.translate; one letter at a time keeps it linear."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        folded = _LETTERS.get(letter)
        if folded is None:
            parts = unicodedata.normalize("NFKD", letter)
            folded = "".join(part for part in parts if not unicodedata.combining(part))
        if code < _REMEMBERED:
            self[code] = folded
        return folded


_FOLD = _Fold()


def fold(text: str) -> str:
    """Return a text without accents, its apostrophes and hyphens plain; case and line breaks stay. Linear."""
    return text if text.isascii() and "`" not in text else text.translate(_FOLD)


@dataclass(frozen=True, slots=True)
class Word:
    """One atom of a text. ``title`` is true for "Will" and false for "will" and "WILL".

    ``joined`` is true when only spaces or a hyphen stand between it and the atom before.
    """

    atom: str
    title: bool
    possessive: bool
    joined: bool
    starts_sentence: bool
    starts_line: bool


def words_of(text: str) -> tuple[Word, ...]:
    """Cut a text into atoms, linear in its length."""
    return tuple(_words(fold(text)))


def atoms_of(name: str) -> Atoms:
    """Return a name's atoms: "Anne-Marie" and "Anne Marie" are the same name, "O'Connor" is ("oconnor",)."""
    return tuple(word.atom for word in _words(fold(name)))


def _words(folded: str) -> Iterator[Word]:
    end = 0
    for token in _TOKEN.finditer(folded):
        between = folded[end : token.start()]
        starts_line = end == 0 or "\n" in between
        starts_sentence = starts_line or _SENTENCE_END.search(between) is not None
        end = token.end()
        pieces = token[0].split("-")
        for number, piece in enumerate(pieces):
            bare = piece.removesuffix("'s").removesuffix("'S")
            yield Word(
                atom=bare.replace("'", "").lower(),
                title=bare[:1].isupper() and (len(bare) == 1 or not bare.isupper()),
                possessive=bare != piece or folded[end : end + 1] == "'",
                joined=number > 0 or (not starts_line and between.isspace()),
                starts_sentence=starts_sentence and number == 0,
                starts_line=starts_line and number == 0,
            )


def given_names(pupil: Pupil) -> frozenset[Atoms]:
    """Return the names by which a pupil is called: the given name, its first part, the known-as name."""
    whole = [atoms_of(name) for name in (pupil.given, pupil.known_as)]
    first = [atoms_of(pupil.given.split()[0])] if pupil.given.split() else []
    return frozenset(name for name in (*whole, *first) if name)


def family_names(pupil: Pupil) -> frozenset[Atoms]:
    """Return the family name, each part of a double one, and "O Connor" for "O'Connor"."""
    whole = atoms_of(pupil.family)
    spaced = atoms_of(fold(pupil.family).replace("'", " "))
    parts = [atoms_of(part) for part in re.split(r"[-\s]+", fold(pupil.family)) if len(part) >= _WHOLE_PART]
    return frozenset(name for name in (whole, spaced, *parts) if name)


class NameIndex:
    """A roster's names by their atoms, built once. A look-up costs the same whatever the roster's size."""

    def __init__(self, roster: Roster) -> None:
        self.full: dict[Atoms, tuple[str, ...]] = {}
        self.reversed: dict[Atoms, tuple[str, ...]] = {}
        self.given: dict[Atoms, bool] = {}
        self.families: set[Atoms] = set()
        self.in_class: dict[tuple[Atoms, str], tuple[str, ...]] = {}
        self.forms: dict[Atoms, str] = {}
        self.year_of: dict[str, int] = {}
        self.labels: dict[str, tuple[str, str]] = {}
        self.homes: dict[str, set[str]] = {}
        for pupil in roster.pupils.values():
            self._add(pupil)
        for guardian in roster.guardians:
            for child in guardian.pupils:
                self.homes.setdefault(child, set()).add(guardian.id)
        lengths = (len(name) for name in (*self.full, *self.given))
        self.longest = min(LONGEST_NAME, max(lengths, default=0))
        self.first_atoms = frozenset(name[0] for name in (*self.full, *self.reversed, *self.given))

    def is_in(self, pupil: str, label: str) -> bool:
        """Whether a pupil is in a form or year by its label."""
        return label in self.labels.get(pupil, ())

    def share_a_home(self, pupils: Iterable[str]) -> bool:
        """Whether one guardian has all of these pupils."""
        return bool(set.intersection(*(self.homes.get(pupil, set()) for pupil in pupils)))

    def _add(self, pupil: Pupil) -> None:
        form = atoms_of(pupil.form)
        label = form_label(form)
        if any(character.isdigit() for character in label):
            self.forms[form] = self.forms[label,] = label
        self.labels[pupil.id] = (label, year_label(pupil.year))
        self.year_of[label] = self.year_of[year_label(pupil.year)] = pupil.year
        for family in family_names(pupil):
            self.families.add(family)
        for given in given_names(pupil):
            self.given[given] = is_word_name(given)
            for place in (label, year_label(pupil.year)):
                _put(self.in_class, (given, place), pupil.id)
        for given, family in product(given_names(pupil), family_names(pupil)):
            _put(self.full, given + family, pupil.id)
            _put(self.reversed, family + given, pupil.id)


_INDEXES: "WeakKeyDictionary[Roster, NameIndex]" = WeakKeyDictionary()


def index_of(roster: Roster) -> NameIndex:
    """Return a roster's index, built on the first call and kept as long as the roster lives."""
    index = _INDEXES.get(roster)
    if index is None:
        index = _INDEXES[roster] = NameIndex(roster)
    return index


def form_label(form: Atoms) -> str:
    """Return one spelling of a form: "8 B", "8-B" and "8b" are one."""
    return "".join(form)


def year_label(year: int) -> str:
    """Return the key of a year, apart from every form's."""
    return f"year {year}"


def is_word_name(given: Atoms) -> bool:
    """Whether a given name is an English word too, so that the bare word shows nothing."""
    return len(given) == 1 and given[0] in _WORD_NAMES


def _put(index: dict[_Key, tuple[str, ...]], key: _Key, pupil: str) -> None:
    known = index.get(key, ())
    if pupil not in known:
        index[key] = (*known, pupil)


_WORD_NAMES = frozenset(
    """
    amber angel april archer art ash august autumn basil bay bill blessing bob brook carol carter
    chance charity charm chase clay cliff constance cooper crystal daisy dale dawn dean destiny drew
    duke earl eve faith favour felicity fern finch frank gene gift glen grace grant happy harmony
    harper hazel heath heather holly honor honour hope hunter iris ivy jade jay joy june justice
    king kit lance lily major mark marvel mason may melody mercy merry miles misty nick noel olive
    page parker pat patience pearl penny pierce pleasant poppy porter precious prince princess
    prudence ray reed rex rich river rob robin rose rosemary royal ruby rusty sage sandy saint sky
    star stone storm sue summer sunny tab tanner taylor terry treasure trinity trip tyler verity
    violet wade will willow wisdom wren
    """.split()  # noqa: SIM905 - a list of a hundred names reads better as text
)
