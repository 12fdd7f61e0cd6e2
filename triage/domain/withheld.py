"""Why there was no reply, as far as those may know who may not know of every flag of the school.

A reply is also held back because of a safeguarding matter of the family on another case. The record says so;
whoever may not see that matter reads of no reason that can be it, and in no case, so that nothing shows that
there is one.
"""

from collections.abc import Iterable
from dataclasses import replace

from triage.domain.asked import NO_REPLY_GOES, is_policy
from triage.domain.decide import SOMETHING_TO_SAY
from triage.domain.model import Gate

OPEN_REASONS = ("paused", "stopped", "not-switched-on")
"""Why a reply was withheld, where that is no secret: a pause is the mailbox's, the others are everybody's."""


def reason_told(reason: str | None) -> str | None:
    """Return why a reply was withheld, None where the reason may be a hidden flag."""
    return reason if reason in OPEN_REASONS else None


def gates_told(gates: Iterable[Gate]) -> tuple[Gate, ...]:
    """Return the gates of a decision without what says why nothing, or only so much, was answered."""
    return tuple(_told(gate) for gate in gates if gate.name != SOMETHING_TO_SAY)


def _told(gate: Gate) -> Gate:
    """Return a gate as it may be told: that a part was asked for and no reply went tells of a hidden flag."""
    return replace(gate, why=gate.why.replace(NO_REPLY_GOES, "")) if is_policy(gate) else gate
