"""A whole reply: the words of its parts, in the envelope that carries them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.domain.language import ENGLISH
from triage.message.compose import Envelope, compose_reply, reply_from, reply_subject
from triage.message.wording import WHOLE, Wording, WordingError
from triage.message.wording_facts import facts_in


@dataclass(frozen=True, slots=True)
class Said:
    """What a reply says: its parts from greeting to help lines, by the facts of its moment, in a language.

    Its name and subject raise WordingError where the fact that they show is missing.
    """

    parts: Sequence[str]
    facts: Mapping[str, object]
    language: str

    @property
    def from_name(self) -> str:
        """The display name of the sender."""
        return reply_from(self._fact("school"), self._fact("owner"), self._frame)

    @property
    def subject(self) -> str:
        """The subject."""
        return reply_subject(self._fact("school"), self._frame)

    @property
    def _frame(self) -> str:
        """The language of the header: a pack's English stands below it, so its header is in English."""
        return self.language if self.language in WHOLE else ENGLISH

    def _fact(self, name: str) -> str:
        facts = facts_in(self._frame, self.facts)
        if name not in facts:
            raise WordingError(f"The fact {name!r} is missing, and no reply goes out without it.")
        return str(facts[name])


def write_reply(wording: Wording, said: Said, envelope: Envelope) -> bytes:
    """Return a reply as it goes over the wire. Raises WordingError or ComposeError."""
    body = wording.reply(said.parts, said.facts, language=said.language)
    return compose_reply(envelope, said.subject, body)
