"""Whether words do nothing but name a child: "Jake, 8B", "Sorry, it's Ella in Year 10. Thanks, Sara".

It is asked of answers to our own reply alone. What says only that is not classified, so the rule is narrow:
every word must be a name, a form or year, a greeting, the sender's own name, or one of a few phrases.
"""

from collections.abc import Collection, Iterator, Sequence

from triage.domain.names import Atoms, Word, atoms_of
from triage.domain.strangers import Zone

LONGEST = 40
_DENYING = (("not",), ("nid",), ("not", "about"), ("not", "for"), ("instead", "of"), ("rather", "than"))
_YEAR_WORDS = frozenset({"year", "yr", "y", "blwyddyn", "flwyddyn", "mlwyddyn"})
_BEFORE_A_CLASS = frozenset({"in", "from", "form", "class", "tutor", "group", "ym", "yn", "dosbarth"})
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr"})
_GREETINGS = frozenset({"dear", "hi", "hello", "hiya", "annwyl", "helo", "shwmae"})
_GREETED = 4
_PHRASES: frozenset[Atoms] = frozenset(
    atoms_of(phrase)
    for line in """
        sorry, so sorry, very sorry, apologies, my apologies, many apologies, oh, ah, oops, of course, yes
        hi, hello, good morning, good afternoon, good evening
        thanks, many thanks, thanks again, thank you, thank you very much
        regards, kind regards, best regards, best, best wishes
        it's, it is, it was, this is, this was, that is, that's, he is, he's, she is, she's, they are, they're
        is, are, for, about, regarding, re, and, both, the, a, an
        i meant, i mean, i should have said, i should have put, i forgot, i forgot to say, i forgot to mention
        my, our, his, her, their, son, daughter, child, children, boy, girl, twins, grandson, granddaughter
        pupil, student, name, name is, child's name, full name, named, called
        it is about, the message is about, my message is about, my email is about
        mum, mam, dad, mother, father, mum of, dad of, mother of, father of, parent of, carer of
        year, form, class, tutor group
        mae'n ddrwg gen i, mae'n ddrwg iawn gen i, sori, ymddiheuriadau, diolch, diolch yn fawr
        cofion, cofion gorau, bore da, prynhawn da, noswaith dda
        fy, ein, mab, merch, plentyn, plant, enw, enw fy mhlentyn yw, am, ac, tad, dosbarth
        yw, ydy, ydi, yw e, yw hi, ydy e, ydy hi, ydi o, ydi hi
    """.strip().splitlines()
    for phrase in line.split(",")
)
_LONGEST_PHRASE = max(map(len, _PHRASES))


def only_names(zone: Zone, text: str, sender: Collection[str]) -> bool:
    """Tell whether a text does nothing but name a child or a class. A question does more.

    ``zone`` is the reading of the text, ``sender`` the atoms of the sender's own names.
    """
    if not (zone.mentions or zone.classes) or len(zone.words) > LONGEST or "?" in text:
        return False
    at = 0
    while at < len(zone.words):
        length = _harmless(zone, at, sender)
        if not length:
            return False
        at += length
    return True


def denied(zone: Zone) -> Iterator[tuple[int, int]]:
    """Yield the offsets, in the folded text, of the names of which it says "not Jake", with that word."""
    for mention in zone.mentions:
        before = [word.atom for word in zone.words[max(0, mention.start - 2) : mention.start]]
        length = max((len(one) for one in _DENYING if tuple(before[-len(one) :]) == one), default=0)
        if length:
            yield zone.words[mention.start - length].start, zone.words[mention.end - 1].end


def _harmless(zone: Zone, at: int, sender: Collection[str]) -> int:
    """Return how many words from a place on are a name, a class, a greeting or a phrase; 0 for none."""
    name = next((one.end - at for one in zone.mentions if one.start == at and not one.weak), 0)
    return (
        name
        or _class(zone, at)
        or _greeting(zone.words, at)
        or _denial(zone, at)
        or _title(zone.words, at)
        or _phrase(zone.words, at)
        or int(zone.words[at].atom in sender)
    )


def _class(zone: Zone, at: int) -> int:
    """Return the length of "8B", "8 B", "Year 8", "in 8B" or "in form 8B"."""
    places = {start for start, _ in zone.classes}
    place = at
    while place not in places and place < len(zone.words) and zone.words[place].atom in _BEFORE_A_CLASS:
        place += 1
    if place not in places:
        return 0
    word = zone.words[place].atom
    two = word in _YEAR_WORDS or (word.isdigit() and word != _label(zone, place))
    return place - at + 1 + two


def _label(zone: Zone, place: int) -> str:
    return next(label for start, label in zone.classes if start == place)


def _greeting(words: Sequence[Word], at: int) -> int:
    """Return the length of "Dear Mr Hale" at the beginning of a line."""
    if not words[at].starts_line or words[at].atom not in _GREETINGS:
        return 0
    length = 1
    while at + length < len(words) and length <= _GREETED and _is_greeted(words[at + length]):
        length += 1
    return length


def _is_greeted(word: Word) -> bool:
    return word.joined and (word.title or word.atom in _TITLES)


def _denial(zone: Zone, at: int) -> int:
    """Return the length of "not Jake"."""
    for mention in zone.mentions:
        before = tuple(word.atom for word in zone.words[at : mention.start])
        if mention.start > at and before in _DENYING:
            return mention.end - at
    return 0


def _title(words: Sequence[Word], at: int) -> int:
    """Return the length of "Mr Hale"."""
    named = words[at].atom in _TITLES and at + 1 < len(words) and words[at + 1].title
    return 2 if named else 0


def _phrase(words: Sequence[Word], at: int) -> int:
    atoms = tuple(word.atom for word in words[at : at + _LONGEST_PHRASE])
    return next((length for length in range(len(atoms), 0, -1) if atoms[:length] in _PHRASES), 0)
