"""Finds members of staff by name in a text: "Mrs C. Vane", "Rob Osborne", "Osborne", and near spellings.

Parents write names as they hear them, so a family name counts with a letter or two wrong. How sure a mention
is depends on its form: with a title it is a member of staff; a bare family name may be a pupil's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from triage.domain.names import fold
from triage.domain.school import Person, School

TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "sir", "madam", "mme"})
_SURE_TITLES = frozenset({"mr", "mrs"})
"""Titles that are no other word: "miss" and "ms" need a capital after them to be read as one."""

_OTHER_INITIALS = {  # short names that do not begin with the letter of the whole one
    **dict.fromkeys(("bob", "bobby", "dick"), "r"),
    **dict.fromkeys(("bill", "billy"), "w"),
    **dict.fromkeys(("liz", "lizzie", "beth", "betty", "ted"), "e"),
    **dict.fromkeys(("tony", "mandy", "sandy"), "a"),
    **dict.fromkeys(("kate", "kathy", "tina"), "c"),
    **dict.fromkeys(("peggy", "polly"), "m"),
}
_NO_GIVEN_NAME = frozenset(
    """
    after and as because before but did do does from had has how if is it so since than that the then this
    today was what when where while who why yesterday
    """.split()  # noqa: SIM905 - words in a row read better as text
)
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_BESIDE = re.compile(r"[ \t.]{1,3}|[ \t]*\r?\n[ \t]*")
_REMEMBERED = 20_000
_ONE_LETTER_WRONG = 5
_TWO_LETTERS_WRONG = 7
_PLAIN_NAME = 6
"""From this length on a bare family name counts in small letters too: shorter ones are often words."""


class Form(StrEnum):
    """In which form a name stands, the surest first. ``UNKNOWN`` has a title and is nobody on record."""

    TITLED = "titled"
    FULL = "full"
    BARE = "bare"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StaffName:
    """A person on record as texts may name them: parts of the family name, the given name's letter."""

    address: str
    families: tuple[str, ...]
    initial: str


class Staff:
    """The names of people on record, ready to be looked for."""

    def __init__(self, names: Iterable[StaffName]) -> None:
        self.names = tuple(names)
        self._by_letter = _by_letter(self.names)
        # The same few thousand words come again and again.
        self.of_family = lru_cache(maxsize=_REMEMBERED)(self._of_family)
        self.is_named_by = lru_cache(maxsize=_REMEMBERED)(self._is_named_by)

    def _is_named_by(self, word: str) -> bool:
        """Whether a word of a text is a title or a family name: without one nobody is named."""
        atom = _atom(word)
        return atom in TITLES or bool(self.of_family(atom))

    def _of_family(self, atom: str) -> tuple[StaffName, ...]:
        """Return whose family name a word is, spelt right or nearly so."""
        return tuple(one for one in self._by_letter.get(atom[:1], ()) if _is_family(atom, one))


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text, from ``start`` (in) to ``end`` (out); ``address`` is None for nobody on record."""

    form: Form
    address: str | None
    start: int
    end: int
    family: str


class _Token(NamedTuple):
    atom: str
    capital: bool
    start: int
    end: int


def staff_name(name: str, address: str) -> StaffName | None:
    """Return the name of a person on record, None for what is no person's ("the school office")."""
    words = [word for word in fold(name).split() if word.strip(".")]
    titled = bool(words) and words[0].lower().strip(".") in TITLES
    given, families = words[titled:-1], _atoms(words[-1]) if words else ()
    a_person = titled or (len(words) > 1 and all(word[0].isupper() for word in words))
    if not a_person or len(words) <= titled or words[0].lower() == "the" or not families:
        return None
    return StaffName(address.lower(), families, given[0][0].lower() if given else "")


def staff_of(school: School, *more: tuple[str, str]) -> Staff:
    """Return the names of everybody on record at a school; ``more`` are further names with addresses."""
    return _staff(school.people, school.owners, more)


@lru_cache(maxsize=64)  # a school's, and that of each of its mailboxes
def _staff(
    people: Sequence[Person], owners: Sequence[tuple[str, str]], more: Sequence[tuple[str, str]]
) -> Staff:
    listed = dict.fromkeys([*more, *((one.name, one.address) for one in people), *owners])
    names = (staff_name(*person) for person in listed)
    return Staff(name for name in names if name is not None)


def named(text: str, staff: Staff) -> Iterator[Mention]:
    """Yield every name of staff in a text, in order. ``text`` is folded. Linear in its length."""
    if not any(map(staff.is_named_by, _TOKEN.findall(text))):
        return
    tokens = [_token(found) for found in _TOKEN.finditer(text)]
    for place, token in enumerate(tokens):
        if token.atom in TITLES:
            yield from _titled(text, tokens, place, staff)
        elif staff.of_family(token.atom) and not _follows_a_title(text, tokens, place):
            yield from _untitled(text, tokens, place, staff)


def atoms(name: str) -> frozenset[str]:
    """Return the words of a name as they are compared: folded, in lower case, without apostrophes."""
    return frozenset(_token(found).atom for found in _TOKEN.finditer(fold(name)))


def _atoms(family: str) -> tuple[str, ...]:
    """Return the parts of a family name: either half of a double one is used alone."""
    return tuple(atom for atom in (_token(one).atom for one in _TOKEN.finditer(family)) if len(atom) > 1)


def _token(found: re.Match[str]) -> _Token:
    return _Token(_atom(found[0]), found[0][0].isupper(), *found.span())


def _atom(word: str) -> str:
    return word.removesuffix("'s").removesuffix("'S").replace("'", "").lower()


def _titled(text: str, tokens: Sequence[_Token], place: int, staff: Staff) -> Iterator[Mention]:
    """Yield whom a title stands before, with or without a given name or an initial between."""
    following = _beside(text, tokens, place)
    for token in following:
        known = staff.of_family(token.atom)
        if known:
            for one in known:
                yield Mention(Form.TITLED, one.address, tokens[place].start, token.end, token.atom)
            return
    if following and _is_a_name(tokens[place], following[0]):
        last = following[-1] if len(following[0].atom) == 1 else following[0]
        yield Mention(Form.UNKNOWN, None, tokens[place].start, last.end, last.atom)


def _beside(text: str, tokens: Sequence[_Token], place: int) -> list[_Token]:
    """Return the one or two words that follow a title with nothing but a space or a full stop between."""
    found: list[_Token] = []
    for before, token in zip(tokens[place : place + 2], tokens[place + 1 : place + 3], strict=False):
        if not _BESIDE.fullmatch(text, before.end, token.start):
            break
        found.append(token)
    return found


def _is_a_name(title: _Token, token: _Token) -> bool:
    return token.capital or (title.atom in _SURE_TITLES and not token.atom.isdigit())


def _follows_a_title(text: str, tokens: Sequence[_Token], place: int) -> bool:
    """Tell whether a word was judged with its title already: "Mr Hale", "Mr R. Hale", "Mr Rob Hale"."""
    return any(
        tokens[before].atom in TITLES and tokens[place] in _beside(text, tokens, before)
        for before in range(max(0, place - 2), place)
    )


def _untitled(text: str, tokens: Sequence[_Token], place: int, staff: Staff) -> Iterator[Mention]:
    """Yield whom "Rob Osborne" or "Osborne" names; "Callum Osborne" is somebody else than Mr R. Osborne."""
    token = tokens[place]
    before = tokens[place - 1] if place else None
    if before is not None and not _BESIDE.fullmatch(text, before.end, token.start):
        before = None
    for one in staff.of_family(token.atom):
        if before is not None and one.initial and _initial(before.atom) == one.initial:
            yield Mention(Form.FULL, one.address, before.start, token.end, token.atom)
        elif _stands_alone(before) and _is_bare(token, one):
            yield Mention(Form.BARE, one.address, token.start, token.end, token.atom)


def _initial(given: str) -> str:
    return _OTHER_INITIALS.get(given, given[:1])


def _stands_alone(before: _Token | None) -> bool:
    """Tell whether no other given name stands before a family name."""
    return before is None or not before.capital or before.atom in _NO_GIVEN_NAME or len(before.atom) == 1


def _is_bare(token: _Token, one: StaffName) -> bool:
    if token.atom in one.families:
        return token.capital or len(token.atom) >= _PLAIN_NAME
    return token.capital and len(token.atom) >= _PLAIN_NAME


def _by_letter(staff: Sequence[StaffName]) -> Mapping[str, Sequence[StaffName]]:
    """Sort names by the letters that their families begin with: no slip is let through in the first."""
    sorted_: dict[str, list[StaffName]] = {}
    for one in staff:
        for letter in dict.fromkeys(family[0] for family in one.families):
            sorted_.setdefault(letter, []).append(one)
    return sorted_


def _is_family(atom: str, one: StaffName) -> bool:
    """Tell whether a word is a person's family name, spelt right or nearly so."""
    return any(atom == family or _is_near(atom, family) for family in one.families)


def _is_near(atom: str, family: str) -> bool:
    shorter = min(len(atom), len(family))
    if shorter < _ONE_LETTER_WRONG or atom[0] != family[0]:
        return False
    wrong = 2 if shorter >= _TWO_LETTERS_WRONG else 1
    return OSA.distance(atom, family, score_cutoff=wrong) <= wrong
