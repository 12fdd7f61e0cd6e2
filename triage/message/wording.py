"""The words that the school sends: its templates in every language that it has, read and tried at start."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from pathlib import Path

from triage.domain.language import ENGLISH
from triage.domain.replies import (
    FRAME,
    GREETING,
    HELP,
    TALKING,
    WAYS,
    framed,
    needed_parts,
    pack_parts,
)
from triage.message.wording_facts import (
    FACTS,
    HELP_LINES,
    Particulars,
    facts_in,
    reply_facts,
    told_in,
)
from triage.message.wording_marks import marked
from triage.message.wording_templates import KEPT, WordingError, Words, read_folder, refuse_missing

__all__ = ["ENGLISH", "FACTS", "HELP_LINES", "Particulars", "Wording", "WordingError", "reply_facts"]

NOTICE_FACTS = (
    "school",  # the school's name
    "case",  # the case's number, "" for none or several
    "where",  # the address of the page
    "number",  # how many cases, "" for one
    "since",  # since when, in words
    "due",  # by which day, in words
    "late",  # whether that has passed
    "above",  # whether it is told as to the next person up
    "open",  # how many flags wait in somebody's queue
    "new",  # how many of them are new since their last day at work
    "today",  # how many are due today
    "overdue",  # how many should have been dealt with
    "messages",  # how many messages have come
    "raised",  # how many safeguarding cases came of them
    "waiting",  # how many safeguarding cases nobody has taken
    "unread",  # how many mailboxes are not being read
)
"""What a notice to the school's people may say: numbers and moments, nothing of a message."""

NOTICES = frozenset(
    {
        *("immediate", "high", "escalated", "taken", "morning", "quiet", "deadline", "test"),
        *("breaker", "too-many", "unread", "works-again", "went-back", "undelivered", "alert-trial"),
        "token",
    }
)

APART = frozenset({"digest"})
"""Of the notices what says more than a notice may, and has words of its own (message/digest_words.py)."""

WHOLE = (ENGLISH, "cy")
"""The languages that need no English below them, given that they have every part that English has."""

SEPARATOR = "* * *"
"""What stands alone in a line between a reply in another language and the English below it."""

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_TRIAL_LINES = {name: f"trial help line {name}" for name in HELP_LINES}


class Wording:
    """The templates of one school.

    ``folder`` holds ``replies/<language>/*.txt``, a language by its code of ISO 639 in small letters, and
    ``notify/*.txt``. Raises WordingError when a template is missing, empty, broken, uses an unknown fact, or
    when a help part leaves a help line out.
    """

    def __init__(self, folder: Path) -> None:
        self._replies = {name: _language(folder, name) for name in _languages(folder)}
        self._notices = read_folder(folder, "notify", NOTICE_FACTS, APART)
        refuse_missing(folder, "notify", NOTICES - self._notices.keys())
        self._try()

    @property
    def parts(self) -> frozenset[str]:
        """The names of the reply parts, greeting and help included: what a policy may ask for, and those."""
        return frozenset(self._replies[ENGLISH]) - {WAYS}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which a whole reply can be said, English first."""
        every = self._replies[ENGLISH].keys()
        return tuple(name for name in WHOLE if name in self._replies and every <= self._replies[name].keys())

    @property
    def packs(self) -> tuple[str, ...]:
        """The languages that have the general parts only: the whole reply stands below in English."""
        return tuple(sorted(self._replies.keys() - set(self.languages)))

    def reply(self, parts: Sequence[str], facts: Mapping[str, object], *, language: str = ENGLISH) -> str:
        """Return one reply made of parts, from greeting to help lines, a paragraph on each line.

        ``facts`` are those of ``reply_facts``. In a pack's language its own words come first, with "please
        ring" or "ring now" for each part that it lacks; below them stands the whole reply in English. Raises
        WordingError when a part, a fact or the language is unknown or missing, or without help lines.
        """
        self._refuse(parts, facts, language)
        words = self._said(self.own_parts(parts, language), facts, language)
        if language in self.languages:
            return words
        return "\n\n".join((marked(words, language), SEPARATOR, self.reply(parts, facts)))

    def own_parts(self, parts: Sequence[str], language: str) -> tuple[str, ...]:
        """Return the names of the parts in which a language itself says a reply, with the frame."""
        if language in self.languages:
            return framed(parts)
        own = self._replies[language]
        return pack_parts(framed(parts) if WAYS in own else parts, own)

    def own_words(
        self, parts: Sequence[str], facts: Mapping[str, object], language: str
    ) -> tuple[tuple[Words, str], ...]:
        """Return what a language itself says for a reply: its templates in turn, each with its words.

        Of a pack that is what stands above the English, without marks of direction. Raises WordingError.
        """
        self._refuse(parts, facts, language)
        return self._rendered(self.own_parts(parts, language), facts, language)

    def parts_in(self, language: str) -> tuple[str, ...]:
        """Return the names of the parts that a language has, the greeting first and the help lines last."""
        names = self._replies[language].keys()
        order = (GREETING, *sorted(names - {GREETING, HELP}), HELP)
        return tuple(name for name in order if name in names)

    def part(self, name: str, facts: Mapping[str, object], language: str) -> str:
        """Return the words of one part alone, as they stand in a language. Raises WordingError, KeyError."""
        return marked(self._said((name,), facts, language), language)

    def fingerprint(self, language: str) -> str:
        """Return what tells the words of a language from any others: whoever approves them approves these."""
        files = self._replies[language].items()
        told = "\0".join(f"{name}\0{words.source}" for name, words in sorted(files))
        return hashlib.sha256(told.encode()).hexdigest()

    def notice(self, name: str, facts: Mapping[str, object]) -> str:
        """Return a notice to the school's own people; a fact that is not given is "". Raises WordingError."""
        if name not in self._notices:
            raise WordingError(f"There is no notice template {name!r}.")
        return self._notices[name].render({**dict.fromkeys(NOTICE_FACTS, ""), **facts})

    def _refuse(self, parts: Sequence[str], facts: Mapping[str, object], language: str) -> None:
        if not parts or parts[0] != GREETING or parts[-1] != HELP:
            raise WordingError("A reply begins with the greeting and ends with the help lines.")
        if not facts.get("help_lines"):
            raise WordingError("No help lines are set, and no reply goes out without them.")
        if language not in self._replies:
            raise WordingError(f"There are no reply templates in the language {language!r}.")
        unknown = [part for part in parts if part not in self._replies[ENGLISH]]
        if unknown:
            raise WordingError(f"There is no reply template {unknown[0]!r}.")

    def _said(self, parts: Sequence[str], facts: Mapping[str, object], language: str) -> str:
        return _joined(self._rendered(parts, facts, language))

    def _rendered(
        self, parts: Sequence[str], facts: Mapping[str, object], language: str
    ) -> tuple[tuple[Words, str], ...]:
        """Render parts one after the other, each knowing which numbers stand above it already."""
        given = facts_in(language, facts)
        given["talking"] = not TALKING.isdisjoint(parts)
        said: list[tuple[Words, str]] = []
        for words in (self._replies[language][part] for part in parts):
            given["told"] = told_in(_joined(said), given)
            said.append((words, words.render(given)))
        return tuple(said)

    def _try(self) -> None:
        """Render everything once in every case, so that a mistake shows at start and not at night."""
        for language in self._replies.values():
            for name, words in language.items():
                _try_words(name, words)
        for words in self._notices.values():
            words.render(dict.fromkeys(NOTICE_FACTS, "trial"))


def _joined(said: Iterable[tuple[Words, str]]) -> str:
    return "\n\n".join(text for _, text in said)


def _languages(folder: Path) -> list[str]:
    """Return the languages that there are folders for, English among them."""
    try:
        found = sorted(path.name for path in (folder / "replies").iterdir() if path.is_dir())
    except OSError as error:
        raise WordingError(f"The templates in {folder / 'replies'} cannot be read: {error}") from error
    for name in found:
        if not _LANGUAGE.fullmatch(name):
            raise WordingError(f"replies/{name}: a language's folder is called by its code, such as cy.")
    return sorted({ENGLISH, *found})


def _language(folder: Path, name: str) -> dict[str, Words]:
    place = f"replies/{name}"
    found = read_folder(folder, place, FACTS)
    needed = FRAME if name == ENGLISH else needed_parts(found)
    refuse_missing(folder, place, needed - found.keys())
    return found


@lru_cache(maxsize=KEPT)
def _try_words(name: str, words: Words) -> None:
    """Render a template in every case; what has stood its trial is not tried again in this process."""
    for facts in _trial_facts(words.facts):
        text = words.render(facts)
        if name == HELP and not all(line in text for line in _TRIAL_LINES.values()):
            raise WordingError(f"{words.place} must show every number of help_lines, whatever else.")


_CASES: Mapping[str, tuple[object, ...]] = {
    "office_hours": ("8:00 to 16:00", ""),
    "absence_by": ("8:30", ""),
    "absence_by_email": (True, False),
    "emergency": ("emergency", ""),
    "closed": (True, False),
    "opening": ("8:00 on Monday", ""),
    "watched": (True, False),
    "answer_within": ("two days", ""),
    "help_lines": (_TRIAL_LINES,),
    "told": ((), ("office",), ("emergency",), ("office", "emergency")),
    "talking": (True, False),
}
"""The values that make a difference; any other fact is its own name."""


def _trial_facts(used: frozenset[str]) -> Iterator[dict[str, object]]:
    """Yield every case of the facts that a template uses."""
    names = sorted(used)
    for case in product(*(_CASES.get(name, (name,)) for name in names)):
        yield dict(zip(names, case, strict=True))
