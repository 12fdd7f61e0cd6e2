"""Finds the pupils' names, the forms and the years that a text mentions; who is meant is told elsewhere."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import itemgetter

from triage.domain.misspelt import misspelt_at
from triage.domain.names import Atoms, NameIndex, Word, form_label, year_label
from triage.domain.persons import Standing, full_standing, standing
from triage.domain.word_names import is_word_family, is_word_name

_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "sir", "madam", "prof", "professor"})
_YEAR_WORDS = frozenset({"year", "yr", "y", "years", "blwyddyn", "flwyddyn", "mlwyddyn"})
_YEARS = range(1, 14)
_NOT_INITIALS = frozenset({"a", "i"})
_BESIDE = 4
_AND = frozenset({"and", "n", "a", "i", "und", "et", "y"})


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text, from atom ``start`` (in) to ``end`` (out).

    ``pupils`` are those whose full name it is; it is empty, and ``given`` is set, for a given name alone.
    ``weak`` marks what is a name only if one of the sender's own children has it: a bare "ruby", a slip.
    ``with_family`` is true when a family name follows that nobody of this given name has.
    """

    start: int
    end: int
    pupils: tuple[str, ...] = ()
    given: Atoms = ()
    initial: str = ""
    weak: bool = False
    with_family: bool = False


def mentions(
    words: Sequence[Word],
    index: NameIndex,
    named: Sequence[tuple[int, str]],
    *,
    in_subject: bool = False,
) -> tuple[Mention, ...]:
    """Return every name in order, the longest at each place; ``named`` are the ``classes``. Linear."""
    atoms = _atoms(words)
    found: list[tuple[Mention, Standing]] = []
    place = 0
    while place < len(words):
        if not index.may_begin(atoms[place]):
            place += 1
            continue
        mention = _mention_at(words, atoms, place, index)
        if mention is None:
            place += 1
            continue
        found.append((mention, _standing(words, mention, named, index, in_subject=in_subject)))
        place = mention.end
    return tuple(_kept(_with_family(words, _joined(words, found), index)))


def _standing(
    words: Sequence[Word],
    mention: Mention,
    named: Sequence[tuple[int, str]],
    index: NameIndex,
    *,
    in_subject: bool,
) -> Standing:
    classed = bool(classes_beside(mention, named))
    if mention.pupils:
        return full_standing(words, mention.start, mention.end, classed=classed)
    if _has_another_family_name(words, mention, index):
        return Standing.NONE
    shown = standing(words, mention.start, mention.end, classed=classed, in_subject=in_subject)
    return Standing.WEAK if shown is Standing.NAME and mention.weak else shown


def _joined(
    words: Sequence[Word], found: Sequence[tuple[Mention, Standing]]
) -> Iterator[tuple[Mention, Standing]]:
    """Let "Hattie and May" make a name of May: a name lends its standing to the one that it is joined to."""
    names = {
        place
        for (first, left), (second, right) in pairwise(found)
        if _are_joined(words, first, second)
        for place, other, one in ((first.start, right, first), (second.start, left, second))
        if other is Standing.NAME and words[one.start].title
    }
    for mention, shown in found:
        yield mention, Standing.NAME if shown is Standing.WORD and mention.start in names else shown


def _kept(found: Iterator[tuple[Mention, Standing]]) -> Iterator[Mention]:
    for mention, shown in found:
        if shown is Standing.NAME:
            yield mention
        elif shown is Standing.WEAK:
            yield replace(mention, weak=True)


def _with_family(
    words: Sequence[Word], found: Iterator[tuple[Mention, Standing]], index: NameIndex
) -> Iterator[tuple[Mention, Standing]]:
    """Give the first of "Amira and Zoe Haddad" the family name that stands after the second."""
    listed = list(found)
    for number, (mention, shown) in enumerate(listed):
        following = listed[number + 1][0] if number + 1 < len(listed) else None
        shared: tuple[str, ...] = ()
        if following and mention.given and following.pupils and _are_joined(words, mention, following):
            family = _atoms(words[following.start + 1 : following.end])
            shared = index.full(mention.given + family)
        yield (replace(mention, pupils=shared, given=()), Standing.NAME) if shared else (mention, shown)


def _are_joined(words: Sequence[Word], first: Mention, second: Mention) -> bool:
    between = words[first.end : second.start]
    return len(between) == 1 and between[0].atom in _AND


def classes(words: Sequence[Word], index: NameIndex) -> tuple[tuple[int, str], ...]:
    """Return the forms and years that a text names, each with its place: "8B", "8 B", "Year 8", "Y8"."""
    # Every label has a digit, in its first word or after "year".
    places = (at for at, word in enumerate(words) if not word.atom.isalpha() or word.atom in _YEAR_WORDS)
    found = ((place, _class_at(words, place, index)) for place in places)
    return tuple((place, label) for place, label in found if label)


def classes_beside(mention: Mention, named: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    """Return the forms and years that stand within a few words of a name; ``named`` is in order of place."""
    first = bisect_left(named, mention.start - _BESIDE, key=itemgetter(0))
    last = bisect_left(named, mention.end + _BESIDE, key=itemgetter(0))
    return tuple(label for _, label in named[first:last])


def _mention_at(words: Sequence[Word], atoms: Atoms, place: int, index: NameIndex) -> Mention | None:
    spelt = _spelt_at(words, atoms, place, index) if atoms[place] in index.first_atoms else None
    if spelt and spelt.pupils:
        return spelt
    slipped = _misspelt(words, place, index)
    if slipped and slipped.pupils:
        return slipped
    return spelt or _possessive_alone(words, place, index) or slipped


def _spelt_at(words: Sequence[Word], atoms: Atoms, place: int, index: NameIndex) -> Mention | None:
    longest = min(index.longest + 1, len(words) - place)
    for length in range(longest, 1, -1):
        key = atoms[place : place + length]
        pupils = _full_name(words, place, key, index) or _reversed_name(words, place, key, index)
        if pupils:
            return Mention(place, place + length, pupils)
    for length in range(longest, 0, -1):
        given = atoms[place : place + length]
        if index.called(given):
            return _given_alone(words, place, given)
    return None


def _possessive_alone(words: Sequence[Word], place: int, index: NameIndex) -> Mention | None:
    """Return the name of "Skyes bag" and "samirs bag", where the apostrophe was left out."""
    atom = words[place].atom
    given = (atom.removesuffix("s"),)
    if not atom.endswith("s") or not index.called(given) or is_word_name(given):
        return None
    return Mention(place, place + 1, given=given)


def _given_alone(words: Sequence[Word], place: int, given: Atoms) -> Mention:
    end = place + len(given)
    return Mention(
        place,
        end,
        given=given,
        initial=_initial(words, end),
        with_family=_is_followed_by_a_name(words, end),
    )


def _misspelt(words: Sequence[Word], place: int, index: NameIndex) -> Mention | None:
    found = misspelt_at(words, place, index)
    if found is None:
        return None
    return Mention(
        place, place + found.length, found.pupils, found.given, weak=not found.pupils and found.weak
    )


def _full_name(words: Sequence[Word], place: int, key: Atoms, index: NameIndex) -> tuple[str, ...]:
    """Return the pupils of "given family", with one middle name or initial let through."""
    pupils = index.full(key)
    if not pupils and len(key) > 2 and (words[place + 1].title or len(key[1]) == 1):  # noqa: PLR2004 - a middle name
        pupils = index.full((key[0], *key[2:]))
    if not pupils or not _in_one_sentence(words, place, len(key)) or _is_broken(words, place, len(key)):
        return ()
    capitals = words[place].title and words[place + len(key) - 1].title
    shouted = words[place].shouted and words[place + len(key) - 1].shouted
    plain = not is_word_name(key[:1]) or not (is_word_family(key[1:]) or len(key) == 1)
    return pupils if capitals or plain or shouted else ()


def _is_broken(words: Sequence[Word], place: int, length: int) -> bool:
    """Whether a sign other than a space or a hyphen stands in a name, as in "Rose & Bell"."""
    return any(word.broken for word in words[place + 1 : place + length])


def _reversed_name(words: Sequence[Word], place: int, key: Atoms, index: NameIndex) -> tuple[str, ...]:
    """Return the pupils of "Family, given" or "Family Given", but not of "Dear Mrs Brand, Jake is ill"."""
    pupils = index.reversed(key)
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
    if (
        place >= len(words)
        or not words[place].joined
        or not words[place].title
        or words[place - 1].possessive
    ):
        return ""
    atom = words[place].atom
    return atom if len(atom) == 1 and atom not in _NOT_INITIALS else ""


def _has_another_family_name(words: Sequence[Word], mention: Mention, index: NameIndex) -> bool:
    """Whether a family name of the roster follows with which no pupil has this given name."""
    if mention.end >= len(words) or words[mention.end - 1].possessive:
        return False
    following = words[mention.end]
    return following.joined and following.title and (following.atom,) in index.families


def _is_followed_by_a_name(words: Sequence[Word], end: int) -> bool:
    """Whether a word with a capital letter follows at once: to a stranger, some other child's family name."""
    if end >= len(words) or words[end - 1].possessive or not words[end - 1].title:
        return False
    following = words[end]
    return (
        following.joined and following.title and len(following.atom) > 1 and not following.atom[0].isdigit()
    )


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
