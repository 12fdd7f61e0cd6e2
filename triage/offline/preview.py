"""What a reply would be, to the byte: to a message from a file, or of given parts to a made-up one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.domain.decide import SOMETHING_TO_SAY
from triage.domain.hours import Opening, opening
from triage.domain.model import Decision, Delivery
from triage.domain.policy import Policy
from triage.domain.replies import FRAME, reply_parts
from triage.domain.school import Calendar, School
from triage.judge import Judgement
from triage.message.compose import Envelope
from triage.message.reply import Said, write_reply
from triage.message.wording import Particulars, Wording, reply_facts

_STEP = timedelta(minutes=15)
_TWO_WEEKS = timedelta(days=14)


class NoReplyError(ValueError):
    """No reply would go out; says why."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a reply answers: who wrote when, how the hours were judged, and the ids of the thread.

    ``language`` is that of the reply, None for the school's first.
    """

    to: str
    at: datetime
    opening: Opening
    message_id: str | None
    references: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Stationery:
    """What a school's replies are written with; ``language`` is its first."""

    school: School
    wording: Wording
    particulars: Particulars
    language: str

    def write(
        self, delivery: Delivery, answered: Answered, parts: Sequence[str], language: str | None = None
    ) -> bytes:
        """Return the reply from a mailbox as it would go over the wire. Raises WordingError, ComposeError."""
        facts = reply_facts(
            self.school, delivery.owner_name, opening=answered.opening, particulars=self.particulars
        )
        said = Said(parts, facts, language or answered.language or self.language)
        envelope = Envelope(
            from_name=said.from_name,
            from_address=delivery.mailbox,
            to=answered.to,
            message_id=f"<preview@{delivery.mailbox.rpartition('@')[2]}>",
            date=answered.at.astimezone(self.school.calendar.zone),
            in_reply_to=answered.message_id,
            references=answered.references,
        )
        return write_reply(self.wording, said, envelope)

    def situations(self) -> tuple[dict[str, object], ...]:
        """Return the facts of a reply while the school is open, while it is closed, and in the holidays."""
        reopens = datetime(2026, 11, 2, 8, 0, tzinfo=self.school.calendar.zone)
        is_open = Opening(open=True, why="", next=None, words="")
        closed = Opening(open=False, why="", next=None, words="")
        holidays = Opening(open=False, why="", next=reopens, words="", before="half-term")
        return tuple(
            reply_facts(self.school, self.school.name, opening=hours, particulars=self.particulars)
            for hours in (is_open, closed, holidays)
        )


def named_parts(names: Collection[str], policy: Policy, wording: Wording) -> tuple[str, ...]:
    """Return the reply that some parts make, in the policy's order of precedence.

    Raises NoReplyError for a name that no part has.
    """
    known = wording.parts - FRAME
    for name in names:
        if name not in known:
            raise NoReplyError(f"there is no part {name!r}; there are {', '.join(sorted(known))}")
    order = [rule.reply for rule in policy.rules.values()]
    ranked = sorted(names, key=lambda name: order.index(name) if name in order else len(order))
    return reply_parts(ranked, may_write=False)


def made_up(at: datetime, school: School) -> Answered:
    """Return a message that nobody has written, received at a moment."""
    hours = opening(at, school.calendar)
    return Answered("parent@family.example", at, hours, "<message@family.example>")


def moment_when(now: datetime, calendar: Calendar, *, is_open: bool) -> datetime | None:
    """Return the next moment, or now, at which the school is open, or closed; None where none is known."""
    hours = opening(now, calendar)
    if hours.open is is_open:
        return now
    if is_open:
        return hours.next
    moments = (now + number * _STEP for number in range(_TWO_WEEKS // _STEP))
    return next((at for at in moments if not opening(at, calendar).open), None)


def answer_of(judged: Judgement) -> tuple[Answered, tuple[str, ...]]:
    """Return what the reply to a judged message answers, and its parts. Raises NoReplyError."""
    message, reply = judged.message, judged.decision.reply
    if not reply.send or reply.to is None:
        raise NoReplyError(_why_none(judged.decision))
    references = message.references or message.in_reply_to
    answered = Answered(
        reply.to, message.received, judged.opening, message.message_id, references, judged.language
    )
    return answered, reply.parts


def _why_none(decision: Decision) -> str:
    hit = decision.reply.withheld or SOMETHING_TO_SAY
    return next(gate.why for gate in decision.gates if gate.name == hit)
