"""Words of a message quoted so that they still say what was written: whole sentences, not cut inside.

What is abusive or indecent is not quoted in the open: whoever must read it chooses when.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from triage.domain.model import Evidence, Topic

FOLDED = frozenset({Topic.OFFENSIVE, Topic.INDECENT})
"""The topics of which the words are shown when somebody asks for them, and not before."""

AROUND = 120
"""Characters on either side at most: of a text without full stops a stretch, and not the whole."""

_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n")


def in_the_open(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return the evidence of one message that may stand before everybody's eyes.

    Left out is what shows that it is abusive or indecent, and what shares a word with that.
    """
    folded = [each for each in evidence if each.topic in FOLDED]
    return tuple(
        each
        for each in evidence
        if not any(each.start < other.end and other.start < each.end for other in folded)
    )


def merged(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return evidence with what overlaps made one piece, in the order in which it was given.

    It may be of several messages: what only stands at the same place in another one does not overlap.
    """
    found: list[Evidence] = []
    for each in evidence:
        whole = each
        for other in [one for one in found if _overlap(one, whole)]:
            whole = _together(other, whole)
        at = next((place for place, one in enumerate(found) if _overlap(one, whole)), len(found))
        found = [one for one in found if not _overlap(one, whole)]
        found.insert(at, whole)
    return tuple(found)


def _overlap(one: Evidence, other: Evidence) -> bool:
    first, second = sorted((one, other), key=lambda each: each.start)
    shared = min(first.end, second.end) - second.start
    return shared > 0 and first.text[second.start - first.start :][:shared] == second.text[:shared]


def _together(one: Evidence, other: Evidence) -> Evidence:
    first, second = sorted((one, other), key=lambda each: each.start)
    if second.end <= first.end:
        return first
    return replace(first, text=first.text + second.text[first.end - second.start :], end=second.end)


def whole_sentence(text: str, shown: Evidence) -> Evidence:
    """Return evidence widened to its sentence: who collects a child, and when, stands beside the word."""
    ends = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    start = max(*(end for end in ends if end <= shown.start), shown.start - AROUND)
    end = min(*(end for end in ends if end >= shown.end), shown.end + AROUND)
    return replace(shown, text=text[start:end].strip(), start=start, end=end)
