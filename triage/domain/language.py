"""The languages of replies: which one a sender is answered in, and why."""

from dataclasses import dataclass, field
from enum import StrEnum

from triage.domain.school import Role

ENGLISH = "en"

NAMES = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "cs": "Czech",
    "cy": "Welsh",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fr": "French",
    "ga": "Irish",
    "gd": "Scottish Gaelic",
    "gu": "Gujarati",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "ku": "Kurdish",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "ml": "Malayalam",
    "ne": "Nepali",
    "nl": "Dutch",
    "pa": "Panjabi",
    "pl": "Polish",
    "ps": "Pashto",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "si": "Sinhala",
    "sk": "Slovak",
    "so": "Somali",
    "sq": "Albanian",
    "sv": "Swedish",
    "sw": "Swahili",
    "ta": "Tamil",
    "te": "Telugu",
    "th": "Thai",
    "tl": "Tagalog",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "yo": "Yoruba",
    "zh": "Chinese",
}
"""What languages are called, by their codes of ISO 639."""

_CODES = {name.lower(): code for code, name in NAMES.items()} | {
    "bangla": "bn",
    "farsi": "fa",
    "dari": "fa",
    "punjabi": "pa",
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A language by its code (ISO 639), None when none can be told for certain, and in words why."""

    code: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Languages:
    """What a school's replies can be said in: its ``first`` language, and every one that may go out."""

    first: str = ENGLISH
    offered: frozenset[str] = field(default_factory=lambda: frozenset({ENGLISH}))

    @property
    def is_one(self) -> bool:
        """Whether there is nothing to choose."""
        return self.offered <= {self.first}

    def or_first(self, code: str) -> str:
        """Return a language if replies may go out in it, else the first."""
        return code if code in self.offered else self.first


class PackState(StrEnum):
    """Whether replies say the words of a pack."""

    ON = "on"
    NEVER = "off, nobody has approved it"
    CHANGED = "off, its words have changed since they were approved"
    WITHDRAWN = "off, the approval was withdrawn"


APPROVERS = frozenset({Role.HEADTEACHER, Role.OFFICE})
"""Who may approve a pack, or withdraw it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The language of one reply, and in words why. ``is_plain`` when nobody would ask why it is this one."""

    code: str
    why: str
    is_plain: bool = False


def choose(spoken: Spoken, interpreter: str | None, languages: Languages) -> Choice:
    """Return the language of a reply to what was written.

    ``interpreter`` is the language that the roster records for the guardian, in words; it must be None for a
    sender who is not verified, whose reply depends on nothing of the roster (T2). It counts only where the
    words written do not show a language: whoever writes a whole message in English reads English.
    """
    if spoken.code in languages.offered:
        is_first = spoken.code == languages.first
        return Choice(spoken.code, f"the message is in {name_of(spoken.code)}", is_plain=is_first)
    if spoken.code is not None:
        return Choice(languages.first, f"there are no approved words in {name_of(spoken.code)}")
    recorded = code_of(interpreter or "")
    if recorded in languages.offered:
        return Choice(recorded, f"{spoken.why}, and the guardian's interpreter speaks {name_of(recorded)}")
    return Choice(languages.first, spoken.why)


def name_of(code: str) -> str:
    """Return what a language is called in English; the code itself when it is not known here."""
    return NAMES.get(code, code)


def code_of(name: str) -> str | None:
    """Return the code of a language that a person has named, by its English name or its code."""
    plain = name.strip().lower()
    return plain if plain in NAMES else _CODES.get(plain)
