"""Whom a sender without children on the roster means: by full name, by form, by a name of one only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from triage.domain.mentions import Mention, classes_beside
from triage.domain.model import MACHINES, SenderKind
from triage.domain.names import NameIndex, Word

_KIN = frozenset(
    """
    son sons daughter daughters child children boy girl grandson granddaughter grandchild grandchildren
    stepson stepdaughter nephew niece twins lad
    """.split()  # noqa: SIM905 - words in a row read better as text
)
_OURS = frozenset({"my", "our", "mine"})
_KIN_BEFORE = 4
_MYSELF = frozenset({"im", "its", "am", "this", "name", "names", "called", "me"})
_MYSELF_BEFORE = 3
_CLASS_WORDS = 2
_FILLERS = frozenset({"re", "absence", "absent", "form", "year", "class", "yr", "y", "tutor", "group"})


@dataclass(frozen=True, slots=True)
class Zone:
    """The subject or the own text: its atoms, the names in it, the forms and years in it."""

    name: str
    words: tuple[Word, ...]
    mentions: tuple[Mention, ...]
    classes: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a zone shows: pupils told for certain, and the candidates where it is not certain."""

    pupils: tuple[str, ...] = ()
    several: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Fitting:
    """A name and the pupils that it fits. ``sure`` is false for a given name that only one pupil has."""

    mention: Mention
    pupils: tuple[str, ...]
    sure: bool


def read_by_name(
    zones: Sequence[Zone], index: NameIndex, labels: Sequence[str], kind: SenderKind | None
) -> tuple[Reading, str]:
    """Return the pupils whom the zones name, and the zone that tells them.

    ``labels`` are the forms and years that the message names. A colleague means every pupil named; a pupil
    means nobody but themselves. A zone that leaves several open is settled by the next one if that can.
    """
    sole = _sole_class(labels)
    open_reading: tuple[Reading, str] = Reading(), ""
    for zone in zones:
        fitting = [one for one in _fittings(zone, index, sole) if _may_be_meant(zone, one, kind)]
        reading = _decide(zone, fitting, index, all_named=kind is SenderKind.STAFF)
        candidates = open_reading[0].several
        if reading.pupils:
            settles = not candidates or set(reading.pupils) <= set(candidates)
            return reading, (open_reading[1] if candidates and settles else zone.name)
        if reading.several and not candidates:
            open_reading = reading, zone.name
    return open_reading


def others_alone(zones: Sequence[Zone], index: NameIndex) -> str:
    """Return the one pupil whose full name is the whole subject, "" for none.

    Who writes so about a pupil that is not their own, and names none of theirs, means that pupil. But "my
    son" in the text means their own.
    """
    subject, text = zones
    told = {pupil for mention in subject.mentions for pupil in mention.pupils if len(mention.pupils) == 1}
    covered = {place for one in subject.mentions for place in range(one.start, one.end)}
    rest = [word.atom for place, word in enumerate(subject.words) if place not in covered]
    bare = all(atom in _FILLERS or atom[:1].isdigit() or (atom,) in index.forms for atom in rest)
    owned = any(
        first.atom in _OURS and second.atom in _KIN
        for first, second in zip(text.words, text.words[1:], strict=False)
    )
    return told.pop() if len(told) == 1 and bare and not owned else ""


def _is_kin(words: Sequence[Word], mention: Mention) -> bool:
    """Whether a name stands after "my son" and the like."""
    before = words[max(0, mention.start - _KIN_BEFORE) : mention.start]
    return any(word.atom in _KIN for word in before)


def _fittings(zone: Zone, index: NameIndex, sole_class: str) -> list[_Fitting]:
    fitting = (_fit(mention, zone, index, sole_class) for mention in zone.mentions)
    return [one for one in fitting if one.pupils]


def _fit(mention: Mention, zone: Zone, index: NameIndex, sole_class: str) -> _Fitting:
    beside = classes_beside(mention, zone.classes) or ((sole_class,) if sole_class else ())
    if mention.pupils and mention.weak:
        return _Fitting(mention, (), sure=False)
    if mention.pupils:
        return _Fitting(mention, _told_apart(mention.pupils, beside, index), sure=True)
    in_class = (index.called_in(mention.given, label) for label in beside)
    by_class = next((pupils for pupils in in_class if pupils), ())
    if by_class and not mention.with_family:
        return _Fitting(mention, by_class, sure=True)
    if mention.weak or mention.with_family:
        return _Fitting(mention, (), sure=False)
    called = index.really_called(mention.given)
    if mention.initial:
        called = tuple(pupil for pupil in called if mention.initial in index.initials[pupil])
    return _Fitting(mention, called if len(called) <= _MOST_OPEN else (), sure=False)


_MOST_OPEN = 12


def _told_apart(pupils: tuple[str, ...], beside: Sequence[str], index: NameIndex) -> tuple[str, ...]:
    here = {pupil for label in beside for pupil in pupils if index.is_in(pupil, label)}
    return tuple(here) if len(here) == 1 else pupils


def _decide(zone: Zone, fitting: Sequence[_Fitting], index: NameIndex, *, all_named: bool) -> Reading:
    """Weigh the names of one zone: what is sure goes before a given name that happens to be one pupil's."""
    sure = [one for one in fitting if one.sure]
    weighed = fitting if all_named or not any(len(one.pupils) == 1 for one in sure) else sure
    told = tuple(dict.fromkeys(one.pupils[0] for one in weighed if len(one.pupils) == 1))
    if told and (all_named or index.share_a_home(told)) and len(told) > 1:
        return Reading(pupils=told)
    kin = () if all_named else _kin(zone, fitting)
    if len(kin) == 1:
        return Reading(pupils=kin)
    if len(told) == 1:
        return Reading(pupils=told)
    unsure = dict.fromkeys(pupil for one in fitting if len(one.pupils) > 1 for pupil in one.pupils)
    return Reading(several=told or tuple(unsure))


def _kin(zone: Zone, fitting: Iterable[_Fitting]) -> tuple[str, ...]:
    single = (one for one in fitting if len(one.pupils) == 1)
    return tuple(dict.fromkeys(one.pupils[0] for one in single if _is_kin(zone.words, one.mention)))


def _may_be_meant(zone: Zone, one: _Fitting, kind: SenderKind | None) -> bool:
    if kind is SenderKind.PUPIL:
        return _is_self(zone, one)
    return one.sure or kind not in MACHINES


def _is_self(zone: Zone, one: _Fitting) -> bool:
    """Whether a pupil names themselves: "its Kim", "Kim Hale 8B" as the subject, or "kim 8B" at the end."""
    before = zone.words[max(0, one.mention.start - _MYSELF_BEFORE) : one.mention.start]
    possessive = zone.words[one.mention.end - 1].possessive
    heads = zone.name == "subject" and one.mention.start == 0 and one.sure
    told = heads or _signs(zone, one.mention) or any(_leads_in(word) for word in before)
    return told and not possessive


def _leads_in(word: Word) -> bool:
    """Whether a word comes before one's own name; "it's" is read as "it" with a possessive."""
    return word.atom in _MYSELF or (word.atom == "it" and word.possessive)


def _signs(zone: Zone, mention: Mention) -> bool:
    """Whether a name is the last thing in the text, but for the form or year beside it."""
    labels = {place for place, _ in zone.classes}
    rest = range(mention.end, len(zone.words))
    alone = all(place in labels or place - 1 in labels for place in rest)
    return zone.name == "text" and mention.start > 0 and len(rest) <= _CLASS_WORDS and alone


def _sole_class(labels: Sequence[str]) -> str:
    """Return the one form, or else the one year, that the whole message names; "" for none or several."""
    forms = {label for label in labels if not label.startswith("year ")}
    named = forms or set(labels)
    return min(named) if len(named) == 1 else ""
