"""Which pupil a message is about: by name in the subject, by name in the text, by the sender's address.

The sender's own children come first: another pupil who is named beside them, or instead of them, is only
talked about. Where two fit and nothing tells them apart the answer is both candidates, never a guess.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from triage.domain.mentions import Mention, classes, classes_beside, mentions, years_named
from triage.domain.model import Message, SenderKind
from triage.domain.names import Atoms, NameIndex, index_of, words_of
from triage.domain.roster import Pupil, Roster
from triage.domain.strangers import Reading, Zone, others_alone, read_by_name


@dataclass(frozen=True, slots=True)
class Found:
    """The pupils of a message, or the candidates; ``named_in`` is "subject", "text", "address" or None."""

    pupils: tuple[str, ...] = ()
    several: tuple[str, ...] = ()
    named_in: str | None = None
    years: tuple[int, ...] = ()
    why: str = "nothing tells for certain which pupil it is about"


class Names:
    """The names, forms and years in a message, read once; who is meant depends on who writes."""

    def __init__(self, message: Message, roster: Roster) -> None:
        self.index = index_of(roster)
        self._roster = roster
        self.zones = (
            _zone("subject", message.subject, self.index),
            _zone("text", message.own_text, self.index),
        )
        self._addressed = _classes_of(message, self.index)

    def of_own(self, own: Sequence[str]) -> Found:
        """Tell the pupils of a message from a sender with children on the roster, or from a pupil on it."""
        children = tuple(self._roster.pupils[pupil] for pupil in own if pupil in self._roster.pupils)
        if not children:
            return self.of_a_stranger(None)
        readings = [_own_children(zone, children, self.index) for zone in self.zones]
        told = next((place for place, one in enumerate(readings) if one.pupils), None)
        if told is None:
            told = next((place for place, one in enumerate(readings) if one.several), None)
        if told is not None:
            return self._answer(readings[told], self.zones[told].name)
        other = others_alone(self.zones, self.index)
        if other:
            return self._answer(Reading((other,)), "subject")
        return _by_address(children, years_named(self._labels(), self.index))

    def of_a_stranger(self, kind: SenderKind | None) -> Found:
        """Tell the pupils that a sender without children on the roster means, by name alone.

        A colleague means every pupil who is named, a pupil only themselves.
        """
        labels = self._labels()
        reading, where = read_by_name(self.zones, self.index, labels or self._addressed, kind)
        if reading.pupils or reading.several:
            return self._answer(reading, where)
        named = tuple(years_named(labels, self.index))
        return Found(years=named if len(named) == 1 else ())

    def spoken_of(self, meant: Collection[str]) -> tuple[str, ...]:
        """Return the pupils whom a name in the message fits, and no other, beside those who are ``meant``."""
        fitting = (self._only_one(mention, zone) for zone in self.zones for mention in zone.mentions)
        return tuple(dict.fromkeys(pupil for pupil in fitting if pupil and pupil not in meant))

    def _only_one(self, mention: Mention, zone: Zone) -> str:
        """Return the one pupil whom a name fits, "" for none or several.

        A given name needs a form or a year beside it or in the message: half the school knows a Sam.
        """
        if mention.weak or mention.with_family:
            return ""
        labels = classes_beside(mention, zone.classes) or self._labels()
        placed = (pupil for label in labels for pupil in self._placed(mention, label))
        fitting = tuple(dict.fromkeys(placed))
        if len(mention.pupils) == 1:
            fitting = mention.pupils
        return fitting[0] if len(fitting) == 1 else ""

    def _placed(self, mention: Mention, label: str) -> Sequence[str]:
        if mention.pupils:
            return [pupil for pupil in mention.pupils if self.index.is_in(pupil, label)]
        return self.index.called_in(mention.given, label)

    def _labels(self) -> tuple[str, ...]:
        return tuple(label for zone in self.zones for _, label in zone.classes)

    def _answer(self, reading: Reading, where: str) -> Found:
        meant = reading.pupils or reading.several
        years = tuple(sorted({self._roster.pupils[pupil].year for pupil in meant}))
        if reading.pupils:
            return Found(reading.pupils, (), where, years, f"the {where} names {', '.join(reading.pupils)}")
        why = f"the {where} fits {', '.join(reading.several)}: not told apart"
        return Found((), reading.several, None, years if len(years) == 1 else (), why)


def _zone(name: str, text: str, index: NameIndex) -> Zone:
    words = words_of(text)
    named = classes(words, index)
    return Zone(name, words, mentions(words, index, named, in_subject=name == "subject"), named)


def _classes_of(message: Message, index: NameIndex) -> tuple[str, ...]:
    """Return the forms whose tutors' mailboxes the message went to ("tutor.8b@")."""
    return tuple(
        label
        for recipient in sorted(message.recipients)
        if any(map(str.isdigit, recipient))  # as every form and year has one
        for _, label in classes(words_of(recipient.partition("@")[0].replace(".", " ")), index)
    )


def _by_address(children: Sequence[Pupil], years: frozenset[int]) -> Found:
    """Fall back on the sender's address: exactly one child on the roster is meant."""
    ids = tuple(child.id for child in children)
    if len(ids) == 1:
        return Found(ids, (), "address", (children[0].year,), f"the address has one child: {ids[0]}")
    named = tuple(years) if len(years) == 1 else ()
    return Found((), ids, None, named, f"the address has several children, none is named: {', '.join(ids)}")


def _own_children(zone: Zone, children: Sequence[Pupil], index: NameIndex) -> Reading:
    """Return which of the sender's own children a zone names; a given name alone is enough here."""
    told: list[str] = []
    open_candidates: list[str] = []
    for mention in zone.mentions:
        fitting = _narrowed(_own_fitting(mention, children, index), classes_beside(mention, zone.classes))
        (told if len(fitting) == 1 else open_candidates).extend(child.id for child in fitting)
    return Reading(tuple(dict.fromkeys(told)), tuple(dict.fromkeys(open_candidates)))


def _own_fitting(mention: Mention, children: Sequence[Pupil], index: NameIndex) -> tuple[Pupil, ...]:
    if mention.pupils:
        return tuple(child for child in children if child.id in mention.pupils)
    named, short = (
        tuple(child for child in children if _is_called(child, mention, names[child.id]))
        for names in (index.given_names, index.short_names)
    )
    return named or short


def _is_called(child: Pupil, mention: Mention, names: frozenset[Atoms]) -> bool:
    initial = child.family[:1].lower()
    return mention.given in names and (not mention.initial or initial == mention.initial)


def _narrowed(fitting: Sequence[Pupil], beside: Sequence[str]) -> tuple[Pupil, ...]:
    """Tell two of one name apart by the form or year beside the name, where that leaves just one."""
    matching = [child for child in fitting if _in_any(child, beside)]
    return tuple(matching) if len(fitting) > 1 and len(matching) == 1 else tuple(fitting)


def _in_any(child: Pupil, labels: Sequence[str]) -> bool:
    return f"year {child.year}" in labels or "".join(word.atom for word in words_of(child.form)) in labels
