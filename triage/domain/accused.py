"""Whom an allegation is about: the rule that keeps it from the person concerned.

A first version by words: it looks only near the words that show the matter, never at the salutation, the
closing or the signature, and would rather name a member of staff too often than too seldom, because to name
one only narrows who may read the message. How much is needed depends on the topic:

- safeguarding: that a lead or a deputy is named at all, not only as the one who shall be given the message;
  of anybody else, a word for what was done near it;
- a complaint, or another topic that accuses by itself: a name with its title or its given name;
- any other topic: a name with a word of blame near it, and not as the one who was told.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triage.domain.matter import Matter
from triage.domain.model import Topic
from triage.domain.names import fold
from triage.domain.school import Person, Role, School
from triage.domain.staff_names import TITLES, Form, Mention, Staff, atoms, named, staff_of
from triage.domain.staff_words import (
    ACT,
    BLAME,
    BODY,
    DEPUTY_HEAD,
    DEPUTY_LEAD,
    DIRECTED,
    ELSEWHERE,
    HEAD,
    HEAD_OF_YEAR,
    LEAD,
    STAFF,
    TO_STOP,
    TOLD,
    YOU,
)

ALLEGATIONS = frozenset({Topic.SAFEGUARDING, Topic.COMPLAINT})
ACCUSING = frozenset({Topic.COMPLAINT, Topic.CONTENTIOUS, Topic.OFFENSIVE, Topic.REPUTATION})
"""The topics that accuse by themselves: whoever is named near their words is the one they are about."""

NEAR = 240
SENSE = 100
LEADS = frozenset({Role.SAFEGUARDING_LEAD, Role.DEPUTY_SAFEGUARDING_LEAD})

_TITLE = rf"(?:{'|'.join(sorted(TITLES))})\.?"
_WORD = r"\w[\w'\u2019-]{0,40}"
_GREETED = (
    rf"(?:{_TITLE}[ \t]+(?:\w\.?[ \t]+)?{_WORD}(?:[ \t]+{_WORD}(?=[ \t]*(?:,|!|$)))?"
    rf"|{_WORD}(?:[ \t]+{_WORD}){{0,2}}(?=[ \t]*(?:,|!|$)))"
)
_SALUTATION = re.compile(
    rf"^[ \t]*(?:dear|hi|hello|hey|good (?:morning|afternoon|evening))\b"
    rf"(?:[ \t]+{_GREETED}(?:[ \t]+(?:and|&|or)[ \t]+{_GREETED})?)?",
    re.MULTILINE | re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^[ \t]*(?:(?:many )?thanks|thank you|(?:kind )?regards|best wishes|yours(?: sincerely| faithfully)?)"
    rf"(?:[ \t,]+(?:again|so much|very much|in advance|{_TITLE}[ \t]+[\w'\u2019-]+)){{0,3}}[ \t,.!]*$",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Accused:
    """A person whom an allegation concerns: the address where it is known, and the roles held."""

    address: str | None
    roles: frozenset[Role] = frozenset()


def accused(topic: Topic, matter: Matter) -> tuple[Accused, ...]:
    """Return whom a message's words on ``topic`` are about, () when they are not about staff.

    ``Accused(None)`` is somebody of the staff whom nobody on record can be. Source: the outcome
    ``about-staff`` of the topics. Linear in the text; raises nothing.
    """
    staff = staff_of(matter.school, (matter.delivery.owner_name, matter.delivery.mailbox))
    found = dict.fromkeys(
        one for words in _near(topic, matter) for one in _window(topic, matter, words).accused(staff)
    )
    known = [one for one in found if one != Accused(None)]
    return tuple(known or found)


def person_at(address: str, school: School) -> Accused:
    """Return who has an address, with every role that the school gives to it."""
    roles = (one.role for one in school.people if one.address.lower() == address.lower())
    return Accused(address.lower(), frozenset(roles))


def _near(topic: Topic, matter: Matter) -> Iterator[str]:
    """Yield what stands around the evidence of a topic, the whole text when there is no evidence."""
    text = _without_courtesies(matter)
    places = sorted((one.start, one.end) for one in matter.classification.evidence if one.topic is topic)
    if not places:
        yield text
    for start, end in _windows(places, len(text)):
        yield text[_word_start(text, start) : _word_end(text, end)]


def _windows(places: Sequence[tuple[int, int]], length: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches around places, those that meet as one, so that no text is read twice."""
    begin, finish = -1, -1
    for start, end in places:
        near = min(length, max(0, start - NEAR)), min(length, end + NEAR)
        if begin < 0:
            begin, finish = near
        elif near[0] <= finish:
            finish = max(finish, near[1])
        else:
            yield begin, finish
            begin, finish = near
    if begin >= 0:
        yield begin, finish


def _word_start(text: str, place: int) -> int:
    while place > 0 and not text[place - 1].isspace():
        place -= 1
    return place


def _word_end(text: str, place: int) -> int:
    while place < len(text) and not text[place].isspace():
        place += 1
    return place


def _without_courtesies(matter: Matter) -> str:
    """Return the classified text of the same length, with blanks for salutation, closing and signature."""
    text = matter.classification.text
    for pattern in (_SALUTATION, _CLOSING):
        text = pattern.sub(lambda found: " " * len(found[0]), text)
    own = atoms(matter.message.sender.name)
    lines = text.splitlines(keepends=True)
    return "".join(" " * len(line) if own and _signs(line, own) else line for line in lines)


def _signs(line: str, own: frozenset[str]) -> bool:
    """Tell whether a line is the sender's own name: a mother signs with the name that her child has too."""
    words = atoms(line) if len(line) < NEAR else frozenset()
    return bool(words & own) and words <= own | TITLES


def _window(topic: Topic, matter: Matter, words: str) -> "_Window":
    text = fold(words)
    lower = text.lower()
    own = atoms(matter.message.sender.name)
    return _Window(topic, matter, text, lower, own, has_act=ACT.search(lower) is not None)


@dataclass(frozen=True, slots=True)
class _Window:
    """A stretch of text around the evidence of a topic, folded; ``own`` are the sender's names."""

    topic: Topic
    matter: Matter
    text: str
    lower: str
    own: frozenset[str]
    has_act: bool

    def accused(self, staff: Staff) -> Iterator[Accused]:
        school, mentions = self.matter.school, list(named(self.text, staff))
        for mention in mentions:
            if mention.address is not None and self._counts(mention):
                yield person_at(mention.address, school)
        yield from self._by_post(mentions)
        yield from self._owner(staff)
        if any(self._is_of_the_school(mention) for mention in mentions) or self._names_a_post():
            yield Accused(None)

    def _owner(self, staff: Staff) -> Iterator[Accused]:
        """Yield whoever is told "you": the mailbox's owner, nobody on record where it is an office's."""
        owner = person_at(self.matter.delivery.mailbox, self.matter.school)
        needs_an_act = self.topic is Topic.SAFEGUARDING and not owner.roles & LEADS
        if YOU.search(self.lower) and not (needs_an_act and not self.has_act):
            yield owner if any(one.address == owner.address for one in staff.names) else Accused(None)

    def _counts(self, mention: Mention) -> bool:
        """Tell whether a name in this form, at this place, is that of the person concerned."""
        lead = bool(person_at(mention.address or "", self.matter.school).roles & LEADS)
        own = mention.form is not Form.TITLED and mention.family in self.own
        if self.topic is Topic.SAFEGUARDING and lead and not own:
            return not self._is_directed_to(mention.start)
        if self.topic in ACCUSING and mention.form in {Form.TITLED, Form.FULL} and not own:
            return True
        if (
            self.topic is Topic.SAFEGUARDING
            and mention.form is Form.TITLED
            and not self._told(mention.start, mention.end)
        ):
            return self.has_act
        return self._blamed(mention.start, mention.end)

    def _blamed(self, start: int, end: int) -> bool:
        """Tell whether a word for what was done stands near, and the person is not the one who was told."""
        near = self.lower[max(0, start - SENSE) : end + SENSE]
        blame = self.topic is not Topic.SAFEGUARDING and BLAME.search(near) is not None
        return (blame or ACT.search(near) is not None) and not self._told(start, end)

    def _is_directed_to(self, start: int) -> bool:
        return DIRECTED.search(self.lower[max(0, start - SENSE) : start]) is not None

    def _told(self, start: int, end: int) -> bool:
        before = self.lower[max(0, start - SENSE) : start]
        told = TOLD.search(before) is not None or self._is_directed_to(start)
        return told and TO_STOP.match(self.lower, end) is None

    def _is_of_the_school(self, mention: Mention) -> bool:
        """Tell whether a titled name of nobody on record is a teacher's, and not a neighbour's."""
        if mention.form is not Form.UNKNOWN or mention.family in self.own:
            return False
        beside = self.lower[max(0, mention.start - 30) : mention.end + 30]
        return ELSEWHERE.search(beside) is None and self._post_counts(mention.start, mention.end)

    def _names_a_post(self) -> bool:
        return any(self._post_counts(*found.span()) for found in STAFF.finditer(self.lower))

    def _post_counts(self, start: int, end: int) -> bool:
        if self.topic in ACCUSING:
            return True
        if self.topic is Topic.SAFEGUARDING:
            return self.has_act and not self._told(start, end)
        return self._blamed(start, end)

    def _by_post(self, mentions: Sequence[Mention]) -> Iterator[Accused]:
        """Yield whoever holds the posts that are named: a post stands for a person as a name does."""
        for found in HEAD.finditer(self.lower):
            if not BODY.search(self.lower[max(0, found.start() - SENSE) : found.start()]):
                yield from self._holders(found, Role.HEADTEACHER)
        for found in DEPUTY_LEAD.finditer(self.lower):
            yield from self._holders(found, Role.DEPUTY_SAFEGUARDING_LEAD)
        for found in LEAD.finditer(self.lower):
            yield from self._holders(found, Role.SAFEGUARDING_LEAD)
        for found in HEAD_OF_YEAR.finditer(self.lower):
            years = [int(found[1])] if found[1] else self.matter.identity.years
            if self._post_counts(*found.span()):
                yield from _heads_of(years, self.matter.school)
        if self.topic is Topic.SAFEGUARDING and not any(mention.address for mention in mentions):
            yield from self._deputy_head()

    def _holders(self, found: re.Match[str], role: Role) -> Iterator[Accused]:
        if self._post_counts(*found.span()):
            people = [one for one in self.matter.school.people if one.role is role]
            yield from (person_at(one.address, self.matter.school) for one in people)
            if not people:
                # Nobody on this site holds the post either: no group of a provider can stand for it.
                yield Accused(None, frozenset({role}))

    def _deputy_head(self) -> Iterator[Accused]:
        """Yield every lead when "the deputy head" is accused and not named: deputy heads often are leads."""
        if any(self._blamed(*found.span()) for found in DEPUTY_HEAD.finditer(self.lower)):
            leads = [one for one in self.matter.school.people if one.role in LEADS]
            yield from (person_at(one.address, self.matter.school) for one in leads)


def _heads_of(years: Sequence[int], school: School) -> Iterator[Accused]:
    yield from (person_at(one.address, school) for one in school.people if _is_head_of(one, years))


def _is_head_of(person: Person, years: Sequence[int]) -> bool:
    return person.role is Role.HEAD_OF_YEAR and bool(set(person.years) & set(years))
