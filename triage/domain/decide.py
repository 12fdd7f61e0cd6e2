"""What the school does about one message, in an order that no policy can change.

1. May it be answered at all? The gates of RFC 3834, asked beforehand (``may_reply``) and handed in.
2. The safeguarding floor: a flag for the lead, and never a topic reply.
3. The school's policy: the parts of one reply, flags, labels.
4. The default: nothing.

docs/decisions/0007 says more of the order, and of what wins where two rules meet.
"""

from collections.abc import Iterator

from triage.domain.asked import rules_asked
from triage.domain.findings import Findings, answered_from, find
from triage.domain.hours import Opening
from triage.domain.identify import identify_unknown
from triage.domain.kept import is_our_own, keys_kept
from triage.domain.matter import Matter, is_verified
from triage.domain.may_reply import ANSWERS_OURS
from triage.domain.model import (
    MACHINES,
    Classification,
    Decision,
    Delivery,
    Flag,
    Gate,
    History,
    Identity,
    Message,
    Outcome,
    Reply,
    SenderKind,
    Topic,
    Trouble,
    Verdict,
)
from triage.domain.outcomes import is_name_asked
from triage.domain.policy import Key, Policy
from triage.domain.replies import reply_parts
from triage.domain.routes import topic_flags, trouble_flag
from triage.domain.school import School

RETURN_PATH_GATE = "return-path"
SOMETHING_TO_SAY = "something-to-say"
MAYBE_HARM = "there may be a sign of harm, so a person answers"
_NO_PART = "it is about nothing for which the policy has a reply"
_NOT_SURE = "what it may be about is not certain enough to be answered"
_ONLY_CLOSED = "nothing is said but, out of hours, that the school is closed"

ANSWERED = frozenset({SenderKind.PARENT, SenderKind.OTHER})


def decide(
    message: Message,
    identity: Identity,
    classification: Classification,
    delivery: Delivery,
    *,
    school: School,
    policy: Policy,
    history: History,
    opening: Opening,
    roster_loaded: bool,
    gates: tuple[Gate, ...],
) -> Decision:
    """Return the reply, the flags and the labels of one message, and why. Pure; raises nothing of its own.

    ``gates`` is the answer of ``may_reply``; the first one hit withholds the reply, and every one is kept.
    After them the decision's gates tell whether there was something to say, and the policy's rules.
    """
    matter = Matter(
        message, identity, classification, delivery, school, policy, history, opening, roster_loaded
    )
    found = find(matter)
    kept = keys_kept(matter, found)
    parts, why = _parts(matter, found)
    flags = (*topic_flags(matter, found, kept), *_troubles(matter, gates, parts))
    return Decision(
        topics=found.topics,
        outcomes=found.outcomes,
        reply=Reply(
            to=message.sender.address or None,
            parts=parts,
            withheld=next((gate.name for gate in gates if gate.hit), None),
        ),
        flags=flags,
        labels=() if delivery.junk else _labels(found, policy),
        gates=(
            *gates,
            Gate(SOMETHING_TO_SAY, hit=not parts, why=why),
            *rules_asked(matter, found, kept, parts, flags),
        ),
        policy_hash=policy.hash,
    )


def reply_identity(message: Message, identity: Identity, school: School) -> Identity:
    """Return who is answered: for a sender who is not verified, whom they would be without any roster.

    So the reply to such a message is the same whatever the roster holds, and nobody can learn from it who
    is on the roll (RFC 3834 section 6; A20, T2). But a pupil is never answered, from whatever address: where
    the roster gives the sender's own address to a pupil there is no reply at all. That silence tells only
    whoever holds the address, and of nobody but themselves.
    """
    if identity.pupil_address or is_verified(message, identity):
        return identity
    return identify_unknown(message, school)


def _parts(matter: Matter, found: Findings) -> tuple[tuple[str, ...], str]:
    """Return the reply's parts and, in words, why it has these or none."""
    who = reply_identity(matter.message, matter.identity, matter.school)
    if matter.message.dmarc is Verdict.FAIL:
        return (), "the sender's domain says that it did not send this"
    if who.sender not in ANSWERED:
        return (), f"nothing is said to {who.sender} mail"
    if found.safeguarding or matter.history.open_safeguarding:
        notice = _floor_notice(matter)
        return notice, f"{MAYBE_HARM}: {_ONLY_CLOSED}" if notice else MAYBE_HARM
    if who.sender is SenderKind.OTHER:
        return _notice(matter), f"the sender is not known to be a parent: {_ONLY_CLOSED}"
    may_write = matter.verified and matter.identity.may_write
    parts = reply_parts(_wanted(matter, found), may_write=may_write)
    if parts:
        return parts, "the policy has something to say"
    return (), _NOT_SURE if _is_anything_unsure(matter, found) else _NO_PART


def _floor_notice(matter: Matter) -> tuple[str, ...]:
    """Return what any message would get when the school is closed, because silence would tell too."""
    return () if matter.policy.rules[Topic.SAFEGUARDING].silence else _notice(matter)


def _notice(matter: Matter) -> tuple[str, ...]:
    """Return the plain notice that the school is closed; that one person is out is told to nobody."""
    part = matter.policy.rules[Outcome.OUT_OF_HOURS].reply
    return reply_parts([part] if part and not matter.opening.school_open else [], may_write=False)


def _wanted(matter: Matter, found: Findings) -> Iterator[str]:
    for key, rule in matter.policy.rules.items():
        if rule.reply is not None and found.holds(key) and _is_said(key, matter, found):
            yield rule.reply


def _is_said(key: Key, matter: Matter, found: Findings) -> bool:
    """Tell whether what was found is also told: not a guess, that one person is out, a name nobody needs."""
    if isinstance(key, Topic):
        return found.topics[key] >= answered_from(key, matter.classification, matter.policy)
    if key is Outcome.OUT_OF_HOURS:
        return not matter.opening.school_open
    return key is not Outcome.MISSING_CHILD_NAME or is_name_asked(matter, found.topics)


def _is_anything_unsure(matter: Matter, found: Findings) -> bool:
    """Tell whether a topic was found that has a reply, and was left unanswered for want of certainty."""
    rules = matter.policy.rules
    return any(rules[topic].reply and not _is_said(topic, matter, found) for topic in found.topics)


def _troubles(matter: Matter, gates: tuple[Gate, ...], parts: tuple[str, ...]) -> Iterator[Flag]:
    """Yield the flags of a person's mail that was not read whole, or whose reply has no sure way back."""
    message, identity = matter.message, matter.identity
    if is_our_own(matter) or identity.sender in MACHINES or matter.doubtful:
        return
    if message.truncated:
        yield trouble_flag(Trouble.TOO_LARGE, identity, "only its beginning was read")
    elif message.defects and not message.text.strip():
        yield trouble_flag(Trouble.UNREADABLE, identity, f"no text: {'; '.join(message.defects[:3])}")
    hit = {gate.name: gate for gate in gates if gate.hit}
    path = None if ANSWERS_OURS & hit.keys() else hit.get(RETURN_PATH_GATE)
    if path is not None and parts and identity.sender is SenderKind.PARENT:
        yield trouble_flag(Trouble.RETURN_PATH, identity, f"a reply was due and is withheld: {path.why}")


def _labels(found: Findings, policy: Policy) -> tuple[str, ...]:
    """Return the labels, in order of precedence; none where a label would tell of safeguarding or of staff.

    Labels stand in the inbox of the member of staff whom an allegation may concern.
    """
    if found.safeguarding or found.concerned:
        return ()
    labels = (rule.label for key, rule in policy.rules.items() if found.holds(key))
    return tuple(dict.fromkeys(label for label in labels if label))
