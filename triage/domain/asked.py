"""The rules of the school's policy that were asked of a message, hit or missed, in words.

They stand among the gates of a decision after those that were asked before a reply, with a name that begins
with ``POLICY``: such a hit forbids nothing, it says what the school does.
"""

from collections.abc import Collection, Iterable, Iterator

from triage.domain.findings import Findings, answered_from, threshold_of
from triage.domain.matter import Matter
from triage.domain.model import Flag, Gate, Outcome, Severity, Topic
from triage.domain.outcomes import is_name_asked
from triage.domain.policy import Key, Rule
from triage.domain.quoting import whole_sentence
from triage.domain.replies import SUBSUMED
from triage.domain.routes import is_covered

POLICY = "policy: "
_DOES = "; it asks for "
NO_REPLY_GOES = " (not said: no reply goes)"
_LOW = "little on purpose: better read in vain than missed"

HOW_SOON = {
    Severity.IMMEDIATE: "to be seen now",
    Severity.HIGH: "to be seen today, before anything else",
    Severity.REVIEW: "to be read with their queue",
}

_MISSED = {
    Outcome.MISSING_CHILD_NAME: "no child has to be told",
    Outcome.ABOUT_STAFF: "nothing is alleged about staff",
    Outcome.COLLECTION_CHANGE: "it does not change who collects a child today",
    Outcome.PRIVATE_ACCOUNT: "it did not come through a private address",
}
_HIT = {
    Outcome.MISSING_CHILD_NAME: "nothing tells which child is meant",
    Outcome.ABOUT_STAFF: "something is alleged about staff",
    Outcome.COLLECTION_CHANGE: "it changes who collects a child, or when",
    Outcome.PRIVATE_ACCOUNT: "it came through a private address of the owner's",
}


def hours_asked(gates: Iterable[Gate]) -> str | None:
    """Return how the hours were judged, as "out of hours (why)"; None where nobody asked."""
    gate = next((gate for gate in gates if gate.name == f"{POLICY}{Outcome.OUT_OF_HOURS}"), None)
    if gate is None:
        return None
    state, _, why = gate.why.partition(_DOES)[0].partition(": ")
    return f"{state} ({why})"


def is_policy(gate: Gate) -> bool:
    """Tell whether a gate is a rule of the policy, and not one asked before a reply."""
    return gate.name.startswith(POLICY)


def rules_asked(
    matter: Matter, found: Findings, kept: Collection[Key], parts: Collection[str], flags: Collection[Flag]
) -> Iterator[Gate]:
    """Yield every rule of the policy in its order of precedence, with why it hit or missed.

    ``parts`` and ``flags`` are what came of them all: where a rule asks for something else, that is said.
    """
    for key, rule in matter.policy.rules.items():
        hit = found.holds(key) or key in found.review
        why = _topic(key, matter, found) if isinstance(key, Topic) else _outcome(key, matter, found)
        if hit:
            unsaid = _unsaid(rule, matter, found, parts)
            held = _held(rule, found, kept) or _pressed(rule, matter, flags)
            why += f"{_DOES}{_does(rule, unsaid, held)}"
        yield Gate(f"{POLICY}{key}", hit=hit, why=why)


def _topic(key: Topic, matter: Matter, found: Findings) -> str:
    threshold = threshold_of(key, matter.classification, matter.policy)
    if key in found.topics:
        low = f" ({_LOW})" if key is Topic.SAFEGUARDING else ""
        return f"found, {found.topics[key]:.2f} where {threshold:.2f} is enough{low}"
    if key in found.review:
        return f"plausible, not certain ({found.review[key]})"
    score = matter.classification.scores.get(key, 0.0)
    if score >= threshold:
        return "it is under discussion already"
    return f"{score:.2f} is under {threshold:.2f}" if score else "not found"


def _outcome(key: Outcome, matter: Matter, found: Findings) -> str:
    hit = found.holds(key)
    if key is Outcome.OUT_OF_HOURS:
        return f"{'out of hours' if hit else 'within hours'}: {matter.opening.why}"
    if key is Outcome.MISSING_CHILD_NAME and hit and not is_name_asked(matter, found.topics):
        return f"{_HIT[key]}, and nobody is asked: the sender is not verified, or nobody has to act"
    return (_HIT if hit else _MISSED)[key]


def _does(rule: Rule, unsaid: str, held: str) -> str:
    """Say what a rule asks for, and where something else came of it."""
    asked = [f"the part {rule.reply} in a reply{unsaid}"] if rule.reply else []
    if rule.flag:
        to = rule.flag.route.value.replace("-", " ")
        soon = HOW_SOON[rule.flag.severity]
        asked.append(f"a flag for the {to}, {soon}{held}")
    return " and ".join(asked) or "nothing"


def _pressed(rule: Rule, matter: Matter, flags: Collection[Flag]) -> str:
    """Say in brackets how soon a rule's flag is to be seen, where that is sooner than the rule says."""
    if rule.flag is None:
        return ""
    made = [flag.severity for flag in flags if _is_of(flag, rule.key)]
    first = min(made, key=lambda one: one.rank, default=rule.flag.severity)
    if first.rank >= rule.flag.severity.rank:
        return ""
    why = _danger(matter) if first is Severity.IMMEDIATE else "by what else it asks for"
    return f" (made sooner {why}: {HOW_SOON[first].removeprefix('to be seen ')})"


def _danger(matter: Matter) -> str:
    """Say with the words that were relied on why somebody is paged; whoever was woken will ask."""
    said = matter.classification
    shown = [whole_sentence(said.text, one).text for one in said.evidence if one.topic is Topic.SAFEGUARDING]
    words = " ".join(max(shown, key=len, default="").split())
    return (
        f'because "{words}" reads like a present danger'
        if words
        else "because it reads like a present danger"
    )


def _is_of(flag: Flag, key: Key) -> bool:
    return flag.about is not None if key is Outcome.ABOUT_STAFF else key in {flag.topic, *flag.joined}


def _unsaid(rule: Rule, matter: Matter, found: Findings, parts: Collection[str]) -> str:
    """Say in brackets why a part is not in the reply although another is; nothing where it is."""
    if rule.reply in parts:
        return ""
    if isinstance(rule.key, Topic) and rule.key in found.topics:
        needed = answered_from(rule.key, matter.classification, matter.policy)
        if found.topics[rule.key] < needed:
            return f" (not said: that takes {needed:.2f})"
    if not parts:
        return NO_REPLY_GOES
    by = SUBSUMED.get(rule.reply or "")
    return f" (not said: the part {by} says it)" if by in parts else ""


def _held(rule: Rule, found: Findings, kept: Collection[Key]) -> str:
    """Say in brackets why the flag that a rule asks for is not raised; nothing where it is."""
    if rule.flag is None:
        return ""
    if rule.key not in kept:
        return " (not raised for this kind of sender)"
    if is_covered(rule.key, rule.flag.route, found):
        return f" (not raised: {_deciding(found)} who else is told)"
    return ""


def _deciding(found: Findings) -> str:
    """Name those who have the stricter flag of a message."""
    if not any(found.accused.values()):
        return "the safeguarding lead decides"
    if found.safeguarding:
        return "the headteacher and the safeguarding lead decide"
    return "the headteacher decides"
