"""What is found out beside the topics: the private address, who collects, and the child not named."""

import re
from collections.abc import Collection, Iterator

from triage.domain.matter import Matter
from triage.domain.model import Delivery, Message, Route, Topic
from triage.domain.policy import Policy

NAMES_A_CHILD = frozenset({Route.HEAD_OF_YEAR, Route.OFFICE})
"""The routes of those who act for one child."""

_COLLECTION = re.compile(
    r"\b(?:collect(?:s|ed|ing|ion)?|fetch(?:es|ed|ing)?|pick(?:s|ed|ing)? (?:\w+ )?up)\b"
)
_WAY_HERE = ("delivered-to", "x-original-to", "x-forwarded-to", "x-forwarded-for", "envelope-to")


def is_collection_change(matter: Matter, topics: Collection[Topic]) -> bool:
    """Tell whether an urgent message is about who collects a child or when."""
    return Topic.URGENT in topics and _COLLECTION.search(matter.classification.text.lower()) is not None


def came_by_private_account(message: Message, delivery: Delivery) -> bool:
    """Tell whether a message came to, or through, an address of the owner's that is not the school's."""
    private = {address.lower() for address in delivery.private_addresses}
    return bool(private & {*message.recipients, *_addresses_on_the_way(message)})


def is_name_missing(matter: Matter, topics: Collection[Topic]) -> bool:
    """Tell whether to ask which child it is about.

    Only a verified parent is asked, so that nobody learns from the question who is on the roll; only where
    somebody must act on the message, never after a thank-you, and never twice in one case.
    """
    known = bool(matter.identity.pupils) or matter.history.answers_our_reply is not None
    if known or not matter.verified or not matter.roster_loaded:
        return False
    return any(_needs_a_child(topic, matter.policy) for topic in topics)


def _needs_a_child(topic: Topic, policy: Policy) -> bool:
    rule = policy.rules[topic]
    return rule.reply is not None or (rule.flag is not None and rule.flag.route in NAMES_A_CHILD)


def _addresses_on_the_way(message: Message) -> Iterator[str]:
    for name in _WAY_HERE:
        for value in message.headers.get(name, ()):
            yield from (word.strip("<>,;").lower() for word in value.split())
