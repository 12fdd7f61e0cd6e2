"""The answer to our answer: which child it names, and whether that is all that it says.

"Jake, 8B" fills in the child of its case; "sorry, it's Ella, not Jake" corrects it. What is told is a value,
because what follows depends on how the case stands when it is written down (``pupils_after``). Whatever else
such an answer says is decided as a message of its own (docs/decisions/0015).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from triage.domain.identify import identify
from triage.domain.mentions import Mention
from triage.domain.model import MACHINES, Classification, History, Identity, Message, Verdict
from triage.domain.names import atoms_of, fold, given_names, index_of, short_names
from triage.domain.naming import denied, only_names
from triage.domain.pupils import Names
from triage.domain.roster import Roster
from triage.domain.school import Role, School

BY_NAME = frozenset({"subject", "text"})
_OUR_SUBJECT = "auto:"
_LONGEST_PREFIX = 24


@dataclass(frozen=True, slots=True)
class Head:
    """A head of year, by address in lower case and by the parts of the family name."""

    address: str
    families: frozenset[str]


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer to our reply says of the child.

    ``pupils`` are roster ids, ``years`` theirs, or the one that is named. ``denied`` are pupils of the case
    of whom it says "not Jake"; ``only`` tells that it says nothing but a name, ``sure`` that the pupils are
    told by its words and not by the address. ``unclear`` tells that it names a child who could not be told.
    ``heads`` are the heads of those years.
    """

    pupils: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    denied: tuple[str, ...] = ()
    only: bool = False
    sure: bool = False
    unclear: bool = False
    heads: tuple[Head, ...] = ()

    @property
    def year(self) -> int | None:
        """The year, if it is one."""
        return self.years[0] if len(set(self.years)) == 1 else None


def identify_answer(message: Message, history: History, roster: Roster, school: School) -> Identity:
    """Tell who wrote an answer to our reply, and about whom.

    A child of whom it says "not Jake" is not meant; where it names nobody it is about the child of its case.
    """
    names = Names(message, roster)
    identity = identify(_without(message, list(denied(names.zones[1]))), roster, school)
    if identity.named_in is None and not identity.pupils:
        identity = _in_class(identity, names, roster) or _of_the_case(identity, history, roster) or identity
    return replace(identity, names=identify(message, roster, school).names)


def told_by(
    message: Message, identity: Identity, history: History, roster: Roster, school: School
) -> Told | None:
    """Return what an answer to our reply says of the child; None where it is none, or says nothing of it.

    A machine's answer tells nothing (peers row 8), nor does one whose sender's domain disowns it (T2).
    """
    if history.answers_our_reply is None or identity.sender in MACHINES or message.dmarc is Verdict.FAIL:
        return None
    only = is_only_a_name(message, identity, history, roster, school)
    pupils, years, sure = _meant(message, identity, roster)
    unclear = only and not sure and not (years and not pupils)
    if not (pupils or years or unclear):
        return None
    return Told(
        pupils=pupils,
        years=years,
        denied=tuple(_denied(message, history, roster)),
        only=only,
        sure=sure,
        unclear=unclear,
        heads=tuple(_heads(school, years)),
    )


def is_only_a_name(
    message: Message, identity: Identity, history: History, roster: Roster, school: School
) -> bool:
    """Tell whether an answer to our reply says nothing but which child is meant."""
    if history.answers_our_reply is None or identity.sender in MACHINES:
        return False
    if message.attachments or message.truncated or message.defects:
        return False
    guardians = roster.guardians_at(message.sender.address)
    sender = {
        atom for name in (message.sender.name, *(one.name for one in guardians)) for atom in atoms_of(name)
    }
    subject, text = Names(message, roster).zones
    return only_names(text, message.own_text, sender) and (
        _is_our_subject(message.subject, history, school) or only_names(subject, message.subject, sender)
    )


def nothing_said(classification: Classification) -> Classification:
    """Return what is found in an answer that says nothing but a name: nothing, but for the fixed phrases."""
    if classification.phrase_floor or classification.immediate:
        return classification
    return Classification(classification.text, thresholds=classification.thresholds)


def pupils_after(
    before: Collection[str], told: Told, *, closely_kept: bool
) -> tuple[frozenset[str], frozenset[str]]:
    """Return which pupils leave a case and which join it.

    Nobody leaves a case that is a safeguarding matter or an allegation: there a person decides.
    """
    there, meant = frozenset(before), frozenset(told.pupils)
    joining = meant - there if told.sure or not there else frozenset()
    if closely_kept or not (told.sure and meant):
        return frozenset(), joining
    wrong = there if told.only and not there & meant else frozenset(told.denied)
    return (there & wrong) - meant, joining


def _without(message: Message, places: Sequence[tuple[int, int]]) -> Message:
    """Return a message without some places of its folded text, in order and none inside another."""
    if not places:
        return message
    text = fold(message.own_text)
    starts, ends = zip(*places, strict=True)
    kept = (text[start:end] for start, end in zip((0, *ends), (*starts, len(text)), strict=True))
    return replace(message, own_text=" ".join(kept))


def _in_class(identity: Identity, names: Names, roster: Roster) -> Identity | None:
    """Return an identity with the one of several children who is in the form or year that is named."""
    fitting = [one for one in identity.several if _is_in_any(one, names, roster)]
    return _about(identity, fitting, roster, "text", "names the class of") if len(fitting) == 1 else None


def _of_the_case(identity: Identity, history: History, roster: Roster) -> Identity | None:
    """Return an identity with the children of the case that is answered."""
    known = [one for one in history.case_pupils if one in roster.pupils]
    meant = [one for one in known if not identity.several or one in identity.several]
    return _about(identity, meant, roster, None, "answers our reply on") if meant else None


def _about(
    identity: Identity, meant: Sequence[str], roster: Roster, named_in: str | None, because: str
) -> Identity:
    years = tuple(sorted({roster.pupils[one].year for one in meant}))
    why = (*identity.why, f"it {because} {', '.join(meant)}")
    return replace(identity, pupils=tuple(meant), several=(), years=years, named_in=named_in, why=why)


def _meant(
    message: Message, identity: Identity, roster: Roster
) -> tuple[tuple[str, ...], tuple[int, ...], bool]:
    """Return the pupils and years that an answer tells, and whether its words do."""
    if identity.named_in in BY_NAME:
        return identity.pupils, identity.years, True
    if identity.named_in == "address":
        return (
            identity.pupils,
            identity.years,
            _names_the_class_of(identity.pupils, Names(message, roster), roster),
        )
    return (), () if identity.pupils or identity.on_roster else identity.years, False


def _names_the_class_of(pupils: Sequence[str], names: Names, roster: Roster) -> bool:
    """Tell whether an answer names the form or year of an only child, and no child by a name."""
    named = any(zone.mentions for zone in names.zones)
    return not named and any(_is_in_any(one, names, roster) for one in pupils)


def _is_in_any(pupil: str, names: Names, roster: Roster) -> bool:
    """Tell whether a pupil is in a form or year that a message names."""
    index = index_of(roster)
    return any(index.is_in(pupil, label) for zone in names.zones for _, label in zone.classes)


def _denied(message: Message, history: History, roster: Roster) -> Iterator[str]:
    zone = Names(message, roster).zones[1]
    places = {end for _, end in denied(zone)}
    for mention in zone.mentions:
        if zone.words[mention.end - 1].end in places:
            yield from (one for one in history.case_pupils if _is_named(one, mention, roster))


def _is_named(pupil: str, mention: Mention, roster: Roster) -> bool:
    if pupil not in roster.pupils:
        return False
    called = given_names(roster.pupils[pupil]) | short_names(roster.pupils[pupil])
    return pupil in mention.pupils or mention.given in called


def _heads(school: School, years: Collection[int]) -> Iterator[Head]:
    for person in school.people:
        if person.role is Role.HEAD_OF_YEAR and set(years) & set(person.years):
            family = atoms_of(person.name)[-1:]
            yield Head(person.address.lower(), frozenset(family))


def _is_our_subject(subject: str, history: History, school: School) -> bool:
    """Tell whether a subject is that of our reply, whatever a mail program puts before it ("Re:", "AW:").

    Where it is not known how our reply went out, the name of the school at its end must do.
    """
    before, mark, after = (part.strip() for part in subject.casefold().partition(_OUR_SUBJECT))
    answered = all(len(word) <= len("antw") for word in before.replace(":", " ").split())
    if not mark or not answered or len(before) > _LONGEST_PREFIX:
        return False
    ours = history.our_subject.casefold().partition(_OUR_SUBJECT)[2].strip()
    return after == ours if ours else after.endswith(school.name.casefold())


def names_anybody(heads: Collection[Head], texts: Collection[str]) -> bool:
    """Tell whether texts may name one of some heads of year: then no text moves to them by itself."""
    families = {family for head in heads for family in head.families}
    return any(not families.isdisjoint(atoms_of(text)) for text in texts)
