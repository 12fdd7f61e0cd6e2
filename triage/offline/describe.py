"""A judgement as one JSON object: the contract of ``triage classify``."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from triage.domain.model import Decision, Flag, Reply
from triage.domain.replies import GREETING, HELP
from triage.judge import Judgement


def described(
    path: str, judged: Judgement, zone: ZoneInfo, *, with_text: bool = False
) -> Mapping[str, object]:
    """Return what ``triage classify`` writes about one message.

    ``start`` and ``end`` are offsets in the text that was classified; ``topics`` are those at or over their
    threshold.
    """
    message, identity, decision = judged.message, judged.identity, judged.decision
    shown: dict[str, object] = {
        "path": path,
        "message_id": message.message_id,
        "received": message.received.astimezone(zone).isoformat(),
        "sender": identity.sender.value,
        "pupils": list(identity.pupils),
        "pupil_named_in": identity.named_in,
        "topics": {topic.value: round(score, 4) for topic, score in decision.topics.items()},
        "evidence": [
            {"topic": each.topic.value, "text": each.text, "start": each.start, "end": each.end}
            for each in judged.classification.evidence
            if each.topic in decision.topics
        ],
        "outcomes": [outcome.value for outcome in decision.outcomes],
        "reply": {**_reply(decision.reply), "language": judged.language},
        "flags": [_flag(flag) for flag in decision.flags],
        "labels": list(decision.labels),
    }
    if with_text:
        shown |= {
            "from": message.sender.address,
            "subject": message.subject,
            "text": message.text,
            "own_text": message.own_text,
        }
    return shown


def _reply(reply: Reply) -> Mapping[str, object]:
    return {
        "send": reply.send,
        "to": reply.to,
        "parts": [part for part in reply.parts if part not in {GREETING, HELP}],
        "withheld": reply.withheld,
    }


def _flag(flag: Flag) -> Mapping[str, object]:
    return {
        "topic": flag.topic.value,
        "severity": flag.severity.value,
        "route": flag.route.value,
        "year": flag.year,
    }


def outcome_of(decision: Decision) -> Mapping[str, object]:
    """Return what a decision comes to, to be compared with another one's."""
    return {"reply": _reply(decision.reply), "flags": [_flag(flag) for flag in decision.flags]}
