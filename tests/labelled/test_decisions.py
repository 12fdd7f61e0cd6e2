"""What the school does about the labelled messages: outcomes, the parts of the reply, who is told.

The labelled topics are handed in as the classification, so these figures are those of the decision alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import pytest

from tests.labelled.labelled import FOLDER, Labelled, load, the_settings
from triage.bootstrap import desk_of
from triage.domain.model import Classification, Decision, History, Severity, Topic, Trouble
from triage.domain.replies import GREETING, HELP
from triage.judge import judge
from triage.offline.desk import Desk

HANDS = ("parents", "everybody")
OUTCOMES_RIGHT = 0.97
REPLIES_RIGHT = 0.96
ROUTES_RIGHT = 0.96


@dataclass(frozen=True)
class _Labelled:
    """A desk whose classifier has read the labels."""

    desk: Desk
    topics: Sequence[str]

    def __getattr__(self, name: str) -> object:
        return getattr(self.desk, name)

    def classify(self, message, identity, *, answers_staff=False) -> Classification:
        found = self.desk.classify(message, identity, answers_staff=answers_staff)
        safeguarding = Topic.SAFEGUARDING in self.topics
        return replace(
            found,
            scores={Topic(topic): 0.99 for topic in self.topics},
            evidence=(),
            immediate=found.immediate and safeguarding,
            phrase_floor=safeguarding,
            uncertain=None,
        )


@cache
def the_desk() -> Desk:
    """The desk of the shipped settings, with the roster of the demo."""
    return desk_of(the_settings(), FOLDER.parent.parent / "triage" / "demo" / "roster.csv")


def decision_on(message: Labelled) -> Decision:
    """What is decided about a message whose topics are known."""
    labelled = _Labelled(the_desk(), message.expect["topics"])
    raw, received = message.raw, message.received
    return judge(labelled, message.delivery, raw, received, history_of=lambda *_: History()).decision


@pytest.fixture(scope="module")
def decided():
    return [(message, decision_on(message)) for name in HANDS for message in load(name)]


def share(pairs):
    """Return the share of pairs (id, got, wanted) that agree, and what does not."""
    wrong = [f"{name}: {got} not {wanted}" for name, got, wanted in pairs if got != wanted]
    return 1 - len(wrong) / len(pairs), "\n".join(wrong)


def said(decision: Decision) -> Sequence[str]:
    """The parts that would be sent, without the frame."""
    parts = decision.reply.parts if decision.reply.send else ()
    return sorted(part for part in parts if part not in {GREETING, HELP})


def told(flags: Sequence[Mapping]) -> Sequence[tuple[str, str | None]]:
    """Who is told, and of which year where it is a head of year."""
    routes = {(flag["route"], flag["year"] if flag["route"] == "head-of-year" else None) for flag in flags}
    return sorted(routes, key=str)


def flags_of(decision: Decision) -> Sequence[Mapping]:
    """The flags that came of topics: those of a doubtful way back are not labelled."""
    return [
        {"route": flag.route.value, "year": flag.year}
        for flag in decision.flags
        if not isinstance(flag.topic, Trouble)
    ]


def test_the_outcomes_are_exactly_right_in_97_of_100(decided):
    right, wrong = share(
        [
            (message.id, sorted(decision.outcomes), sorted(message.expect["outcomes"]))
            for message, decision in decided
            if message.expect["outcomes"] is not None
        ]
    )
    assert right >= OUTCOMES_RIGHT, f"{right:.4f}\n{wrong}"


def test_the_replies_say_exactly_what_they_should_in_96_of_100(decided):
    right, wrong = share(
        [
            (message.id, said(decision), sorted(message.expect["reply"]))
            for message, decision in decided
            if message.expect["reply"] is not None
        ]
    )
    assert right >= REPLIES_RIGHT, f"{right:.4f}\n{wrong}"


def test_exactly_those_are_told_who_should_be_in_96_of_100(decided):
    right, wrong = share(
        [
            (message.id, told(flags_of(decision)), told(message.expect["flags"]))
            for message, decision in decided
            if message.expect["flags"] is not None
        ]
    )
    assert right >= ROUTES_RIGHT, f"{right:.4f}\n{wrong}"


def test_no_message_of_safeguarding_gets_more_than_the_notice(decided):
    answered = [
        (message.id, said(decision))
        for message, decision in decided
        if Topic.SAFEGUARDING in message.expect["topics"] and set(said(decision)) - {"out-of-hours"}
    ]
    assert answered == []


def test_every_message_of_safeguarding_reaches_somebody(decided):
    assert not [
        message.id
        for message, decision in decided
        if Topic.SAFEGUARDING in message.expect["topics"] and not decision.flags
    ]


def test_only_present_danger_pages_somebody(decided):
    paged = [
        message.id
        for message, decision in decided
        if any(flag.severity is Severity.IMMEDIATE for flag in decision.flags)
        and Topic.SAFEGUARDING not in message.expect["topics"]
    ]
    assert paged == []
