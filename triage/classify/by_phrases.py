"""What a message is about, by phrases: the first classifier behind the face that a model will share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from triage.classify import facts
from triage.classify.disguise import undisguised
from triage.classify.evidence import Find, evidence, finds, score
from triage.classify.floor import Floor, floor
from triage.classify.language import is_english_enough
from triage.classify.loading import load
from triage.classify.phrases import PHISHING, STRENGTHS, Hit, Phrases
from triage.classify.pointing import FEW_WORDS, only_points
from triage.classify.sentences import Reading
from triage.domain.model import MACHINES, Classification, Evidence, Identity, Message, SenderKind, Topic

GREY_BAND: Final = (0.4, 0.5)
NOT_ENGLISH: Final = "not English enough to be read"
SUBSTANCE: Final = "substance in the attachment"
NO_EXTRA: Final[Mapping[Topic, Sequence[str]]] = MappingProxyType({})


class ByPhrases:
    """Finds topics by phrases and a few facts of structure; pure and thread-safe once made.

    Phrases find perhaps a third of what parents mean: they know turns of phrase, not meaning. A topic that
    is found is mostly there; a topic that is not found may be there all the same.

    ``extra`` holds a school's own phrases, plain text and no regular expressions, taken as strong.
    Raises ``PhraseError`` (a ValueError with table and key) when one of them holds no word.
    """

    def __init__(self, extra: Mapping[Topic, Sequence[str]] = NO_EXTRA) -> None:
        self._phrases = load(extra)

    def __call__(
        self, message: Message, identity: Identity, *, answers_staff: bool = False
    ) -> Classification:
        """Classify the subject and what the sender wrote now; never raises, linear.

        Phrases do not heed whether a message answers staff. The safeguarding floor also reads the quoted
        and forwarded text and the names of attachments. Where it hits only there, that text is added to
        ``Classification.text`` and the evidence points into it. A dangerous attachment's name is added in
        the same way.
        """
        del answers_staff
        own = _part(self._phrases, message.classified_text)
        draft = _Draft(own.text)
        for topic in (topic for topic in Topic if topic in own.hits):
            found = own.finds(topic)
            draft.add(topic, score(found), own.evidence(topic, found))
        _phishing(own, draft)
        _attachments(message, draft)
        rest = _part(self._phrases, _rest(message))
        judged = _floor(own, rest, draft, told=identity.sender is not SenderKind.BULK)
        _implied(draft)
        return Classification(
            text=draft.text,
            scores=draft.scores,
            evidence=tuple(dict.fromkeys(draft.evidence)),
            immediate=judged.immediate,
            phrase_floor=bool(judged.found),
            explicit=judged.explicit,
            uncertain=None if identity.sender in MACHINES else _uncertain(own, message, draft.scores),
        )


@dataclass(frozen=True, slots=True)
class _Part:
    """One text of a message with all that was found in it."""

    phrases: Phrases
    text: str
    reading: Reading
    hits: Mapping[str, Sequence[Hit]]

    def finds(self, table: str) -> Sequence[Find]:
        return finds(self.phrases, self.reading, table, self.hits.get(table, ()))

    def floor(self) -> Floor:
        return floor(self.phrases, self.reading, self.hits)

    def undisguised(self) -> "_Part | None":
        """Return the second reading for the floor, None where nothing is disguised."""
        plain = undisguised(self.text)
        return None if plain == self.text else replace(_part(self.phrases, plain), text=self.text)

    def evidence(self, topic: Topic, found: Sequence[Find], start: int = 0) -> list[Evidence]:
        shown = evidence(self.text, self.reading, topic, found)
        return [replace(each, start=each.start + start, end=each.end + start) for each in shown]


@dataclass
class _Draft:
    """A classification in the making."""

    text: str
    scores: dict[Topic, float] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)

    def add(self, topic: Topic, strength: float, shown: Sequence[Evidence]) -> None:
        if strength > 0:
            self.scores[topic] = max(strength, self.scores.get(topic, 0.0))
            self.evidence.extend(shown)

    def append(self, more: str) -> int:
        """Lengthen the text; return the offset at which ``more`` begins."""
        self.text += f"\n\n{more}"
        return len(self.text) - len(more)


def _part(phrases: Phrases, text: str) -> _Part:
    reading = phrases.read(text)
    return _Part(phrases, text, reading, phrases.find(reading))


def _rest(message: Message) -> str:
    """Return what else can be read in a message: quoted and forwarded text, and the names of attachments."""
    more = "" if message.text.strip() == message.own_text.strip() else message.text
    return "\n".join((more, *(attachment.filename for attachment in message.attachments)))


def _phishing(own: _Part, draft: _Draft) -> None:
    """Add what a page that asks for passwords shows: the asking and a link, in any two sentences."""
    asked = own.finds(PHISHING)
    link = next(facts.links(own.text), None) if asked else None
    if link is None:
        return
    for topic in (Topic.DISRUPTION, Topic.ACCOUNT_ACCESS):
        shown = [*own.evidence(topic, asked), Evidence(topic, own.text[slice(*link)], *link)]
        draft.add(topic, score(asked), shown)


def _attachments(message: Message, draft: _Draft) -> None:
    for attachment in facts.dangerous(message.attachments):
        start = draft.append(attachment.filename)
        shown = Evidence(Topic.DISRUPTION, attachment.filename, start, start + len(attachment.filename))
        draft.add(Topic.DISRUPTION, STRENGTHS["strong"], [shown])


def _floor(own: _Part, rest: _Part, draft: _Draft, *, told: bool) -> Floor:
    """Run the floor over all text and show what it found.

    Outside the sender's own words (footers, what was said before), and in what goes to a list, only
    danger that is ``certain`` wakes somebody: the rest is a matter for review.
    """
    in_own, in_rest = _both(own), _both(rest)
    wakes = any(_wakes(result, told=told) for _, result in in_own)
    wakes_in_rest = any(_wakes(result, told=False) for _, result in in_rest)
    for part, result in in_own:
        _show(part, result, draft, 0)
    if (in_rest and not in_own) or (wakes_in_rest and not wakes):
        start = draft.append(rest.text)
        for part, result in in_rest:
            _show(part, result, draft, start)
    results = [result for _, result in (*in_own, *in_rest)]
    return Floor(
        found=[find for result in results for find in result.found],
        immediate=wakes or wakes_in_rest,
        certain=any(result.certain for result in results),
        explicit=any(result.explicit for result in results),
    )


def _both(part: _Part) -> list[tuple[_Part, Floor]]:
    """Return what the floor found in a text and in its second reading, without what found nothing."""
    readings = [part, part.undisguised()]
    judged = [(each, each.floor()) for each in readings if each is not None]
    return [(each, result) for each, result in judged if result.found]


def _wakes(result: Floor, *, told: bool) -> bool:
    return result.immediate if told else result.certain


def _show(part: _Part, result: Floor, draft: _Draft, start: int) -> None:
    shown = part.evidence(Topic.SAFEGUARDING, result.found, start)
    draft.add(Topic.SAFEGUARDING, STRENGTHS["strong"], shown)


def _implied(draft: _Draft) -> None:
    """Personal information about another pupil is always about another pupil."""
    personal = draft.scores.get(Topic.OTHER_PUPIL_PERSONAL, 0.0)
    if personal > draft.scores.get(Topic.OTHER_PUPIL, 0.0):
        shown = [each for each in draft.evidence if each.topic is Topic.OTHER_PUPIL_PERSONAL]
        draft.add(Topic.OTHER_PUPIL, personal, [replace(each, topic=Topic.OTHER_PUPIL) for each in shown])


def _uncertain(own: _Part, message: Message, scores: Mapping[Topic, float]) -> str | None:
    """Return why a person should read this one, None when there is no reason."""
    placed = zip(own.reading.words, own.reading.spans, strict=True)
    words = [word for word, span in placed if span[0] > len(message.subject)]
    is_bare = bool(message.attachments) and sum(word.isalnum() for word in words) <= FEW_WORDS
    is_clear = any(value >= GREY_BAND[1] for value in scores.values())
    if is_bare or (only_points(words) and not is_clear):
        return SUBSTANCE
    if not is_english_enough(own.phrases, words):
        return NOT_ENGLISH
    grey = sorted(topic for topic, value in scores.items() if GREY_BAND[0] <= value < GREY_BAND[1])
    return f"close to the line: {', '.join(grey)}" if grey else None
