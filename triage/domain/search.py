"""What somebody looks for in the queue, and which words of a text can be found again."""

import re
import unicodedata
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from datetime import date
from typing import Self

from triage.domain.model import Severity, Topic, Trouble

YEARS = range(21)
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
"""Between these are the days of school on which a flag can have been raised."""

_TOPICS = frozenset(each.value for each in (*Topic, *Trouble))
SHORTEST, LONGEST, MOST = 2, 40, 600
_WORD = re.compile(r"\w+(?:['\u2019]\w+)*")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a view of the queue shows; what is None or empty leaves out nothing.

    ``topic`` is the value of a topic or a trouble; ``pupil`` a pupil's id; ``sender`` an address; ``words``
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
            state=_one_of({"open", "resolved"}, given.get("state", "open")),
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
    plain = unicodedata.normalize("NFKD", text.casefold())
    found: dict[str, None] = {}
    for match in _WORD.finditer("".join(char for char in plain if not unicodedata.combining(char))):
        word = match[0].replace("'", "").replace("\u2019", "")
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
