"""When the second factor is asked for again: before what harms most if the wrong person reads it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from triage.domain.model import Flag
from triage.domain.visibility import is_closely_kept

SENDING = 2
"""A form may be sent for so many times as long: what was written on a page opened in time is not lost."""


def is_wanted(seen: Iterable[Flag]) -> bool:
    """Tell whether what a viewer sees of a case is safeguarding or an allegation.

    Only the flags that are shown count: to be asked for another would tell that there is one.
    """
    return any(is_closely_kept(flag) for flag in seen)


def is_fresh(given_at: datetime | None, now: datetime, lasts: timedelta, *, sending: bool = False) -> bool:
    """Tell whether a second factor given then still counts; ``sending`` is for a form, not for a look."""
    return given_at is not None and now - given_at < lasts * (SENDING if sending else 1)
