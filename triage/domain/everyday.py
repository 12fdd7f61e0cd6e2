"""Which topics of a message may be named to the owner of its mailbox although no flag of it is seen."""

from collections.abc import Callable

from triage.domain.model import Topic
from triage.domain.policy import Rule
from triage.domain.visibility import HIDDEN_FROM_TEACHERS


def everyday(rules: Callable[[Topic], Rule | None]) -> frozenset[Topic]:
    """Return the topics for which the school's policy tells nobody, and whose reply is no such topic's.

    Of the others none is named: where one brings a flag, its name without one would tell that another flag,
    which is hidden, stands in its place; and where one shares its reply with such a topic, a reply beside no
    name would tell of that. A topic for which no rule is known is not named either.
    """
    known = {topic: rule for topic in Topic if (rule := rules(topic)) is not None}
    told = {topic for topic, rule in known.items() if rule.flag is not None} | HIDDEN_FROM_TEACHERS
    shared = {rule.reply for topic, rule in known.items() if topic in told} - {None}
    return frozenset(topic for topic, rule in known.items() if topic not in told and rule.reply not in shared)
