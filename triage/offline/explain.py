"""A decision in words, as a good office manager would put it: on a message judged now, or on record."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from triage.domain.asked import HOW_SOON, POLICY, hours_asked
from triage.domain.decide import MAYBE_HARM, SOMETHING_TO_SAY
from triage.domain.identify import MAYBE
from triage.domain.model import Evidence, Flag, Gate, Outcome, Route, SenderKind, Topic
from triage.domain.proof import Proof, proof_of
from triage.domain.quoting import whole_sentence
from triage.domain.replies import GREETING, HELP
from triage.judge import Judgement

_SAYS = {
    "absence": "to tell an absence by telephone",
    "collection": "to ring, because nobody acts by email on who collects a child",
    "missing-child-name": "to tell which child is meant",
    "other-pupils": "that other parents' children are not talked about",
    "out-of-hours": "that the school is closed, and when it opens",
    "please-phone": "to ring or to meet",
    "private": "that some things are best talked about in person or by telephone",
    "private-account": "to write to the school's own address",
    "urgent": "to ring, because an email may not be read in time",
}
"""What a reply's part tells a parent; a part of the school's own is called by its name."""

_PROOF = {
    Proof.VERIFIED: "The sender's domain vouches for the address.",
    Proof.UNPROVEN: "Nothing proves who the sender is.",
    Proof.FAILED: "It may be forged: the sender's domain says that it did not send this.",
}
_BEFORE = "Keep the child in school until a guardian has confirmed it on the number on record, no other"
_LEAD_FIRST = (
    "Keep the child in school; ring no guardian and release to nobody until the safeguarding lead,"
    " who is told too, has said whom"
)
_PEOPLE = frozenset({SenderKind.PARENT, SenderKind.PUPIL, SenderKind.OTHER})

_WHO = {
    SenderKind.PARENT: "a parent or carer",
    SenderKind.PUPIL: "a pupil",
    SenderKind.STAFF: "a member of staff",
    SenderKind.AUTOMATIC: "a machine, nobody wrote it by hand",
    SenderKind.BULK: "a list, it went to many",
    SenderKind.OTHER: "somebody else, no parent as far as can be told",
}


@dataclass(frozen=True, slots=True)
class Account:
    """What an explanation is made of. ``why`` says how sender and pupil were told.

    ``unsure`` says why the classifier was not certain, if so. The rest is as in Identity and Decision.
    """

    sender: SenderKind
    proof: Proof
    why: tuple[str, ...]
    pupils: tuple[str, ...]
    several: tuple[str, ...]
    named_in: str | None
    years: tuple[int, ...]
    topics: Mapping[str, float]
    evidence: tuple[Evidence, ...]
    outcomes: tuple[str, ...]
    unsure: str | None
    parts: tuple[str, ...]
    withheld: str | None
    gates: tuple[Gate, ...]

    @classmethod
    def of(cls, judged: Judgement) -> Self:
        """Take it from a judgement."""
        identity, decision = judged.identity, judged.decision
        return cls(
            sender=identity.sender,
            proof=proof_of(judged.message, identity),
            why=identity.why,
            pupils=identity.pupils,
            several=identity.several,
            named_in=identity.named_in,
            years=years_of(decision.flags),
            topics={topic.value: score for topic, score in decision.topics.items()},
            evidence=quoted(judged.classification.text, judged.classification.evidence),
            outcomes=tuple(outcome.value for outcome in decision.outcomes),
            unsure=judged.classification.uncertain,
            parts=decision.reply.parts,
            withheld=decision.reply.withheld,
            gates=decision.gates,
        )


def quoted(text: str, evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return the sentences of a text that show its topics, each once."""
    return tuple(dict.fromkeys(whole_sentence(text, each) for each in evidence))


def years_of(flags: Iterable[Flag]) -> tuple[int, ...]:
    """Return the years for which a message is flagged."""
    return tuple(sorted({flag.year for flag in flags if flag.year is not None}))


def explained(judged: Judgement) -> Iterator[str]:
    """Yield the lines of an explanation: who, about whom, what, when, what follows, and what was asked."""
    account, raised = Account.of(judged), judged.decision.flags
    yield from found_out(account)
    yield from (f"{flag_raised(flag, raised)}." for flag in raised)
    if not raised:
        yield "Flag: none, nobody is alerted; it stays in the inbox to be answered as usual."
    yield from asked(account)


def found_out(account: Account) -> Iterator[str]:
    """Yield what was found out about a message, and whether it is answered."""
    yield f"From: {_sender(account)}"
    yield f"About: {_about(account)}."
    hours = hours_asked(account.gates)
    if hours:
        yield f"Hours: {hours}."
    yield from _found(account)
    yield f"Reply: {_reply(account)}."


def flag_raised(flag: Flag, beside: Sequence[Flag]) -> str:
    """Say how pressing a flag is, to whom it goes, by when, why, and what to do first; without a full stop.

    ``beside`` are the flags of the same message that the reader may know of.
    """
    to = flag.route.value.replace("-", " ")
    if flag.year:
        to += f" {flag.year}" if flag.route is Route.HEAD_OF_YEAR else f" (year {flag.year})"
    due = f", by {flag.deadline:%d %B %Y}" if flag.deadline else ""
    kept = f"; it is about {flag.about}, who does not see it" if flag.about else ""
    first = f". {_before(flag, beside)}" if flag.why.startswith(Outcome.COLLECTION_CHANGE) else ""
    why = flag.why.rstrip(".").replace(".; ", "; ")
    return f"Flag: for the {to}, {HOW_SOON[flag.severity]}{due}: {why}{kept}{first}"


def _before(flag: Flag, beside: Sequence[Flag]) -> str:
    harm = any(each.topic is Topic.SAFEGUARDING for each in beside if each is not flag)
    return _LEAD_FIRST if harm else _BEFORE


def asked(account: Account) -> Iterator[str]:
    """Yield the rules that were asked: each that hit with its reason, then what was asked and was not so."""
    for gate in account.gates:
        if gate.hit and gate.name.startswith(POLICY):
            yield f"Rule: {_words(gate)}: {gate.why.removeprefix(f'{_words(gate)}: ')}."
        elif gate.hit and gate.name != SOMETHING_TO_SAY:
            yield f"Against a reply: {gate.why}."
    if Topic.SAFEGUARDING in account.topics and (account.withheld or not account.parts):
        yield f"Against a reply: {MAYBE_HARM}."
    missed = [gate for gate in account.gates if not gate.hit]
    before = "; ".join(gate.why for gate in missed if not gate.name.startswith(POLICY))
    found = ", ".join(_missed(gate, account) for gate in missed if gate.name.startswith(POLICY))
    if before:
        yield f"Checked, and in order: {before}."
    if found:
        yield f"Looked for, and not found: {found}."


def _missed(gate: Gate, account: Account) -> str:
    """Name a rule that missed; where no pupil can be told a missing name is not looked for in vain."""
    named = account.pupils or gate.name != f"{POLICY}{Outcome.MISSING_CHILD_NAME}"
    return _words(gate) if named else f"{_words(gate)} (only a parent or carer is asked)"


def _words(gate: Gate) -> str:
    return gate.name.removeprefix(POLICY).replace("-", " ")


def _about(account: Account) -> str:
    if account.pupils:
        named = f", named in the {account.named_in}" if account.named_in else ""
        return f"{', '.join(account.pupils)}{named}"
    if account.several:
        return f"one or more of {', '.join(account.several)}, and nothing tells which"
    years = " or ".join(str(year) for year in account.years)
    year = f"; it speaks of year {years}" if years else ""
    maybe = next((f"; {why}" for why in account.why if why.startswith(MAYBE)), "")
    return f"no pupil for certain{maybe}{year}"


def _found(account: Account) -> Iterator[str]:
    for topic, score in sorted(account.topics.items(), key=lambda one: one[0] != Topic.SAFEGUARDING):
        words = [each.text for each in account.evidence if each.topic == topic]
        shown = "; ".join(f'"{" ".join(text.split())}"' for text in words[:3])
        yield f"Topic: {topic} ({score:.2f}){': ' + shown if shown else ''}"
    if not account.topics:
        yield "Topic: none, this is routine"
    for outcome in account.outcomes:
        if outcome != Outcome.UNCERTAIN or not account.unsure:
            yield f"Also found: {outcome.replace('-', ' ')}"
    if account.unsure:
        yield f"Not sure: {account.unsure}"


def _reply(account: Account) -> str:
    parts = [part for part in account.parts if part not in {GREETING, HELP}]
    why = {gate.name: gate.why for gate in account.gates}
    if account.withheld:
        known = account.withheld in why
        harm = f"; {MAYBE_HARM}" if Topic.SAFEGUARDING in account.topics else ""
        because = f"because {why[account.withheld]}" if known else f"withheld by {account.withheld}"
        return f"none, {because}{harm}"
    if parts:
        return f"one, saying {'; '.join(_said(part) for part in parts)}"
    said = SOMETHING_TO_SAY in why
    return f"none: {why[SOMETHING_TO_SAY]}" if said else "none, there is nothing to say"


def _sender(account: Account) -> str:
    """Say who wrote and what proves it; of machines and colleagues no proof is asked."""
    if account.sender not in _PEOPLE:
        return f"{_WHO[account.sender]}. {_sentence(account.why)}".rstrip()
    claims = "" if account.proof is Proof.VERIFIED else "writes as "
    told = (f"{claims}{_WHO[account.sender]}.", _sentence(account.why), _PROOF[account.proof])
    return " ".join(filter(None, told))


def _said(part: str) -> str:
    name = part.replace("-", " ")
    return f"{_SAYS[part]} ({name})" if part in _SAYS else name


def _sentence(why: tuple[str, ...]) -> str:
    words = "; ".join(why)
    return f"{words[:1].upper()}{words[1:]}." if words else ""
