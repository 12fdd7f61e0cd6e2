"""Where names stand in a message, and whose: what a classifier must not go by, and who is talked about."""

from collections.abc import Collection, Iterator, Sequence

from triage.domain.mentions import Mention
from triage.domain.model import Name, Named
from triage.domain.names import Word, fold, index_of
from triage.domain.roster import Roster
from triage.domain.school import School
from triage.domain.staff_names import Staff, named, staff_of
from triage.domain.strangers import Zone


def names_in(
    texts: Sequence[str], zones: Sequence[Zone], own: Collection[str], roster: Roster, school: School
) -> tuple[Name, ...]:
    """Return the names in texts that are joined by line breaks, in order, none inside another.

    ``zones`` are the readings of the texts; ``own`` the ids of the pupils whom the message is about and of
    the sender's children. Linear in the texts.
    """
    index = index_of(roster)
    called = {name for names in (index.given_names, index.short_names) for one in own for name in names[one]}
    staff = staff_of(school)
    found: list[Name] = []
    shift = 0
    for text, zone in zip(texts, zones, strict=True):
        places = _places(text)
        here = [*_pupils(zone, own, called), *_of_staff(fold(text), staff)]
        before = 0
        for name in _apart(here):
            # Two names may share a sign that is written out between them, as the half of "Jake\u00bdAmira".
            start, before = max(before, places[name.start]), max(places[name.end], places[name.end - 1] + 1)
            found.append(Name(name.whose, start + shift, before + shift))
        shift += len(text) + 1
    return tuple(found)


def _places(text: str) -> Sequence[int]:
    """Return the offset in a text of each letter of the folded text, and of its end.

    Folding writes some signs out ("\u2026" is three full stops) and leaves others away (an accent apart).
    """
    if text.isascii():
        return range(len(text) + 1)
    lengths = (1 if letter.isascii() else len(fold(letter)) for letter in text)
    return [*(at for at, length in enumerate(lengths) for _ in range(length)), len(text)]


def _pupils(zone: Zone, own: Collection[str], called: Collection[tuple[str, ...]]) -> Iterator[Name]:
    for mention in zone.mentions:
        first, last = zone.words[mention.start], zone.words[mention.end - 1]
        if set(mention.pupils) & set(own) or mention.given in called:
            yield Name(Named.PUPIL, first.start, last.end)
        elif not mention.weak and _is_written_as_a_name(zone.words, mention):
            yield Name(Named.OTHER_PUPIL, first.start, last.end)


def _is_written_as_a_name(words: Sequence[Word], mention: Mention) -> bool:
    return bool(mention.pupils) or words[mention.start].title or words[mention.start].shouted


def _of_staff(folded: str, staff: Staff) -> Iterator[Name]:
    for mention in named(folded, staff):
        if mention.address is not None:
            yield Name(Named.STAFF, mention.start, mention.end)


def _apart(names: Sequence[Name]) -> Iterator[Name]:
    """Leave out what overlaps an earlier name."""
    end = 0
    for name in sorted(names, key=lambda one: (one.start, -one.end)):
        if name.start >= end:
            yield name
            end = name.end
