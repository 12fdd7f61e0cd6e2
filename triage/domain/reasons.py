"""Why a flag was raised, in words: one reason for each topic, one after the other."""

import re
from collections.abc import Collection, Iterator

from triage.domain.model import Outcome, Topic

BETWEEN = "; "
TAKEN_AWAY = "a person has taken a wrong guess away; this was found beside it"

_KEYS = frozenset(each.value for each in (*Topic, *Outcome))
_KEY = re.compile(r"([a-z]+(?:-[a-z]+)*)(?: \d\.\d\d)?: ")


def without(why: str, topic: str) -> str:
    """Return the reasons of a flag without those for one topic, which a person has taken away."""
    return others(why, [topic]) or TAKEN_AWAY


def others(why: str, topics: Collection[str]) -> str:
    """Return the reasons of a flag without those for some topics, "" where there is no other."""
    return BETWEEN.join(_others(why, topics))


def _others(why: str, topics: Collection[str]) -> Iterator[str]:
    dropping = False
    for part in why.split(BETWEEN):
        named = _KEY.match(part)
        if named is not None and named[1] in _KEYS:
            dropping = named[1] in topics
        if not dropping:
            yield part
