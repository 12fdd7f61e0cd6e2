"""How a person can close a flag, and what that says of the next message on the same matter."""

from enum import StrEnum

from triage.domain.model import Flag
from triage.domain.visibility import Strictness, is_closely_kept, strictness

LONGEST_NOTE = 500


class Resolution(StrEnum):
    """Why a flag is closed, in the words that the review page shows and the record keeps."""

    BY_TELEPHONE = "dealt with by telephone"
    IN_PERSON = "dealt with in person"
    UNDER_DISCUSSION = "already under discussion"
    NOTHING_TO_DO = "nothing to do"
    MISTAKEN = "not what it seemed"
    REFERRED = "referred to another agency"
    NOT_REFERRED = "not referred, for the reason noted"
    PUT_RIGHT = "put right"


DISCUSSED = frozenset({Resolution.BY_TELEPHONE, Resolution.IN_PERSON})
"""With these somebody of the school has talked with whoever wrote."""

AT_ONCE = (Resolution.BY_TELEPHONE, Resolution.UNDER_DISCUSSION)
"""What most flags are closed as: each has a button of its own."""

_REFERRALS = (Resolution.REFERRED, Resolution.NOT_REFERRED)
_TECHNICAL = (Resolution.PUT_RIGHT, Resolution.NOTHING_TO_DO, Resolution.MISTAKEN)
_OF_PEOPLE = tuple(each for each in Resolution if each is not Resolution.PUT_RIGHT)
ORDINARY = tuple(each for each in _OF_PEOPLE if each not in _REFERRALS)
"""How anything but a safeguarding matter, or what is technical, is closed."""


def resolutions_for(flag: Flag) -> tuple[Resolution, ...]:
    """Return how a flag can be closed: a safeguarding matter always by saying whether it was referred.

    About what is technical there is no family to talk with.
    """
    kept = strictness(flag)
    if kept is Strictness.SAFEGUARDING:
        return (*_REFERRALS, Resolution.UNDER_DISCUSSION, Resolution.MISTAKEN)
    if kept is Strictness.TECHNICAL:
        return _TECHNICAL
    return _OF_PEOPLE if kept > Strictness.SAFEGUARDING else ORDINARY


def refusal(flag: Flag, reason: str, note: str) -> str | None:
    """Return in words why a flag cannot be closed like that, None when it can."""
    if reason not in resolutions_for(flag):
        return "Choose a reason. The flag is still open."
    if too_long(note):
        return f"{too_long(note)} The flag is still open."
    if is_closely_kept(flag) and not note.strip():
        return "This is closed with a note that says why. The flag is still open."
    return None


def too_long(note: str) -> str | None:
    """Return in words that a note is longer than one may be, None when it is not."""
    return f"The note is longer than {LONGEST_NOTE} characters." if len(note) > LONGEST_NOTE else None
