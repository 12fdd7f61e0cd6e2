"""What the trained readers are shown of a message: its segments without names, and its circumstances."""

from dataclasses import dataclass
from datetime import tzinfo

from triage.classify.circumstances import circumstances
from triage.classify.masking import masked
from triage.classify.segments import Segment, segments
from triage.domain.model import Identity, Message


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
        tuple(masked(text, one.start, end, identity.names) for one, end in zip(found, ends, strict=True)),
    )
