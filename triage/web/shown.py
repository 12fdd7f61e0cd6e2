"""What the templates of a case ask about its letters and about what was sent, in one school's words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from triage.domain.look_alike import look_alikes
from triage.domain.plain_sight import visible
from triage.domain.quoting import merged
from triage.domain.reasons import in_words
from triage.domain.school import School
from triage.domain.visibility import Viewer, keeps_records
from triage.message.parse import parse
from triage.store.cases import CaseView, Letter, SentReply
from triage.web.attached import Attached, told
from triage.web.reply_by_hand import ReplyByHand, reply_by_hand

ARRIVED = {
    "sent": "The mail server of the recipient's side, or the school's own on the way there, took it.",
    "unsure": "The connection was lost at the end: nobody can tell whether it arrived. It is not sent again.",
}

REPLIES = {
    "sent": "Automatic reply sent",
    "pending": "Automatic reply not sent yet",
    "sending": "Automatic reply is being sent",
    "withheld": "Automatic reply withheld",
    "failed": "Automatic reply not sent: the mail server refused it",
    "unsure": "Automatic reply: nobody knows whether it arrived",
}


@dataclass(frozen=True, slots=True)
class Letters:
    """What stands beside a letter, told from the letter, the school and nothing else."""

    school: School

    def names(self) -> Mapping[str, Callable[..., object]]:
        """Return what templates may call, by name."""
        return {
            "look_alikes": self.look_alikes,
            "reply_by_hand": self.reply_by_hand,
            "attachments_of": attachments_of,
            "words_of": words_of,
            "bytes_of": bytes_of,
            "arrival_of": arrival_of,
            "visible": visible,
            "keeps_records": keeps_records,
            "why_in_words": in_words,
            "reply_state": reply_state,
            "merged": merged,
        }

    def look_alikes(self, letter: Letter) -> tuple[str, ...]:
        """Return in sentences what makes a sender look like somebody else."""
        found = look_alikes(letter.sender_name, letter.sender, letter.proof, self.school)
        return tuple(visible(sentence) for sentence in found)

    def reply_by_hand(self, letter: Letter, view: CaseView, who: Viewer) -> ReplyByHand:
        """Return the link that begins a reply by ``who`` to a letter, or why none is offered."""
        return reply_by_hand(letter, [row.flag for row in view.flags], self.school, who)


def attachments_of(letter: Letter) -> list[Attached]:
    """Return what was attached to a letter, in words."""
    return [told(each) for each in letter.attachments]


def words_of(sent: SentReply, view: CaseView) -> str:
    """Return what a reply said, as a mail program shows it."""
    return parse(sent.raw, sent.at or view.created_at).text


def bytes_of(sent: SentReply) -> str:
    """Return a reply as it went over the wire, each byte a character."""
    return sent.raw.decode("latin-1")


def reply_state(state: str) -> str:
    """Return in words what became of an automatic reply."""
    return REPLIES[state]


def arrival_of(sent: SentReply) -> str:
    """Return whether a reply arrived, as far as anybody knows."""
    return ARRIVED[sent.state]
