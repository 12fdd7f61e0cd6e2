"""A whole reply: the words of its parts, in the envelope that carries them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.message.compose import Envelope, compose_reply, reply_subject
from triage.message.wording import Wording


@dataclass(frozen=True, slots=True)
class Said:
    """What a reply says: its parts from greeting to help lines, by the facts of its moment, in a language."""

    parts: Sequence[str]
    facts: Mapping[str, object]
    language: str


def write_reply(wording: Wording, said: Said, envelope: Envelope) -> bytes:
    """Return a reply as it goes over the wire. Raises WordingError or ComposeError."""
    body = wording.reply(said.parts, said.facts, language=said.language)
    return compose_reply(envelope, reply_subject(str(said.facts["school"])), body)
