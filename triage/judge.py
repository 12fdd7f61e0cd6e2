"""Stages 1 to 4: what a message is and what is to be done. Nothing of the world is read, nothing written.

The service, ``triage classify`` and ``triage rehearse`` all come through here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from triage.domain.decide import decide, reply_identity
from triage.domain.hours import Opening, opening
from triage.domain.identify import identify
from triage.domain.may_reply import may_reply
from triage.domain.model import Classification, Decision, Delivery, History, Identity, Message, Topic
from triage.domain.policy import Policy
from triage.domain.roster import Roster
from triage.domain.school import School
from triage.domain.threads import answers_staff
from triage.message.parse import Gateway, parse


class Facts(Protocol):
    """What a school knows and wants: all that a judgement needs beside the message and its history."""

    @property
    def school(self) -> School:
        """The school."""

    @property
    def policy(self) -> Callable[[], Policy]:
        """Give the policy in force."""

    @property
    def roster(self) -> Callable[[], Roster]:
        """Give the roster in force."""

    @property
    def classify(self) -> Callable[[Message, Identity], Classification]:
        """Tell what a message is about."""

    @property
    def gateway(self) -> Gateway:
        """Whose Authentication-Results are believed."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One message after stages 1 to 4, before anything of it is written."""

    message: Message
    identity: Identity
    history: History
    classification: Classification
    opening: Opening
    decision: Decision


def judge(
    facts: Facts,
    delivery: Delivery,
    raw: bytes,
    received: datetime,
    *,
    history_of: Callable[[Message, Identity], History],
    truncated: bool = False,
) -> Judgement:
    """Take one message through stages 1 to 4. Whatever ``history_of`` raises passes through."""
    roster, school = facts.roster(), facts.school
    message = parse(raw, received, facts.gateway, truncated=truncated)
    identity = identify(message, roster, school)
    history = _with_thread(history_of(message, identity), message, school)
    classification = facts.classify(message, identity)
    # What a sender who is not verified is told must not depend on who is on the roster (T2).
    gates = may_reply(message, reply_identity(message, identity, school), delivery, school, history)
    hours = opening(received, school.calendar, delivery.hours)
    decision = decide(
        message,
        identity,
        classification,
        delivery,
        school=school,
        policy=facts.policy(),
        history=history,
        opening=hours,
        roster_loaded=bool(roster),
        gates=gates,
    )
    return Judgement(message, identity, history, classification, hours, decision)


def _with_thread(history: History, message: Message, school: School) -> History:
    """Note that a sensitive issue is not opened here when the message answers what staff have written."""
    if history.answers_our_reply is not None or not answers_staff(message, school):
        return history
    return replace(history, under_discussion=history.under_discussion | {Topic.SENSITIVE_ISSUE})
