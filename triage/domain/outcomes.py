"""What is found out beside the topics: the private address, who collects, and the child not named."""

import re
from collections.abc import Collection, Iterator

from triage.domain.matter import Matter
from triage.domain.model import Delivery, Message, Route, SenderKind, Topic
from triage.domain.policy import Policy

NAMES_A_CHILD = frozenset({Route.HEAD_OF_YEAR, Route.OFFICE})
"""The routes of those who act for one child."""

_WHOM = r"(?:him|her|them|my \w+|our \w+|the (?:boys?|girls?|kids?|children|twins|lads?))"
_COLLECTION = re.compile(
    r"\b(?:collect(?:s|ed|ing|ion)?|fetch(?:es|ed|ing)?|pick(?:s|ed|ing)? (?:[\w'\u2019]+ ){0,3}up|pick-?up"
    r"|(?:get|gets|getting|have|having|take|takes|taking|bring|brings|bringing|meet|meets|meeting) "
    rf"{_WHOM}(?! to\b| [\w'-]+ out\b)"
    r"|(?:get|gets|getting|takes|taking|meet|meets|meeting) "
    r"[\w\u2019'-]+ (?:home|today|tonight|after|from|at|\d)"
    r"|let (?:[\w\u2019'-]+ ){1,2}(?:go|out|leave|come)"
    r"|(?:come|comes|go|goes|going|walk|walks|walking) (?:home|out|with)"
    r"|(?:after|from) school takes"
    r"|(?:not |2 |to )?(?:get|go|be|come) on the (?:school )?(?:bus|coach|minibus)"
    r"|take the (?:bus|coach|taxi)|outside in the (?:car|van)|at the (?:school )?gates?"
    r"|(?:wait|stay) (?:inside|outside|in|at|by|with|for|there|until|till))\b"
)
"""Words that, in an urgent message, tell of a child's way home."""

_ASKS = re.compile(
    r"\?|\b(?:please|kindly|(?:could|can|would|will|may|might) (?:you|i|we|some\w+|any\w+|parents)"
    r"|let (?:me|us) know|any (?:chance|news|idea)|what time|which (?:day|room|one|bus|page)"
    r"|wonder(?:ed|ing)?|(?:has|have|is|are|was|were|does|do|did) (?:it|they|there|he|she|we|the|any\w+) )"
)
_WAY_HERE = ("delivered-to", "x-original-to", "x-forwarded-to", "x-forwarded-for", "envelope-to")


def is_collection_change(matter: Matter, topics: Collection[Topic]) -> bool:
    """Tell whether an urgent message is about who collects a child or when."""
    return Topic.URGENT in topics and _COLLECTION.search(matter.classification.text.lower()) is not None


def came_by_private_account(message: Message, delivery: Delivery) -> bool:
    """Tell whether a message came to, or through, an address of the owner's that is not the school's."""
    private = {address.lower() for address in delivery.private_addresses}
    return bool(private & {*message.recipients, *_addresses_on_the_way(message)})


def is_name_missing(matter: Matter) -> bool:
    """Tell whether a parent's message shows no pupil, neither by its words nor by its address."""
    known = bool(matter.identity.pupils) or matter.history.answers_our_reply is not None
    return matter.roster_loaded and not known and matter.identity.sender is SenderKind.PARENT


def is_name_asked(matter: Matter, topics: Collection[Topic]) -> bool:
    """Tell whether to ask which child it is about.

    Only a verified parent is asked, so that nobody learns from the question who is on the roll; only where
    somebody must act on the message or answer it, never after a thank-you, and never twice in one case.
    """
    if not is_name_missing(matter) or not matter.verified:
        return False
    nobody_acts = bool(topics) and not any(_needs_a_child(topic, matter.policy) for topic in topics)
    return not nobody_acts and (bool(topics) or _ASKS.search(matter.message.own_text.lower()) is not None)


def _needs_a_child(topic: Topic, policy: Policy) -> bool:
    rule = policy.rules[topic]
    return rule.reply is not None or (rule.flag is not None and rule.flag.route in NAMES_A_CHILD)


def _addresses_on_the_way(message: Message) -> Iterator[str]:
    for name in _WAY_HERE:
        for value in message.headers.get(name, ()):
            yield from (word.strip("<>,;").lower() for word in value.split())
