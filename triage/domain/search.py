"""What somebody looks for in the queue, and which words of a text can be found again."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Self

from triage.domain.model import Severity

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
        state = given.get("state", "open")
        holder = given.get("holder", "")
        if state not in {"open", "resolved"} or holder not in {"", "me", "nobody"}:
            raise ValueError("there is no such choice")
        return cls(
            state=state,
            severity=Severity(given["severity"]) if "severity" in given else None,
            topic=given.get("topic", ""),
            year=int(given["year"]) if "year" in given else None,
            pupil=given.get("pupil", ""),
            sender=given.get("sender", ""),
            words=given.get("words", ""),
            since=date.fromisoformat(given["since"]) if "since" in given else None,
            until=date.fromisoformat(given["until"]) if "until" in given else None,
            holder=holder,
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
