"""Why a flag was raised, in words: one reason for each topic, one after the other."""

import re
from collections.abc import Collection, Iterator

from triage.domain.model import Outcome, Topic

BETWEEN = "; "
PASSED_UP = "nobody has said in time that they have it"
"""Why a case is shown to whoever is called and could not open it: of whom it is about that says nothing."""

TAKEN_AWAY = "a person has taken a wrong guess away; this was found beside it"

_HOW_SURE = re.compile(r"(plausible, not certain) \([^)]*\)")
_MORE = frozenset({"about staff", "about whoever would read it"})
"""What is said of a flag as a whole, after its reasons."""

_KEYS = frozenset(each.value for each in (*Topic, *Outcome))
_KEY = re.compile(r"([a-z]+(?:-[a-z]+)*)(?: \d\.\d\d)?: ")


def without(why: str, topic: str) -> str:
    """Return the reasons of a flag without those for one topic, which a person has taken away."""
    return others(why, [topic]) or TAKEN_AWAY


def others(why: str, topics: Collection[str]) -> str:
    """Return the reasons of a flag without those for some topics, "" where there is no other."""
    return BETWEEN.join(_others(why, topics))


def in_words(why: str) -> str:
    """Return the reasons of a flag as sentences, each once, without topics' names and without scores.

    What is no such reason, as what a person or an older release wrote, stays as it is.
    """
    if not any(_is_key(part) for part in why.split(BETWEEN)):
        return why
    said: list[str] = []
    for part in why.split(BETWEEN):
        if _is_key(part):
            said.append(_KEY.sub("", part, count=1))
        elif part in _MORE or not said:
            said.append(part)
        else:
            said[-1] += BETWEEN + part
    return " ".join(dict.fromkeys(_sentence(each) for each in said))


def _is_key(part: str) -> bool:
    named = _KEY.match(part)
    return named is not None and named[1] in _KEYS


def _sentence(words: str) -> str:
    plain = _HOW_SURE.sub(r"\1", words).strip()
    return plain[:1].upper() + plain[1:] + ("" if plain.endswith((".", "!", "?")) or not plain else ".")


def _others(why: str, topics: Collection[str]) -> Iterator[str]:
    dropping = False
    for part in why.split(BETWEEN):
        named = _KEY.match(part)
        if named is not None and named[1] in _KEYS:
            dropping = named[1] in topics
        if not dropping:
            yield part
