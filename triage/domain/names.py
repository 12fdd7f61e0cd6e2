"""Text and names brought to one form, and the index by which names are found in a text.

A name is a tuple of *atoms*: "O'Connor-Reid" is ("oconnor", "reid"). Text is cut into atoms the same way,
so that finding a name is a look-up and costs the same for 200 pupils and for 2,000.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product
from typing import NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from triage.domain.roster import Pupil, Roster
from triage.domain.short_names import forms_of
from triage.domain.spelling import Spellings

Atoms = tuple[str, ...]
_Key = TypeVar("_Key")

LONGEST_NAME = 8
_WHOLE_PART = 4  # shorter ones are "de" and "van"
_REMEMBERED = 0x3000
_WORDS_REMEMBERED = 20_000
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
_INITIAL_BEFORE = re.compile(r"(?:^|[^\W_]?[\s(])[A-Z]$")  # "Jake T. Pole"
_AFTER_INITIAL = 3
_NOT_IN_A_NAME = re.compile(r"[^\s.\-]")
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


class Word(NamedTuple):
    """One atom of a text. ``title`` is true for "Will" and false for "will" and "WILL".

    ``joined`` is true when only spaces or a hyphen stand between it and the atom before; ``broken`` when a
    sign does that no name holds ("Rose & Bell"). ``shouted`` is true for "WILL". ``start`` and ``end`` are
    offsets in the folded text.
    """

    atom: str
    title: bool
    possessive: bool
    joined: bool
    starts_sentence: bool
    starts_line: bool
    broken: bool
    shouted: bool
    start: int
    end: int


def words_of(text: str) -> tuple[Word, ...]:
    """Cut a text into atoms, linear in its length."""
    return tuple(_words(fold(text)))


def atoms_of(name: str) -> Atoms:
    """Return a name's atoms: "Anne-Marie" and "Anne Marie" are the same name, "O'Connor" is ("oconnor",)."""
    return tuple(word.atom for word in _words(fold(name)))


def _words(folded: str) -> Iterator[Word]:
    end = 0
    for token in _TOKEN.finditer(folded):
        at, stop = token.span()
        gap = _gap(folded, end, at)
        end = stop
        after = folded[end : end + 1]
        for piece in token[0].split("-"):
            bare = piece.removesuffix("'s").removesuffix("'S")
            upper, long = bare.isupper(), len(bare) > 1
            yield Word(
                bare.replace("'", "").lower(),  # atom
                bare[:1].isupper() and not (upper and long),  # title
                bare != piece or after == "'",  # possessive
                *gap,
                upper and long,  # shouted
                at,
                at + len(bare),
            )
            at += len(piece) + 1
            gap = _HYPHEN


class _Gap(NamedTuple):
    """What stands between two words."""

    joined: bool
    starts_sentence: bool
    starts_line: bool
    broken: bool


_SPACE = _HYPHEN = _Gap(joined=True, starts_sentence=False, starts_line=False, broken=False)


def _gap(folded: str, end: int, start: int) -> _Gap:
    """Return what stands between the word that ends at ``end`` and the one that starts at ``start``."""
    between = folded[end:start]
    if between == " " and end:
        return _SPACE
    gap = _gap_of(between)
    if not end:
        return gap._replace(joined=False, starts_sentence=True, starts_line=True)
    if gap.starts_sentence and not gap.starts_line and len(between) < _AFTER_INITIAL:
        return gap._replace(starts_sentence=not _INITIAL_BEFORE.search(folded[max(0, end - 2) : end]))
    return gap


@lru_cache(maxsize=1_000)  # a few stand between nearly all words
def _gap_of(between: str) -> _Gap:
    starts_line = "\n" in between
    return _Gap(
        joined=not starts_line and between.isspace(),
        starts_sentence=starts_line or _SENTENCE_END.search(between) is not None,
        starts_line=starts_line,
        broken=_NOT_IN_A_NAME.search(between) is not None,
    )


def given_names(pupil: Pupil) -> frozenset[Atoms]:
    """Return the names by which a pupil is called: the given name, its first part, the known-as name."""
    whole = [atoms_of(name) for name in (pupil.given, pupil.known_as)]
    first = [atoms_of(pupil.given.split()[0])] if pupil.given.split() else []
    return frozenset(name for name in (*whole, *first, *map(_run_together, whole)) if name)


def short_names(pupil: Pupil) -> frozenset[Atoms]:
    """Return further forms of the given names: "Will" for William, "Thomas" for Tom, "Mary" for Mary-Ann.

    They are names of the pupil only where they are nobody's real name.
    """
    called = given_names(pupil)
    forms = {(form,) for name in called if len(name) == 1 for form in forms_of(name[0])}
    parts = {(name[0],) for name in called if len(name) > 1 and len(name[0]) >= _WHOLE_PART}
    return frozenset(forms | parts) - called


def family_names(pupil: Pupil) -> frozenset[Atoms]:
    """Return the family name, each part of a double one, and "O Connor" for "O'Connor"."""
    whole = atoms_of(pupil.family)
    spaced = atoms_of(fold(pupil.family).replace("'", " "))
    parts = [atoms_of(part) for part in re.split(r"[-\s]+", fold(pupil.family)) if len(part) >= _WHOLE_PART]
    return frozenset(name for name in (whole, spaced, *parts, _run_together(whole)) if name)


def _run_together(name: Atoms) -> Atoms:
    """Return "maryann" for "Mary-Ann"."""
    return ("".join(name),) if name else ()


Found = dict[Atoms, tuple[str, ...]]


class NameIndex:
    """A roster's names by their atoms, built once. A look-up costs the same whatever the roster's size.

    Short forms stand apart, because a real name goes before them.
    """

    def __init__(self, roster: Roster) -> None:
        self._full: Found = {}
        self._full_short: Found = {}
        self._reversed: Found = {}
        self._called: Found = {}
        self._called_short: Found = {}
        self._in_class: dict[tuple[Atoms, str], tuple[str, ...]] = {}
        self._in_class_short: dict[tuple[Atoms, str], tuple[str, ...]] = {}
        self.families: set[Atoms] = set()
        self.forms: dict[Atoms, str] = {}
        self.year_of: dict[str, int] = {}
        self.labels: dict[str, tuple[str, str]] = {}
        self.homes: dict[str, set[str]] = {}
        self.initials: dict[str, frozenset[str]] = {}
        self.given_names: dict[str, frozenset[Atoms]] = {}
        self.short_names: dict[str, frozenset[Atoms]] = {}
        for pupil in roster.pupils.values():
            self._add(pupil)
        for guardian in roster.guardians:
            for child in guardian.pupils:
                self.homes.setdefault(child, set()).add(guardian.id)
        names = (*self._full, *self._full_short, *self._called, *self._called_short)
        self.longest = min(LONGEST_NAME, max(map(len, names), default=0))
        self.first_atoms = frozenset(name[0] for name in (*names, *self._reversed))
        self._spellings = Spellings(atom for name in (*self._called, *self.families) for atom in name)
        # The same few thousand words come again and again.
        self.may_begin = lru_cache(maxsize=_WORDS_REMEMBERED)(self._may_begin)

    def full(self, name: Atoms) -> tuple[str, ...]:
        """Return the pupils of "given family"."""
        return self._full.get(name) or self._full_short.get(name, ())

    def reversed(self, name: Atoms) -> tuple[str, ...]:
        """Return the pupils of "family given"."""
        return self._reversed.get(name, ())

    def called(self, given: Atoms) -> tuple[str, ...]:
        """Return the pupils of a given name."""
        return self._called.get(given) or self._called_short.get(given, ())

    def really_called(self, given: Atoms) -> tuple[str, ...]:
        """Return the pupils whose own name it is, no short form of it."""
        return self._called.get(given, ())

    def called_in(self, given: Atoms, label: str) -> tuple[str, ...]:
        """Return the pupils of a given name in a form or a year."""
        return self._in_class.get((given, label)) or self._in_class_short.get((given, label), ())

    def near(self, atom: str) -> tuple[str, ...]:
        """Return the atoms of names of which a word may be a misspelling; () for a name that is one."""
        return () if (atom,) in self._called or (atom,) in self.families else self._spellings.near(atom)

    def _may_begin(self, atom: str) -> bool:
        """Whether a name can begin with a word: as it is spelt, with a slip, or with the s of "Jakes bag"."""
        spelt = atom in self.first_atoms or bool(self.called((atom,))) or (atom,) in self.families
        return spelt or bool(self.near(atom)) or bool(self.called((atom.removesuffix("s"),)))

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
        families = family_names(pupil)
        self.families |= families
        self.initials[pupil.id] = frozenset(family[0][0] for family in families)
        self.given_names[pupil.id], self.short_names[pupil.id] = given_names(pupil), short_names(pupil)
        for given in given_names(pupil):
            self._add_given(pupil.id, given, self._called, self._in_class)
        for given in short_names(pupil):
            self._add_given(pupil.id, given, self._called_short, self._in_class_short)
        for given, family in product(given_names(pupil), families):
            _put(self._full, given + family, pupil.id)
            _put(self._reversed, family + given, pupil.id)
        for given, family in product(short_names(pupil), families):
            _put(self._full_short, given + family, pupil.id)

    def _add_given(
        self,
        pupil: str,
        given: Atoms,
        called: Found,
        in_class: dict[tuple[Atoms, str], tuple[str, ...]],
    ) -> None:
        _put(called, given, pupil)
        for place in self.labels[pupil]:
            _put(in_class, (given, place), pupil)


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


def _put(index: dict[_Key, tuple[str, ...]], key: _Key, pupil: str) -> None:
    known = index.get(key, ())
    if pupil not in known:
        index[key] = (*known, pupil)
