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


def whole_sentence(text: str, shown: Evidence) -> Evidence:
    """Return evidence widened to its sentence: who collects a child, and when, stands beside the word."""
    ends = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    start = max(*(end for end in ends if end <= shown.start), shown.start - AROUND)
    end = min(*(end for end in ends if end >= shown.end), shown.end + AROUND)
    return replace(shown, text=text[start:end].strip(), start=start, end=end)
