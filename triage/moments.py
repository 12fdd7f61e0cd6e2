"""Reading a moment that a person has typed."""

import warnings
from datetime import datetime
from zoneinfo import ZoneInfo

from dateutil.parser import ParserError, UnknownTimezoneWarning
from dateutil.parser import parse as parse_words


class MomentError(ValueError):
    """A text that is no moment."""


def read_moment(text: str, zone: ZoneInfo) -> datetime:
    """Return the moment that a text means; without a zone of its own it is meant in ``zone``.

    The day stands before the month, as people here write it, but for 2026-10-01. Raises MomentError.
    """
    try:
        moment = _read(text.strip())
    except (ParserError, OverflowError, UnknownTimezoneWarning) as error:
        raise MomentError("this is no moment: write it as 2026-10-23 21:40") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _read(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    with warnings.catch_warnings():
        # A zone that is not known would be passed over without a word.
        warnings.simplefilter("error", UnknownTimezoneWarning)
        # Where the year stands first, dateutil would take what follows it for the day.
        moment: datetime = parse_words(text, dayfirst=not text[:4].isdecimal())
    return moment
