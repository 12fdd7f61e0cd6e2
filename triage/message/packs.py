"""A pack of words as a person reads it before approving it: each part beside the English."""

from collections.abc import Mapping
from dataclasses import dataclass

from triage.domain.language import ENGLISH
from triage.domain.replies import PLEASE_PHONE, RING_NOW, WAYS
from triage.message.wording import Wording
from triage.message.wording_marks import RIGHT_TO_LEFT

_BESIDE = {PLEASE_PHONE: (PLEASE_PHONE, WAYS), RING_NOW: ("collection", "urgent", WAYS)}
"""English says once what goes for every number, and two parts where a pack asks for a call now."""


@dataclass(frozen=True, slots=True)
class PackPart:
    """One part of a reply: its words in the pack's language, and the English for the same."""

    name: str
    own: str
    english: str


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack; ``fingerprint`` tells these words from any others."""

    code: str
    fingerprint: str
    parts: tuple[PackPart, ...]

    @property
    def direction(self) -> str:
        """How it is written: "rtl" or "ltr"."""
        return "rtl" if self.code in RIGHT_TO_LEFT else "ltr"


def packs_of(wording: Wording, facts: Mapping[str, object]) -> tuple[Pack, ...]:
    """Return every pack with its words for these facts. Raises WordingError."""
    return tuple(_pack(wording, code, facts) for code in wording.packs)


def _pack(wording: Wording, code: str, facts: Mapping[str, object]) -> Pack:
    parts = tuple(
        PackPart(name, wording.part(name, facts, code), _english(wording, name, facts))
        for name in wording.parts_in(code)
    )
    return Pack(code, wording.fingerprint(code), parts)


def _english(wording: Wording, name: str, facts: Mapping[str, object]) -> str:
    return "\n\n".join(wording.part(each, facts, ENGLISH) for each in _BESIDE.get(name, (name,)))
