"""A decision in words, as a good office manager would put it."""

from collections.abc import Iterator

from triage.domain.model import Decision, Flag
from triage.domain.replies import GREETING, HELP
from triage.judge import Judgement

POLICY = "policy: "


def explained(judged: Judgement) -> Iterator[str]:
    """Yield the lines of an explanation: who, about whom, what, when, what follows, and what was asked."""
    identity, decision = judged.identity, judged.decision
    yield f"From: {identity.sender.value}. {_sentence(identity.why)}"
    yield f"About: {_about(judged)}."
    yield f"Hours: {'within hours' if judged.opening.open else 'out of hours'} ({judged.opening.why})."
    yield from _found(judged)
    yield f"Reply: {_reply(decision)}."
    yield from (f"Flag: {_flag(flag)}." for flag in decision.flags)
    if not decision.flags:
        yield "Flag: none, nobody needs to look at it."
    yield from _asked(decision)


def _about(judged: Judgement) -> str:
    identity = judged.identity
    if identity.pupils:
        return f"{', '.join(identity.pupils)}, named in the {identity.named_in}"
    if identity.several:
        return f"one of {', '.join(identity.several)}, and nothing tells which"
    return "no pupil that can be told"


def _found(judged: Judgement) -> Iterator[str]:
    decision = judged.decision
    for topic, score in decision.topics.items():
        words = [each.text for each in judged.classification.evidence if each.topic is topic]
        shown = "; ".join(f'"{" ".join(text.split())}"' for text in words[:3])
        yield f"Topic: {topic.value} ({score:.2f}){': ' + shown if shown else ''}"
    for outcome in decision.outcomes:
        yield f"Found out: {outcome.value.replace('-', ' ')}"
    if judged.classification.uncertain:
        yield f"Not sure: {judged.classification.uncertain}"
    if not decision.topics:
        yield "Topic: none, this is routine"


def _reply(decision: Decision) -> str:
    reply = decision.reply
    parts = [part for part in reply.parts if part not in {GREETING, HELP}]
    if reply.withheld:
        gate = next((gate for gate in decision.gates if gate.name == reply.withheld), None)
        return f"none, withheld by {reply.withheld}" + (f" ({gate.why})" if gate else "")
    return f"one, saying {', '.join(parts)}" if reply.send else "none, there is nothing to say"


def _flag(flag: Flag) -> str:
    year = f" of year {flag.year}" if flag.year else ""
    due = f", by {flag.deadline:%d %B %Y}" if flag.deadline else ""
    to = flag.route.value.replace("-", " ")
    return f"{flag.severity.value}, to the {to}{year}{due}: {flag.why.rstrip('.')}"


def _asked(decision: Decision) -> Iterator[str]:
    """Yield the rules that were asked: each that hit with its reason, the others by name."""
    for gate in decision.gates:
        if gate.hit:
            yield f"Rule that hit: {gate.name}, {gate.why}."
    missed = ", ".join(gate.name.removeprefix(POLICY) for gate in decision.gates if not gate.hit)
    yield f"Asked, and no: {missed}."


def _sentence(why: tuple[str, ...]) -> str:
    words = "; ".join(why)
    return f"{words[:1].upper()}{words[1:]}." if words else ""
