"""The safeguarding floor: fixed phrases over every text, which no policy and no negation can undo.

High recall comes before precision: "he is not suicidal" still goes to a person. ``immediate`` is kept for
explicit, present danger, because it wakes somebody; it does heed negation, the past and fiction. What a
school, a charity or a health service writes under every message is not told of anybody, and is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from triage.classify.boilerplate import Setting
from triage.classify.evidence import Find, finds
from triage.classify.frames import framed
from triage.classify.phrases import CERTAIN, EXPLICIT, FLOOR, IMMEDIATE, MATTERS, Hit, Phrases
from triage.classify.sentences import Reading
from triage.classify.signs import adding_up

_TABLES: Final = (CERTAIN, IMMEDIATE, EXPLICIT, FLOOR, MATTERS)


@dataclass(frozen=True, slots=True)
class Floor:
    """What the floor found in one text. ``found`` is empty when it did not hit.

    ``immediate`` is explicit, present danger; ``certain`` is danger told by the one in it or with a time.
    ``explicit`` is harm told plainly of somebody, present or not: it counts whatever a trained reader says.
    """

    found: Sequence[Find]
    immediate: bool
    certain: bool
    explicit: bool


_NOTHING: Final = Floor((), immediate=False, certain=False, explicit=False)


def floor(phrases: Phrases, reading: Reading, hits: Mapping[str, Sequence[Hit]]) -> Floor:
    """Judge the hits of one text that was read; never raises, linear."""
    if not hits:
        return _NOTHING
    shown = {table: finds(phrases, reading, table, hits.get(table, ())) for table in _TABLES}
    for table, more in framed(phrases, reading, hits).items():
        shown[table].extend(more)
    shown[MATTERS].extend(adding_up(phrases, reading, hits))
    if not any(shown.values()):
        return _NOTHING
    setting = Setting(reading, hits)
    certain = [find for find in shown[CERTAIN] if not setting.is_listed(find)]
    danger = [find for find in shown[IMMEDIATE] if not setting.is_listed(find)]
    present = [find for find in danger if not setting.is_pretended(find)]
    plain = [find for find in shown[EXPLICIT] if _is_told(find, setting)]
    signs = [find for find in shown[FLOOR] if not setting.is_listed(find)]
    matters = [find for find in shown[MATTERS] if not setting.is_named_only(find)]
    found = (*certain, *danger, *plain, *signs, *matters)
    immediate = bool(certain or present)
    return Floor(found, immediate, bool(certain), immediate or bool(plain))


def _is_told(find: Find, setting: Setting) -> bool:
    """Whether a find is told of somebody: in no list, no lesson and no play."""
    return not (setting.is_listed(find) or setting.is_named_only(find) or setting.is_pretended(find))
