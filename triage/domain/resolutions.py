"""How a person can close a flag, and what that says of the next message on the same matter."""

from enum import StrEnum


class Resolution(StrEnum):
    """Why a flag is closed, in the words that the review page shows and the record keeps."""

    BY_TELEPHONE = "dealt with by telephone"
    IN_PERSON = "dealt with in person"
    UNDER_DISCUSSION = "already under discussion"
    NOTHING_TO_DO = "nothing to do"
    MISTAKEN = "not what it seemed"


DISCUSSED = frozenset({Resolution.BY_TELEPHONE, Resolution.IN_PERSON})
"""With these somebody of the school has talked with whoever wrote."""
