"""Whom an allegation is about: the rule that keeps it from the person concerned.

A first version by words: it looks only near the words that show the complaint or the danger, never at the
salutation, and would rather name a member of staff too often than too seldom, because to name one only
narrows who may read the message.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from triage.domain.model import Classification, Delivery, Topic
from triage.domain.school import Role, School

ALLEGATIONS = frozenset({Topic.SAFEGUARDING, Topic.COMPLAINT})
NEAR = 160

_TITLE = r"(?:mr|mrs|ms|miss|mx|dr|sir|madam|mme)"
_SALUTATION = re.compile(
    r"^[ \t]*(?:dear|hi|hello|hey|good (?:morning|afternoon|evening))\b[^\n,]{0,60},?", re.MULTILINE
)
_CLOSING = re.compile(r"^[ \t]*(?:thank you|thanks|kind regards|regards|yours)\b[^\n]{0,40}$", re.MULTILINE)
_HEAD = re.compile(r"\b(?:head ?teacher|head ?master|head ?mistress|principal)\b|\bthe head\b(?! of\b)")
_LEAD = re.compile(r"\b(?:safeguarding lead|designated safeguarding|dsl)\b")
_STAFF = re.compile(
    rf"\b{_TITLE}\.? [a-z]"
    r"|\b(?:teachers?|teaching assistants?|tutor|(?:football|sports|swimming) coach|supervisor|caretaker"
    r"|technician|librarian|head of (?:year|department|house)|members? of (?:your |the )?staff"
    r"|(?:your|school) staff)\b"
)
_YOU = re.compile(
    r"\byour (?:attitude|behaviour|conduct|manner|tone)\b|\bthe way (?:that )?you\b"
    r"|\byou (?:have |had |then |just |also )?"
    r"(?:called|grabbed|hit|humiliated|hurt|ignored|lied|mocked|punished|pushed|refused|shouted|threatened)\b"
)
_ACT = re.compile(
    r"\b(?:abus\w+|alone with|assault\w*|beat\w*|bruis\w+|dragg?\w*|grabb?\w*|groom\w*|hits?|hitting|hurt\w*"
    r"|inappropriate\w*|kick\w*|locked|messag\w+|pinched|push\w*|shak\w+|shook|shov\w+|shout\w*|slapp?\w*"
    r"|smack\w*|text(?:ed|ing)|threaten\w*|threw|touch\w*)\b"
)


@dataclass(frozen=True, slots=True)
class Accused:
    """A person whom an allegation concerns: the address where it is known, and whether head or lead."""

    address: str | None
    role: Role = Role.TEACHER


def accused(
    topic: Topic, classification: Classification, delivery: Delivery, school: School
) -> tuple[Accused, ...]:
    """Return whom an allegation of ``topic`` is about, () when it is not about staff.

    With safeguarding a member of staff must stand near a word for what was done, because most such messages
    name a teacher who was told. Source: the outcome ``about-staff`` of the topics.
    """
    words = " ".join(_near(topic, classification))
    if topic is Topic.SAFEGUARDING and not _ACT.search(words):
        return ()
    named = tuple(dict.fromkeys((*_by_role(words, school), *_by_name(words, delivery, school))))
    return named or ((Accused(None),) if _STAFF.search(words) else ())


def _near(topic: Topic, classification: Classification) -> Iterator[str]:
    """Yield what stands around the evidence, in lower case; the whole text when there is no evidence."""
    text = classification.text.lower()
    for pattern in (_SALUTATION, _CLOSING):
        text = pattern.sub(lambda found: " " * len(found[0]), text)
    places = [one for one in classification.evidence if one.topic is topic]
    if not places or len(text) != len(classification.text):
        yield text
    for one in places:
        yield text[max(0, one.start - NEAR) : one.end + NEAR]


def _by_role(words: str, school: School) -> Iterator[Accused]:
    for pattern, role in ((_HEAD, Role.HEADTEACHER), (_LEAD, Role.SAFEGUARDING_LEAD)):
        if pattern.search(words):
            holders = [Accused(one.address.lower(), role) for one in school.people if one.role is role]
            yield from holders or [Accused(None, role)]


def _by_name(words: str, delivery: Delivery, school: School) -> Iterator[Accused]:
    if _YOU.search(words) or _is_named(delivery.owner_name, words):
        yield _person(delivery.mailbox.lower(), school)
    for person in school.people:
        if _is_named(person.name, words):
            yield _person(person.address.lower(), school)


def _person(address: str, school: School) -> Accused:
    """Return who has an address, as head or lead where the school says so."""
    roles = {person.role for person in school.people if person.address.lower() == address}
    for role in (Role.HEADTEACHER, Role.SAFEGUARDING_LEAD):
        if role in roles:
            return Accused(address, role)
    return Accused(address)


def _is_named(name: str, words: str) -> bool:
    """Tell whether a titled name such as "Mrs C. Vane" is in the words, with or without the initial."""
    parts = name.lower().split()
    if len(parts) < 2 or not re.fullmatch(rf"{_TITLE}\.?", parts[0]):  # noqa: PLR2004 - a title and a name
        return False
    family = re.escape(parts[-1])
    return re.search(rf"\b{_TITLE}\.? (?:[a-z]+\.? )?{family}\b", words) is not None
