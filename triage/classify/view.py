"""What the trained readers are shown of a message: its segments without names, and its circumstances."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from triage.classify.circumstances import circumstances
from triage.classify.masking import masked
from triage.classify.segments import Segment, segments
from triage.domain.model import Identity, Message

_TYPED: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        "\u2026": "...",
    }
)
"""The signs that telephones put for those of a keyboard: a reader must not tell the two apart."""


@dataclass(frozen=True, slots=True)
class View:
    """``segments`` are stretches of the classified text, ``words`` what is read of each."""

    circumstances: str
    segments: tuple[Segment, ...]
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """All that is read, as one text."""
        return " ".join(self.words)


def view(message: Message, identity: Identity, *, answers_staff: bool, zone: tzinfo) -> View:
    """Return what is shown of a message, the same in training and at work; linear in its text."""
    text = message.classified_text
    found = segments(message.subject, message.own_text)
    ends = (*(one.start for one in found[1:]), len(text))[: len(found)]
    return View(
        circumstances(message, identity, answers_staff=answers_staff, zone=zone),
        found,
        tuple(
            masked(text, one.start, end, identity.names).translate(_TYPED)
            for one, end in zip(found, ends, strict=True)
        ),
    )
