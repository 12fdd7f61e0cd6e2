"""The one list of the signs of automatic and of bulk mail, asked by ``identify`` and by ``may_reply``.

Every sign is asked of every message, in this order, and its answer kept whether it hit or not.
A sign means that no person wrote (AUTOMATIC), that it went to many (BULK), or only that no answer is wanted.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from triage.domain import machine_headers, machine_text
from triage.domain.machine_score import Score, score
from triage.domain.model import Gate, Message, SenderKind


@dataclass(frozen=True)
class Sign:
    """One rule: ``ask`` says why it hits, "" for a miss; ``means`` is None if a person may have written."""

    name: str
    means: SenderKind | None
    ask: Callable[[Message], str]
    miss: str

    @cached_property
    def missed(self) -> Gate:
        """The answer of a sign that does not hit."""
        return Gate(self.name, hit=False, why=self.miss)


def _automatic_subject(message: Message) -> str:
    form = machine_text.automatic_subject(message.subject, message.own_text)
    return f"the subject begins with {form!r}" if form else ""


def _automatic_text(message: Message) -> str:
    found = message.once(_score)
    many = _is_many(message, found) or (message.once(_is_listed) and not found.is_an_answer)
    return f"the words say {', '.join(found.says)}" if found.is_machine and not many else ""


def _mass_text(message: Message) -> str:
    found = message.once(_score)
    return (
        "the words are those of mail that goes to many"
        if found.is_machine and _is_many(message, found)
        else ""
    )


def _program(message: Message) -> str:
    return "" if message.once(_is_listed) else machine_headers.machine_sender(message)


def _unvoiced(message: Message) -> str:
    """Say why a sender whom no answer reaches is a machine: nothing in the text is a person's (#1, #6)."""
    asks = (machine_headers.null_return_path, machine_headers.no_reply_sender, _repeated_autos)
    unreachable = next((why for why in (ask(message) for ask in asks) if why), "")
    if not unreachable or message.once(_is_listed) or message.once(_score).is_personal:
        return ""
    return unreachable


def _is_listed(message: Message) -> bool:
    """Whether a list's own headers say what the mail is, better than its sender or its words can."""
    return bool(machine_headers.list_headers(message) or machine_headers.precedence(message))


def _is_many(message: Message, found: Score) -> bool:
    marked = machine_headers.list_headers(message) or machine_headers.mass_mailer(message)
    return found.is_many or bool(marked and found.many)


def _score(message: Message) -> Score:
    name = message.sender.name
    worth = machine_headers.circumstance(message)
    return score(message.subject, message.own_text, name, worth)


def _repeated_autos(message: Message) -> str:
    return "our own word has grown in the subject" if machine_text.repeated_autos(message.subject) else ""


def _repeated_prefixes(message: Message) -> str:
    return "the subject has grown by answers" if machine_text.repeated_prefixes(message.subject) else ""


_MACHINE, _MANY = SenderKind.AUTOMATIC, SenderKind.BULK
SIGNS: tuple[Sign, ...] = (
    Sign("our-own-mark", _MACHINE, machine_headers.our_own_mark, "no mark of ours"),
    Sign("auto-submitted", _MACHINE, machine_headers.auto_submitted, "no Auto-Submitted mark, or it says no"),
    Sign("machine-sender", _MACHINE, _program, "the sending address is no program's"),
    Sign("machine-header", _MACHINE, machine_headers.machine_header, "no program's mark"),
    Sign("delivery-report", _MACHINE, machine_headers.delivery_report, "no delivery report"),
    Sign("read-receipt", _MACHINE, machine_headers.read_receipt, "no read receipt"),
    Sign("other-report", _MACHINE, machine_headers.other_report, "no other report"),
    Sign("calendar", _MACHINE, machine_headers.calendar, "no calendar's message"),
    Sign("automatic-subject", _MACHINE, _automatic_subject, "the subject is no automatic answer's"),
    Sign("automatic-text", _MACHINE, _automatic_text, "the opening lines are no automatic answer's"),
    Sign("unreachable-notice", _MACHINE, _unvoiced, "an answer may reach somebody, or a person wrote"),
    Sign("mass-text", _MANY, _mass_text, "the words are not those of mail to many"),
    Sign("list-sender", _MANY, machine_headers.list_sender, "the sending address is no mailing list's"),
    Sign("precedence", _MANY, machine_headers.precedence, "no Precedence of bulk, list or junk"),
    Sign("list-headers", _MANY, machine_headers.list_headers, "no header of a mailing list"),
    Sign("mass-mailer", _MANY, machine_headers.mass_mailer, "no mark of a mass mailer"),
    Sign("many-recipients", _MANY, machine_headers.many_recipients, "not too many recipients"),
    Sign("null-return-path", None, machine_headers.null_return_path, "the Return-Path is not null"),
    Sign("bounce-address", None, machine_headers.bounce_address, "the Return-Path is no bounce address"),
    Sign("no-reply-sender", None, machine_headers.no_reply_sender, "the sending address may be read"),
    Sign("response-suppressed", None, machine_headers.response_suppressed, "answers are not suppressed"),
    Sign("spam-mark", None, machine_headers.spam_mark, "no filter's mark of spam"),
    Sign("repeated-prefixes", None, _repeated_prefixes, "the subject has not grown by answers"),
)
_MEANING = {sign.name: sign.means for sign in SIGNS}


def signs(message: Message) -> tuple[Gate, ...]:
    """Ask every sign of automatic and bulk mail, once. Source: RFC 3834; A2, A5 to A7, D1 to D3, M1."""
    return message.once(_signs)


def kind_by(gates: Iterable[Gate], kind: SenderKind) -> Gate | None:
    """Return the first sign that hit and means this kind of sender, None when there is none."""
    return next((gate for gate in gates if gate.hit and _MEANING.get(gate.name) is kind), None)


def _signs(message: Message) -> tuple[Gate, ...]:
    return tuple(_asked(sign, message) for sign in SIGNS)


def _asked(sign: Sign, message: Message) -> Gate:
    why = sign.ask(message)
    return Gate(sign.name, hit=True, why=why) if why else sign.missed
