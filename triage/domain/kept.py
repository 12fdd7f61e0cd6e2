"""Whose mail raises which flags: what a sender's kind takes away, and what it never does.

Safeguarding is flagged from every sender. What the school acts on the same day (absence, urgent matters,
collection) is flagged from everybody but lists. The rest is for people: a colleague knows to whom a matter
goes, and a machine's answer says nothing on which anybody acts. A parent whose mail merely looks like a
machine's is a person (issue 6 of the peers: to suppress a reply is not to drop the message). Of junk mail the
same is kept as of a list's, unless a guardian, a pupil or a colleague is known to have written it.
"""

import re
from collections.abc import Collection

from triage.domain import machine
from triage.domain.findings import Findings
from triage.domain.header_values import keyword
from triage.domain.matter import Matter
from triage.domain.model import Evidence, SenderKind, Topic, Verdict
from triage.domain.policy import OFFICE_KEYS, Key

FLOOR: frozenset[Key] = frozenset({Topic.SAFEGUARDING})
SAME_DAY: frozenset[Key] = FLOOR | OFFICE_KEYS

NO_PERSON = frozenset({"our-own-mark", "delivery-report", "read-receipt", "other-report", "calendar"})
"""Signs of mail in which nobody wrote a word."""

ANSWERS = NO_PERSON | {"machine-header", "automatic-subject", "automatic-text"}
"""Signs of an answer that a machine gives by itself."""

LISTS = frozenset({"list-sender", "list-headers", "mass-mailer"})
"""Signs that a message went to many; the other signs of bulk may stand on a letter."""

OF_AN_ABSENCE_NOTICE: frozenset[Key] = frozenset(
    {Topic.ABSENCE, Topic.URGENT, Topic.CONFIDENTIAL, Topic.MEDICAL}
)
"""What an out-of-office note is about itself: "I am on sick leave, for urgent matters ring …"."""

_OWN_CHILD = re.compile(
    r"\b(?:my|our) (?:\w+ ){0,2}"
    r"(?:son|daughter|child|children|kids?|boys?|girls?|lad|twins|grand(?:son|daughter|child))\b"
)


def keys_kept(matter: Matter, found: Findings) -> frozenset[Key]:
    """Return the topics and outcomes whose flags this message can raise."""
    every = frozenset(matter.policy.rules)
    if is_our_own(matter):
        return frozenset()
    if matter.doubtful:
        return FLOOR
    match matter.identity.sender:
        case SenderKind.STAFF:
            return SAME_DAY if _is_a_colleague(matter) else every
        case SenderKind.BULK:
            return FLOOR if not matter.verified or _signs(matter) & LISTS else every
        case SenderKind.AUTOMATIC:
            return _of_a_machine(matter, found, every)
        case _:
            return every


def is_our_own(matter: Matter) -> bool:
    """Tell whether our own mail came back as it went out: its help lines are no sign of harm.

    The Message-ID alone is no proof, for everybody who was answered knows one: it must also come from an
    address of the school, with our mark, and must not have failed DMARC.
    """
    ours = matter.history.is_our_own and _is_a_colleague(matter)
    return ours and "our-own-mark" in _signs(matter)


def _is_a_colleague(matter: Matter) -> bool:
    """Tell whether the address is the school's; words alone do not make a parent who teaches a colleague."""
    address = matter.message.sender.address
    listed = any(one.address.lower() == address.lower() for one in matter.school.people)
    return (listed or matter.school.is_staff_address(address)) and matter.message.dmarc is not Verdict.FAIL


def _of_a_machine(matter: Matter, found: Findings, every: frozenset[Key]) -> frozenset[Key]:
    signs = _signs(matter)
    if signs & NO_PERSON:
        return FLOOR
    of_a_child = _tells_of_a_child(matter)
    if matter.verified and _is_more_than_a_notice(matter, found, of_a_child=of_a_child):
        return every
    answers = bool(signs & ANSWERS) or _says_auto_replied(matter)
    return SAME_DAY if of_a_child or not answers else FLOOR


def _is_more_than_a_notice(matter: Matter, found: Findings, *, of_a_child: bool) -> bool:
    """Tell whether the sender wrote of something that no out-of-office note is about."""
    return any(
        _is_written(topic, matter)
        for topic in found.topics
        if matter.policy.rules[topic].flag and (of_a_child or topic not in OF_AN_ABSENCE_NOTICE)
    )


def _is_written(topic: Topic, matter: Matter) -> bool:
    """Tell whether a topic is shown below the subject line, which an automatic answer only repeats."""
    shown: Collection[Evidence] = [one for one in matter.classification.evidence if one.topic is topic]
    return not shown or any(one.start >= len(matter.message.subject) for one in shown)


def _tells_of_a_child(matter: Matter) -> bool:
    """Tell whether the text itself, and not only the subject, is about the sender's child."""
    named = matter.identity.named_in == "text"
    return named or _OWN_CHILD.search(matter.message.own_text.lower()) is not None


def _says_auto_replied(matter: Matter) -> bool:
    return any(keyword(one) == "auto-replied" for one in matter.message.headers.get("auto-submitted", ()))


def _signs(matter: Matter) -> frozenset[str]:
    return frozenset(gate.name for gate in machine.signs(matter.message) if gate.hit)
