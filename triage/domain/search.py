"""What somebody looks for in the queue, and which words of a text can be found again."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from datetime import date
from typing import Self

from triage.domain.model import Severity, Topic, Trouble
from triage.domain.roster import Pupil

YEARS = range(21)
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
"""Between these are the days of school on which a flag can have been raised."""

_TOPICS = frozenset(each.value for each in (*Topic, *Trouble))
SHORTEST, LONGEST, MOST = 2, 40, 600
_WORD = re.compile(r"\w+(?:['\u2019]\w+)*")
_OWNED = re.compile(r"['\u2019]s$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a view of the queue shows; what is None or empty leaves out nothing.

    ``state`` is "open", "resolved" or, for both, "any"; ``topic`` is the value of a topic or a trouble;
    ``pupil`` a pupil's id or name; ``sender`` an address; ``words``
    whole words that must all stand in the message; ``holder`` "me", "nobody" or "". Dates are school days
    on which the flag was raised, both included.
    """

    state: str = "open"
    severity: Severity | None = None
    topic: str = ""
    year: int | None = None
    pupil: str = ""
    sender: str = ""
    words: str = ""
    since: date | None = None
    until: date | None = None
    holder: str = ""

    def plain(self) -> Mapping[str, str]:
        """Return what is wanted as text by name, without what is not."""
        stated = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: str(value) for name, value in stated.items() if value not in {None, ""}}

    @classmethod
    def read(cls, plain: Mapping[str, str]) -> Self:
        """Read what ``plain`` gave, or a form. Raises ValueError for a value that cannot be meant."""
        given = {name: value.strip() for name, value in plain.items() if value.strip()}
        if any("\0" in value for value in given.values()):
            raise ValueError("no text of a database holds this")
        return cls(
            state=_one_of({"open", "resolved", "any"}, given.get("state", "open")),
            severity=Severity(given["severity"]) if "severity" in given else None,
            topic=_one_of({"", *_TOPICS}, given.get("topic", "")),
            year=_year(given["year"]) if "year" in given else None,
            pupil=given.get("pupil", ""),
            sender=given.get("sender", ""),
            words=given.get("words", ""),
            since=_day(given["since"]) if "since" in given else None,
            until=_day(given["until"]) if "until" in given else None,
            holder=_one_of({"", "me", "nobody"}, given.get("holder", "")),
        )


def words_of(text: str) -> frozenset[str]:
    """Return a text's words as they are looked up: without case, accents and apostrophes, the first 600."""
    return _first(_joined(word) for word in _spoken(text))


def words_kept(text: str) -> frozenset[str]:
    """Return the words by which a text is found: as ``words_of``, and "Izzy's" is found by "Izzy" as well."""
    return _first(each for word in _spoken(text) for each in _kept(word))


def is_called(pupil: Pupil, asked: str) -> bool:
    """Tell whether what was asked for is a pupil's id, or names of the pupil's, each whole."""
    names = words_of(asked)
    called = words_of(f"{pupil.given} {pupil.known_as} {pupil.family}")
    return pupil.id.casefold() == asked.casefold() or (bool(names) and names <= called)


def _spoken(text: str) -> Iterator[str]:
    """Yield the words of a text without case and accents, their apostrophes kept."""
    plain = text.casefold()
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", plain)
        plain = "".join(char for char in apart if not unicodedata.combining(char))
    return (match[0] for match in _WORD.finditer(plain))


def _kept(word: str) -> tuple[str, ...]:
    if word.isalnum():
        return (word,)
    return (_joined(word), _joined(_OWNED.sub("", word)))


def _joined(word: str) -> str:
    return word.replace("'", "").replace("\u2019", "")


def _first(words: Iterable[str]) -> frozenset[str]:
    found: dict[str, None] = {}
    for word in words:
        if SHORTEST <= len(word) <= LONGEST:
            found[word] = None
        if len(found) == MOST:
            break
    return frozenset(found)


def _one_of(choices: AbstractSet[str], given: str) -> str:
    if given not in choices:
        raise ValueError("there is no such choice")
    return given


def _year(given: str) -> int:
    if int(given) not in YEARS:
        raise ValueError("no school has such a year")
    return int(given)


def _day(given: str) -> date:
    day = date.fromisoformat(given)
    if not FIRST <= day <= LAST:
        raise ValueError("no flag was raised on such a day")
    return day
