"""Weighs whether a program wrote a text: what machines say against what only people say (#7).

No form of words is enough for itself, for a person can be on leave, thank for a message or book a ticket;
several kinds of sign together are, where nothing in the text is a person's own.
"""

from collections import Counter
from dataclasses import dataclass

from triage.domain import machine_voice as voice
from triage.domain import machine_words as english
from triage.domain import machine_words_world as world
from triage.domain.machine_forms import Forms, Tables, words

OPENING_LENGTH = 700
ENOUGH = 4
PERSONAL = 2
_MARGIN = 3
_LONGEST = 1_400
_MOST_COUNTED = 9
_MOST_MANY = 3
_OF_A_SCHOOLS_SYSTEM = 2


@dataclass(frozen=True, slots=True)
class Sort:
    """A kind of sign: its points for the first form that is found, and one for each further, to ``most``."""

    says: str
    forms: Forms
    points: int
    most: int


DECLARES = Sort("that it is automatic", english.DECLARES + world.DECLARES, 4, 4)
UNREAD = Sort("that nobody reads what is sent there", english.UNREAD + world.UNREAD, 3, 3)
HINTS = Sort("a word of a program about itself", english.HINTS, 2, 3)
WAY_OUT = Sort("how to leave a mailing", english.WAY_OUT, 4, 4)
AWAY = Sort("that somebody is away", english.AWAY + world.AWAY, 2, 3)
LEFT = Sort("that somebody has left", english.LEFT + world.LEFT, 2, 3)
UNTIL = Sort("until when", english.BACK + world.BACK, 1, 1)
READING = Sort("what becomes of mail", english.READING + world.READING, 1, 2)
ANSWER = Sort("when an answer comes", english.ANSWER + world.ANSWER, 1, 1)
INSTEAD = Sort("whom to turn to instead", english.INSTEAD + world.INSTEAD, 1, 1)
THANKS = Sort("thanks to whoever it is", english.THANKS + world.THANKS, 1, 1)
TICKET = Sort("a ticket's acknowledgement", english.TICKET + world.TICKET, 2, 4)
CHALLENGE = Sort("a gatekeeper's question", english.CHALLENGE + world.CHALLENGE, 2, 4)
BOUNCE = Sort("a mail system's report", english.BOUNCE + world.BOUNCE, 2, 4)
NOTICE = Sort("a system's notice", english.NOTICE + world.NOTICE, 1, 4)
SORTS = (
    *(DECLARES, UNREAD, HINTS, WAY_OUT, AWAY, LEFT, UNTIL, READING, ANSWER, INSTEAD, THANKS),
    *(TICKET, CHALLENGE, BOUNCE, NOTICE),
)
_HEADLINES = (UNREAD, AWAY, LEFT, TICKET, CHALLENGE, BOUNCE)
_ANSWERS = frozenset(
    {DECLARES.says, UNREAD.says, AWAY.says, LEFT.says, READING.says, ANSWER.says, THANKS.says}
)
_OF_MAIL = frozenset({DECLARES.says, UNREAD.says, READING.says})
_TRIMMINGS = frozenset({UNTIL.says, INSTEAD.says})
_OF_A_SYSTEM = frozenset({DECLARES.says, UNREAD.says, HINTS.says, TICKET.says, BOUNCE.says, NOTICE.says})
_PERSON = {"asks": 2, "child": 3, "school day": 3, "greeting": 2, "pronoun": 1, "contact me": 2, "bait": 6}
_TABLES = Tables(
    {sort.says: sort.forms for sort in SORTS}
    | {
        "asks": voice.ASKS,
        "child": voice.CHILD,
        "school day": voice.SCHOOL_DAY,
        "greeting": voice.GREETING,
        "pronoun": voice.PRONOUN,
        "contact me": voice.CONTACT_ME,
        "bait": voice.BAIT,
        "asked by machines": voice.ASKED_BY_MACHINES,
        "first person": voice.FIRST_PERSON,
        "writer": voice.WRITER,
        "absent child": voice.ABSENT_CHILD,
        "many": english.MANY,
    }
)
_QUESTION = 3
_ABSENT_CHILD = 3
_WAYS = ("'s", " is", " has", " will", " only", " uses")
_OF_PROGRAMS = frozenset({DECLARES.says, UNREAD.says, HINTS.says, WAY_OUT.says, BOUNCE.says, TICKET.says})
_WRITER = 2
_OWNERS_WORDS = frozenset({DECLARES.says, AWAY.says, LEFT.says, ANSWER.says, THANKS.says})


@dataclass(frozen=True, slots=True)
class Score:
    """The points for a machine, those for a person, and what the text says, in words.

    ``many`` and ``notices`` count the forms of mail that goes to many, and those of a system's notices.
    """

    machine: int
    person: int
    many: int
    notices: int
    says: tuple[str, ...]

    @property
    def is_machine(self) -> bool:
        """Whether a machine wrote it, by the words."""
        return self.machine >= ENOUGH and self.machine - self.person >= _MARGIN

    @property
    def is_personal(self) -> bool:
        """Whether a person plainly wrote it, by the words."""
        return self.person >= PERSONAL and not self.is_machine

    @property
    def is_an_answer(self) -> bool:
        """Whether it says that it is automatic, or that somebody is not there."""
        return bool({DECLARES.says, AWAY.says, LEFT.says} & set(self.says))

    @property
    def is_many(self) -> bool:
        """Whether its words are rather those of mail that goes to many."""
        return self.many > max(1, self.notices) or WAY_OUT.says in self.says


def score(subject: str, text: str, sender_name: str = "", circumstance: int = 0) -> Score:
    """Weigh a message's words; ``circumstance`` is what its sender already counts for a machine.

    Only the opening is read, and a long text is a person's letter unless it says itself what it is.
    ``sender_name`` is the sender's: who speaks of himself in the third person is not the one who writes.
    """
    body, headline = words(text[:OPENING_LENGTH]), words(subject)
    in_body, in_headline = _TABLES.found(body), _TABLES.found(headline)
    told, titled, whole = map(_TABLES.count, (in_body, in_headline, in_body | in_headline))
    long = len(text) > _LONGEST
    said = _said(told, whole, (DECLARES,) if long else SORTS)
    person = _person_points(body, told)
    if not said.keys() & _OWNERS_WORDS and not _challenges(told):
        person += _WRITER * bool(told["writer"])
    if not circumstance and not said.keys() & _OF_PROGRAMS:
        said.pop(NOTICE.says, None)  # from a person's own address it is rather bait: somebody must see it
    own_name = _third_person(body, sender_name)
    if told["absent child"] and not own_name and not said.keys() & _OF_MAIL:
        person += _ABSENT_CHILD
    points = circumstance + sum(said.values())
    if not long:
        points += any(titled[sort.says] for sort in _HEADLINES) + 2 * own_name
    if body.strip() and said.keys() & _OF_A_SYSTEM and not told["first person"]:
        points += 1
        person -= _OF_A_SCHOOLS_SYSTEM * bool(whole["school day"])
    many = min(whole["many"], _MOST_COUNTED)
    notices = min(whole[NOTICE.says] + whole[TICKET.says], _MOST_COUNTED)
    return Score(
        points + (min(many, _MOST_MANY) if many > 1 else 0), max(0, person), many, notices, tuple(said)
    )


def person_points(body: str) -> int:
    """Weigh what only a person says in a line of ``words``."""
    return _person_points(body, _TABLES.count(_TABLES.found(body)))


def _person_points(body: str, told: Counter[str]) -> int:
    points = sum(worth for table, worth in _PERSON.items() if told[table])
    return points + _QUESTION * (_questions(body, told) > 0)


def _said(told: Counter[str], whole: Counter[str], sorts: tuple[Sort, ...]) -> dict[str, int]:
    """Return the points of each kind of sign; until when and whom instead mean nothing by themselves."""
    said = {}
    for sort in sorts:
        found = min((told if sort is DECLARES else whole)[sort.says], sort.most)
        if found:
            said[sort.says] = min(sort.most, sort.points + found - 1)
    if said.keys() & _ANSWERS:
        return said
    return {says: points for says, points in said.items() if says not in _TRIMMINGS}


def _challenges(told: Counter[str]) -> bool:
    return told[CHALLENGE.says] > 1


def _questions(body: str, told: Counter[str]) -> int:
    """Count the questions that a machine does not put; a gatekeeper's is one that it does."""
    if _challenges(told):
        return 0
    return max(0, body.count(voice.QUESTION) - told["asked by machines"])


def _third_person(body: str, sender: str) -> bool:
    """Whether a text speaks of its own sender as of somebody else."""
    names = [name for name in words(sender).split() if len(name) > 1]
    return any(f" {name}{way} " in body for name in names for way in _WAYS)
