"""Letters that only point at what is attached to them: a program reads nothing of what they are about."""

from collections.abc import Sequence
from typing import Final

FEW_WORDS: Final = 4
"""Beside something attached, so few words are no letter."""

_MOST_LEFT: Final = 5
_POINTS: Final = frozenset(
    {"attached", "attachment", "attachments", "attaching", "attach", "enclosed", "enclosing", "pfa"}
)
_BESIDE_IT = """
dear hello hi hiya hey good morning afternoon evening all team office school sir madam mr mrs miss ms dr
to whom it may concern hope you are your well thank thanks many very much kind regards best wishes
sincerely yours faithfully cheers x xx mum dad
please kindly find see read open check view have a an the this that these those is am be been and or in on
as per at of for from with by them here herewith below above will can could i we he she they my our his
her their me us s just also sending send sent resending forwarding forward forwarded discussed promised
requested mentioned asked said agreed spoke earlier today yesterday again sorry forgot now let know
file files document documents doc docs pdf photo photos picture pictures pic pics image images screenshot
screenshots scan scans scanned copy copies letter letters note form forms email message report certificate
evidence information info details detail attention reference records record use response reply
completed filled signed out
"""
_BESIDE: Final = frozenset(_BESIDE_IT.split())
_POINTING: Final = _POINTS | _BESIDE
"""Greetings, ways to point, and what can be attached: whatever else a letter says is about something."""


def only_points(words: Sequence[str]) -> bool:
    """Tell whether a letter says no more than that something is attached; ``words`` are folded."""
    spoken = [word for word in words if word.isalnum()]
    if _POINTS.isdisjoint(spoken):
        return False
    return sum(word not in _POINTING for word in spoken) <= _MOST_LEFT
