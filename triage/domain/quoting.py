"""Words of a message quoted so that they still say what was written: whole sentences, not cut inside."""

import re
from dataclasses import replace

from triage.domain.model import Evidence

AROUND = 120
"""Characters on either side at most: of a text without full stops a stretch, and not the whole."""

_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n")


def whole_sentence(text: str, shown: Evidence) -> Evidence:
    """Return evidence widened to its sentence: who collects a child, and when, stands beside the word."""
    ends = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    start = max(*(end for end in ends if end <= shown.start), shown.start - AROUND)
    end = min(*(end for end in ends if end >= shown.end), shown.end + AROUND)
    return replace(shown, text=text[start:end].strip(), start=start, end=end)
