"""Finds the pupils' names, the forms and the years that a text mentions; who is meant is told elsewhere."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from operator import itemgetter

from triage.domain.names import Atoms, NameIndex, Word, form_label, is_word_name, year_label

_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "sir", "madam", "prof", "professor"})
_GREETINGS = frozenset({"dear", "hi", "hello", "hey", "morning", "afternoon", "evening", "annwyl"})
_YEAR_WORDS = frozenset({"year", "yr", "y", "years"})
_YEARS = range(1, 14)
_NOT_INITIALS = frozenset({"a", "i"})
_BESIDE = 4
_AND = frozenset({"and", "a", "i", "und", "et", "y"})
_AS_A_PERSON = frozenset(
    """
    is isnt was wasnt has hasnt had hadnt will wont does doesnt did didnt can cant could couldnt needs need
    went came says said told feels felt seems got gets goes left lost forgot hurt loves likes wants and
    """.split()  # noqa: SIM905 - words in a row read better as text
)
_BEFORE_A_PERSON = frozenset(
    """
    son daughter child grandson granddaughter boy girl for about re called named with that ask tell let
    collect
    """.split()  # noqa: SIM905 - words in a row read better as text
)
_MONTHS = frozenset({"april", "may", "june", "august"})
_BEFORE_A_MONTH = frozenset(
    {"in", "by", "of", "until", "till", "from", "since", "last", "next", "this", "early", "late"}
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text, from atom ``start`` (in) to ``end`` (out).

    ``pupils`` are those whose full name it is; it is empty, and ``given`` is set, for a given name alone.
    """

    start: int
    end: int
    pupils: tuple[str, ...] = ()
    given: Atoms = ()
    initial: str = ""


def mentions(words: Sequence[Word], index: NameIndex) -> tuple[Mention, ...]:
    """Return every name in order, the longest at each place. Linear in the text."""
    atoms = _atoms(words)
    found: list[Mention] = []
    place = 0
    while place < len(words):
        mention = _mention_at(words, atoms, place, index) if atoms[place] in index.first_atoms else None
        if mention is None:
            place += 1
            continue
        place = mention.end
        if mention.pupils or _is_a_person(words, mention, index):
            found.append(mention)
    return tuple(_with_family(words, found, index))


def _with_family(words: Sequence[Word], found: Sequence[Mention], index: NameIndex) -> Iterator[Mention]:
    """Give the first of "Amira and Zoe Haddad" the family name that stands after the second."""
    for mention, following in zip_longest(found, found[1:]):
        shared: tuple[str, ...] = ()
        if following and mention.given and following.pupils and _are_joined(words, mention, following):
            family = _atoms(words[following.start + 1 : following.end])
            shared = index.full.get(mention.given + family, ())
        yield replace(mention, pupils=shared, given=()) if shared else mention


def _are_joined(words: Sequence[Word], first: Mention, second: Mention) -> bool:
    between = words[first.end : second.start]
    return len(between) == 1 and between[0].atom in _AND


def classes(words: Sequence[Word], index: NameIndex) -> tuple[tuple[int, str], ...]:
    """Return the forms and years that a text names, each with its place: "8B", "8 B", "Year 8", "Y8"."""
    found = ((place, _class_at(words, place, index)) for place in range(len(words)))
    return tuple((place, label) for place, label in found if label)


def classes_beside(mention: Mention, named: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    """Return the forms and years that stand within a few words of a name; ``named`` is in order of place."""
    first = bisect_left(named, mention.start - _BESIDE, key=itemgetter(0))
    last = bisect_left(named, mention.end + _BESIDE, key=itemgetter(0))
    return tuple(label for _, label in named[first:last])


def _mention_at(words: Sequence[Word], atoms: Atoms, place: int, index: NameIndex) -> Mention | None:
    longest = min(index.longest + 1, len(words) - place)
    for length in range(longest, 1, -1):
        key = atoms[place : place + length]
        pupils = _full_name(words, place, key, index) or _reversed_name(words, place, key, index)
        if pupils:
            return Mention(place, place + length, pupils)
    for length in range(longest, 0, -1):
        given = atoms[place : place + length]
        if given in index.given:
            return Mention(place, place + length, given=given, initial=_initial(words, place + length))
    return None


def _full_name(words: Sequence[Word], place: int, key: Atoms, index: NameIndex) -> tuple[str, ...]:
    """Return the pupils of "given family", with one middle name or initial let through."""
    pupils = index.full.get(key, ())
    if not pupils and len(key) > 2 and (words[place + 1].title or len(key[1]) == 1):  # noqa: PLR2004 - a middle name
        pupils = index.full.get((key[0], *key[2:]), ())
    if not pupils or not _in_one_sentence(words, place, len(key)):
        return ()
    capitals = words[place].title and words[place + len(key) - 1].title
    return pupils if capitals or not is_word_name(key[:1]) else ()


def _reversed_name(words: Sequence[Word], place: int, key: Atoms, index: NameIndex) -> tuple[str, ...]:
    """Return the pupils of "Family, given" or "Family Given", but not of "Dear Mrs Brand, Jake is ill"."""
    pupils = index.reversed.get(key, ())
    if not pupils or not _in_one_sentence(words, place, len(key)):
        return ()
    if place and words[place - 1].atom in _TITLES:
        return ()
    given = words[place + len(key) - 1]
    capitals = words[place].title and given.title
    return pupils if capitals or not (given.joined or is_word_name((given.atom,))) else ()


def _in_one_sentence(words: Sequence[Word], place: int, length: int) -> bool:
    return not any(word.starts_sentence for word in words[place + 1 : place + length])


def _initial(words: Sequence[Word], place: int) -> str:
    """Return the initial of "Jake B", "" when none follows."""
    if place >= len(words) or not words[place].joined or not words[place].title:
        return ""
    atom = words[place].atom
    return atom if len(atom) == 1 and atom not in _NOT_INITIALS else ""


def _is_a_person(words: Sequence[Word], mention: Mention, index: NameIndex) -> bool:
    """Whether a given name alone is a pupil's here: not who is greeted or signs, not a word."""
    before = words[mention.start - 1] if mention.start else None
    if before and (before.atom in _TITLES or (before.atom in _GREETINGS and before.starts_line)):
        return False
    if _signs(words, mention) or _has_another_family_name(words, mention, index):
        return False
    return not is_word_name(mention.given) or _more_than_a_word(words, mention, index)


def _signs(words: Sequence[Word], mention: Mention) -> bool:
    """Whether the name stands alone on the last line, under something else."""
    return mention.start > 0 and mention.end == len(words) and words[mention.start].starts_line


def _has_another_family_name(words: Sequence[Word], mention: Mention, index: NameIndex) -> bool:
    """Whether a family name of the roster follows with which no pupil has this given name."""
    if mention.end >= len(words) or words[mention.end - 1].possessive:
        return False
    following = words[mention.end]
    return following.joined and following.title and (following.atom,) in index.families


def _more_than_a_word(words: Sequence[Word], mention: Mention, index: NameIndex) -> bool:
    """Whether "Will", "May" or "Grace" is a name here: a capital letter, and what stands beside it."""
    word = words[mention.start]
    if not word.title or _is_a_month(words, mention):
        return False
    near = words[max(0, mention.start - _BESIDE) : mention.end + _BESIDE]
    if word.possessive or any(_class_at(near, place, index) for place in range(len(near))):
        return True
    before = words[mention.start - 1] if mention.start and not word.starts_sentence else None
    after = words[mention.end] if mention.end < len(words) else None
    as_a_person = after is not None and after.joined and after.atom in _AS_A_PERSON
    return as_a_person or (before is not None and before.atom in _BEFORE_A_PERSON)


def _is_a_month(words: Sequence[Word], mention: Mention) -> bool:
    if words[mention.start].atom not in _MONTHS:
        return False
    before = words[mention.start - 1].atom if mention.start else ""
    after = words[mention.end].atom if mention.end < len(words) else ""
    return before in _BEFORE_A_MONTH or before[:1].isdigit() or after[:1].isdigit()


def _class_at(words: Sequence[Word], place: int, index: NameIndex) -> str:
    """Return the label of the form or year that begins at a place, "" for none."""
    atom = words[place].atom
    following = words[place + 1].atom if place + 1 < len(words) else ""
    if atom in _YEAR_WORDS and _is_year(following):
        return year_label(int(following))
    for word in ("year", "yr", "y"):
        if atom.startswith(word) and _is_year(atom[len(word) :]):
            return year_label(int(atom[len(word) :]))
    if (atom,) in index.forms:
        return index.forms[(atom,)]
    pair = (atom, following) if (atom, following) in index.forms else (form_label((atom, following)),)
    return index.forms.get(pair, "") if atom[:1].isdigit() and following else ""


def _is_year(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) <= 2 and int(digits) in _YEARS  # noqa: PLR2004 - 13


def _atoms(words: Sequence[Word]) -> Atoms:
    return tuple(word.atom for word in words)


def years_named(labels: Sequence[str], index: NameIndex) -> frozenset[int]:
    """Return the years of forms and of years named in a text."""
    return frozenset(_years(labels, index))


def _years(labels: Sequence[str], index: NameIndex) -> Iterator[int]:
    for label in labels:
        number = label.removeprefix("year ")
        yield int(number) if number != label else index.year_of[label]
