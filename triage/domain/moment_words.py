"""When the school opens next, in the words of a language.

Written out, because strftime follows the machine's locale and a reply follows its reader's language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Before = Literal["", "half-term", "holiday", "term"]
"""What lies before an opening: "" for no more than a night or a weekend, "term" where no term was known."""


@dataclass(frozen=True, slots=True)
class _Words:
    """A language's words: days from Monday on, months from January on, and what an opening comes after."""

    days: tuple[str, ...]
    months: tuple[str, ...]
    after: Mapping[Before, str]


_ENGLISH = _Words(
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    {"half-term": ", after half-term", "holiday": ", after the holiday", "term": ", when term begins"},
)
# A day on which something is done: "ddydd", the soft mutation of "dydd".
_WELSH = _Words(
    (
        *("ddydd Llun", "ddydd Mawrth", "ddydd Mercher", "ddydd Iau"),
        *("ddydd Gwener", "ddydd Sadwrn", "ddydd Sul"),
    ),
    (
        *("Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin"),
        *("Gorffennaf", "Awst", "Medi", "Hydref", "Tachwedd", "Rhagfyr"),
    ),
    {
        "half-term": ", ar ôl hanner tymor",
        "holiday": ", ar ôl y gwyliau",
        "term": ", pan fydd y tymor yn dechrau",
    },
)
_LANGUAGES = {"en": _ENGLISH, "cy": _WELSH}


def opening_words(at: datetime, before: Before = "", language: str = "en") -> str:
    """Return when the school opens: "8:00 on Monday 2 November, after half-term".

    ``at`` is in the school's zone. In a language without words here it is "02.11.2026 08:00".
    """
    words = _LANGUAGES.get(language)
    if words is None:
        return f"{at:%d.%m.%Y %H:%M}"
    joint = " on " if language == "en" else " "
    return f"{at.hour}:{at.minute:02}{joint}{day_words(at, language)}{words.after.get(before, '')}"


def day_words(day: date, language: str = "en") -> str:
    """Return a day without its year: "Monday 2 November". Raises KeyError for a language without words."""
    words = _LANGUAGES[language]
    return f"{words.days[day.weekday()]} {day.day} {words.months[day.month - 1]}"
