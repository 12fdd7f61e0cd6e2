"""Which pupil a message is about: by name in the subject, by name in the text, by the sender's address.

The sender's own children come first: another pupil who is named beside them, or instead of them, is only
talked about. Where two fit and nothing tells them apart the answer is both candidates, never a guess.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from triage.domain.mentions import Mention, classes, classes_beside, mentions, years_named
from triage.domain.model import Message
from triage.domain.names import Atoms, NameIndex, Word, given_names, index_of, words_of
from triage.domain.roster import Pupil, Roster

_KIN = frozenset(
    """
    son sons daughter daughters child children boy girl grandson granddaughter grandchild grandchildren
    stepson
    stepdaughter nephew niece twins
    """.split()  # noqa: SIM905 - words in a row read better as text
)
_KIN_BEFORE = 4


@dataclass(frozen=True, slots=True)
class Found:
    """The pupils of a message, or the candidates; ``named_in`` is "subject", "text", "address" or None."""

    pupils: tuple[str, ...] = ()
    several: tuple[str, ...] = ()
    named_in: str | None = None
    years: tuple[int, ...] = ()
    why: str = "no pupil is named"


@dataclass(frozen=True, slots=True)
class _Zone:
    """The subject or the own text: its atoms, the names in it, the forms and years in it."""

    name: str
    words: tuple[Word, ...]
    mentions: tuple[Mention, ...]
    classes: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a zone shows: pupils told for certain, and the candidates where it is not certain."""

    pupils: tuple[str, ...] = ()
    several: tuple[str, ...] = ()


def find_pupils(message: Message, roster: Roster, own: Sequence[str], *, all_named: bool = False) -> Found:
    """Tell which pupils a message is about.

    ``own`` are the sender's children on the roster (or the pupil who writes). ``all_named`` takes every pupil
    named as meant, as in a colleague's note. Quoted text and display names do not count (topics.md).
    """
    index = index_of(roster)
    zones = (_zone("subject", message.subject, index), _zone("text", message.own_text, index))
    labels = tuple(label for zone in zones for _, label in zone.classes)
    children = tuple(roster.pupils[pupil] for pupil in own if pupil in roster.pupils)
    for zone in zones:
        if children:
            reading = _own_children(zone, children)
        else:
            reading = _by_name(zone, index, _sole_class(labels), all_named=all_named)
        if reading.pupils or reading.several:
            return _answer(reading, zone.name, roster)
    return _by_address(children, years_named(labels, index))


def _zone(name: str, text: str, index: NameIndex) -> _Zone:
    words = words_of(text)
    return _Zone(name, words, mentions(words, index), classes(words, index))


def _answer(reading: _Reading, where: str, roster: Roster) -> Found:
    meant = reading.pupils or reading.several
    years = tuple(sorted({roster.pupils[pupil].year for pupil in meant}))
    if reading.pupils:
        return Found(reading.pupils, (), where, years, f"the {where} names {', '.join(reading.pupils)}")
    why = f"the {where} fits {', '.join(reading.several)}: not told apart"
    return Found((), reading.several, None, years if len(years) == 1 else (), why)


def _by_address(children: Sequence[Pupil], years: frozenset[int]) -> Found:
    """Fall back on the sender's address: exactly one child on the roster is meant."""
    ids = tuple(child.id for child in children)
    if len(ids) == 1:
        return Found(ids, (), "address", (children[0].year,), f"the address has one child: {ids[0]}")
    named = tuple(years) if len(years) == 1 else ()
    if ids:
        return Found(
            (), ids, None, named, f"the address has several children, none is named: {', '.join(ids)}"
        )
    return Found(years=named)


def _own_children(zone: _Zone, children: Sequence[Pupil]) -> _Reading:
    """Return which of the sender's own children a zone names; a given name alone is enough here."""
    told: list[str] = []
    open_candidates: list[str] = []
    for mention in zone.mentions:
        fitting = _narrowed(_own_fitting(mention, children), classes_beside(mention, zone.classes))
        (told if len(fitting) == 1 else open_candidates).extend(child.id for child in fitting)
    return _Reading(tuple(dict.fromkeys(told)), tuple(dict.fromkeys(open_candidates)))


def _own_fitting(mention: Mention, children: Sequence[Pupil]) -> tuple[Pupil, ...]:
    if mention.pupils:
        return tuple(child for child in children if child.id in mention.pupils)
    return tuple(child for child in children if _is_called(child, mention.given, mention.initial))


def _is_called(child: Pupil, given: Atoms, initial: str) -> bool:
    return given in given_names(child) and (not initial or child.family[:1].lower() == initial)


def _narrowed(fitting: Sequence[Pupil], beside: Sequence[str]) -> tuple[Pupil, ...]:
    """Tell two of one name apart by the form or year beside the name, where that leaves just one."""
    matching = [child for child in fitting if _in_any(child, beside)]
    return tuple(matching) if len(fitting) > 1 and len(matching) == 1 else tuple(fitting)


def _in_any(child: Pupil, labels: Sequence[str]) -> bool:
    return f"year {child.year}" in labels or "".join(word.atom for word in words_of(child.form)) in labels


def _by_name(zone: _Zone, index: NameIndex, sole_class: str, *, all_named: bool) -> _Reading:
    """Return the pupils that a zone names in full, or by given name with the form or year beside."""
    readings = [(mention, _fitting(mention, zone, index, sole_class)) for mention in zone.mentions]
    told = dict.fromkeys(fitting[0] for _, fitting in readings if len(fitting) == 1)
    unsure = dict.fromkeys(pupil for _, fitting in readings if len(fitting) > 1 for pupil in fitting)
    if len(told) == 1 or (told and (all_named or index.share_a_home(told))):
        return _Reading(pupils=tuple(told))
    kin = dict.fromkeys(
        fits[0] for mention, fits in readings if len(fits) == 1 and _is_kin(zone.words, mention)
    )
    if len(kin) == 1:
        return _Reading(pupils=tuple(kin))
    return _Reading(several=tuple(told) or tuple(unsure))


def _fitting(mention: Mention, zone: _Zone, index: NameIndex, sole_class: str) -> tuple[str, ...]:
    beside = classes_beside(mention, zone.classes) or ((sole_class,) if sole_class else ())
    if not mention.pupils:
        fitting = [index.in_class.get((mention.given, label), ()) for label in beside]
        return next((pupils for pupils in fitting if pupils), ())
    if len(mention.pupils) == 1:
        return mention.pupils
    here = [pupil for label in beside for pupil in mention.pupils if index.is_in(pupil, label)]
    return (here[0],) if len(set(here)) == 1 else mention.pupils


def _sole_class(labels: Sequence[str]) -> str:
    """Return the one form, or else the one year, that the whole message names; "" for none or several."""
    forms = {label for label in labels if not label.startswith("year ")}
    named = forms or set(labels)
    return min(named) if len(named) == 1 else ""


def _is_kin(words: Sequence[Word], mention: Mention) -> bool:
    """Whether a name stands after "my son" and the like."""
    before = words[max(0, mention.start - _KIN_BEFORE) : mention.start]
    return any(word.atom in _KIN for word in before)
