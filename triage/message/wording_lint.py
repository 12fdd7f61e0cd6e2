"""What can be wrong with the words of replies although each of them can be read and rendered.

A school edits its words; so here are looked at, in every language, the replies that its policy can make.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from triage.domain.language import ENGLISH
from triage.domain.policy import Policy
from triage.domain.replies import every_reply
from triage.message.wording import Wording
from triage.message.wording_facts import NUMBERS, facts_in
from triage.message.wording_templates import Words

LONGEST_PART = 800
LONGEST_REPLY = 3_000
"""In characters, each language by itself: an automatic reply is brief (RFC 3834 section 3.2; A16)."""

FIRST_LINES = {ENGLISH: "Your message has arrived.", "cy": "Mae eich neges wedi cyrraedd."}

_PROMISE = {
    ENGLISH: r"\bwithin (?:\d+|an?|one|two|three|four|five|ten|the) "
    r"|(?:\b(?:will|shall)|'ll) (?:soon |shortly )?(?:answer|reply|respond|get back|be in touch|contact)\b",
    "cy": r"\bo fewn (?:\d+|un|dau|dwy|tri|tair|pum|wythnos|diwrnod)\b|\bb(?:yddwn|ydd \w+) (?:yn )?ateb\b",
}
_TELLING_OFF = {
    ENGLISH: r"\b(?:must not|should (?:not|have)|inappropriate|not allowed|unacceptable|forbidden|policy"
    r"|failed|do not (?:send|write|e-mail|use)|refrain|in future|next time)\b",
}
_NOTHING = r"(?!)"
_NUMBER = re.compile(r"\+?\d(?:[ ()-]{0,2}\d){6,}")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_LEFT_OVER = re.compile(r"[{}]|\b(?:None|True|False)\b")

_Said = tuple[tuple[Words, str], ...]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something wrong: in which template, on which of its lines (0 where that cannot be told), and what."""

    place: str
    line: int
    words: str

    def __str__(self) -> str:
        """Return it as one line for people."""
        return f"{self.place}{f', line {self.line}' if self.line else ''}: {self.words}"


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it: how many ``replies`` were tried in which ``languages``, and the faults, each once."""

    replies: int
    languages: tuple[str, ...]
    faults: tuple[Fault, ...]


def lint(wording: Wording, policy: Policy, situations: Iterable[Mapping[str, object]]) -> Tried:
    """Say every reply that a policy can make, in every situation and language, and look for faults.

    ``situations`` are facts of ``reply_facts``. Raises WordingError when one cannot be said at all.
    """
    languages = (*wording.languages, *wording.packs)
    asked = [rule.reply for rule in policy.rules.values() if rule.reply]
    faults: set[Fault] = set()
    number = 0
    for facts in situations:
        every = every_reply(asked, is_open=not facts["closed"])
        for language in languages:
            # A pack says the same for many of them.
            told_apart = {wording.own_parts(parts, language): parts for parts in every}
            replies = [wording.own_words(parts, facts, language) for parts in told_apart.values()]
            faults.update(_faults(replies, facts_in(language, facts), language))
            if language in wording.languages:
                faults.update(fault for said in replies for fault in _said_twice(said, facts))
            number += len(replies)
    return Tried(number, languages, tuple(sorted(faults)))


def _faults(replies: Iterable[_Said], facts: Mapping[str, object], language: str) -> Iterator[Fault]:
    for words, text in {piece for said in replies for piece in said}:
        for found, what in _in_part(text, facts, language):
            yield Fault(words.place, _line(words.source, found), what)
        if len(text) > LONGEST_PART:
            yield Fault(words.place, 0, f"it comes to more than {LONGEST_PART} characters; a reply is brief")
    for said in replies:
        yield from _in_whole(said, facts, language)


def _in_part(text: str, facts: Mapping[str, object], language: str) -> Iterator[tuple[str, str]]:
    """Yield what a part says that it may not, and why not."""
    unpromised = text.replace(str(facts["answer_within"] or "\0"), "")
    for found in re.finditer(_PROMISE.get(language, _NOTHING), unpromised):
        yield found[0], f"{found[0]!r} promises an answer, which only replies.answer_within does"
    for found in re.finditer(_TELLING_OFF.get(language, _NOTHING), text, re.IGNORECASE):
        yield found[0], f"{found[0]!r} tells the reader off"
    for found in _NUMBER.finditer(text):
        if _digits(found[0]) not in _numbers(facts):
            yield found[0], f"the number {found[0]} is none of the settings': no person's own is given"
    for found in _ADDRESS.finditer(text):
        yield found[0], f"the address {found[0]} is given; a reply comes from the right one by itself"
    for found in _LEFT_OVER.finditer(text):
        yield found[0], f"{found[0]!r} was left standing"


def _in_whole(said: _Said, facts: Mapping[str, object], language: str) -> Iterator[Fault]:
    """Yield what is wrong with a reply as a whole."""
    (greeting, first), (help_part, last) = said[0], said[-1]
    wanted = FIRST_LINES.get(language)
    if wanted and first.split("\n")[0] != wanted:
        yield Fault(greeting.place, 1, f"every reply begins with {wanted!r}")
    if not any(number in _digits(last.split("\n")[-1]) for number in _help_numbers(facts)):
        yield Fault(help_part.place, 0, "every reply ends with the help lines, and nothing stands below them")
    if sum(len(text) for _, text in said) > LONGEST_REPLY:
        parts = ", ".join(words.place for words, _ in said[1:-1])
        yield Fault(
            f"replies/{language}", 0, f"together these are more than {LONGEST_REPLY} characters: {parts}"
        )


def _said_twice(said: _Said, facts: Mapping[str, object]) -> Iterator[Fault]:
    """Yield the numbers of the school that one reply says more than once: "told" knows what stands above."""
    for number in {str(facts[name]) for name in NUMBERS if facts[name]}:
        saying = [words for words, text in said for _ in range(text.count(number))]
        for words in saying[1:]:
            yield Fault(words.place, 0, f"it says {number} once more: leave out what is in told")


def _numbers(facts: Mapping[str, object]) -> frozenset[str]:
    return frozenset(_digits(str(facts[name])) for name in NUMBERS) | _help_numbers(facts)


def _help_numbers(facts: Mapping[str, object]) -> frozenset[str]:
    lines = facts["help_lines"]
    return (
        frozenset(_digits(str(line)) for line in lines.values())
        if isinstance(lines, Mapping)
        else frozenset()
    )


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _line(source: str, found: str) -> int:
    """Return the line of a template where some words of its reply begin, 0 where they are not found."""
    words = found.split()
    for length in range(len(words), 0, -1):
        beginning = " ".join(words[:length])
        for number, line in enumerate(source.splitlines(), start=1):
            if beginning in line:
                return number
    return 0
