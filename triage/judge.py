"""Stages 1 to 4: what a message is and what is to be done. Nothing of the world is read, nothing written.

The service, ``triage classify`` and ``triage rehearse`` all come through here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from triage.domain.asked import POLICY
from triage.domain.decide import ANSWERED, decide, reply_identity
from triage.domain.hours import Opening, opening
from triage.domain.identify import identify
from triage.domain.language import Choice, Languages, choose, name_of
from triage.domain.matter import is_verified
from triage.domain.may_reply import may_reply
from triage.domain.model import Classification, Decision, Delivery, Gate, History, Identity, Message, Topic
from triage.domain.named_later import Told, identify_answer, nothing_said, told_by
from triage.domain.policy import Policy
from triage.domain.roster import Roster
from triage.domain.school import School
from triage.domain.threads import answers_staff
from triage.message.language import language_of
from triage.message.our_words import without
from triage.message.own_text import own_text
from triage.message.parse import Gateway, parse


class Classify(Protocol):
    """Tells what a message is about."""

    def __call__(
        self, message: Message, identity: Identity, *, answers_staff: bool = False
    ) -> Classification:
        """Classify a message; ``answers_staff`` tells whether it answers what staff have written."""


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
    def classify(self) -> Classify:
        """Tell what a message is about."""

    @property
    def languages(self) -> Callable[[], Languages]:
        """Give the languages that replies may go out in."""

    @property
    def gateway(self) -> Gateway:
        """Whose Authentication-Results are believed."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One message after stages 1 to 4, before anything of it is written.

    ``language`` is that of a reply, and is found whether one goes out or not: what is on record of it must
    not tell. ``told`` is what an answer to our reply says of the child; our own words are not in such a
    ``message``.
    """

    message: Message
    identity: Identity
    history: History
    classification: Classification
    opening: Opening
    decision: Decision
    language: str
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """One message with who wrote it and about whom, before anything is asked of the record."""

    message: Message
    identity: Identity


HistoryOf = Callable[[Message, Identity], History]
"""What the record says of a message. It is asked again of what is left of one that answers mail of ours."""


def judge(
    facts: Facts,
    delivery: Delivery,
    raw: bytes,
    received: datetime,
    *,
    history_of: HistoryOf,
    truncated: bool = False,
) -> Judgement:
    """Take one message through stages 1 to 4. Whatever ``history_of`` raises passes through."""
    return judge_letter(facts, delivery, read_letter(facts, raw, received, truncated=truncated), history_of)


def read_letter(facts: Facts, raw: bytes, received: datetime, *, truncated: bool = False) -> Letter:
    """Take one message through the stages for which nothing of the record is needed."""
    message = parse(raw, received, facts.gateway, truncated=truncated)
    return Letter(message, identify(message, facts.roster(), facts.school))


def judge_letter(facts: Facts, delivery: Delivery, letter: Letter, history_of: HistoryOf) -> Judgement:
    """Take a message that is read through the other stages. Whatever ``history_of`` raises passes through."""
    roster, school = facts.roster(), facts.school
    message, identity, known = _read(letter, roster, school, history_of)
    answers = answers_staff(message, school, known, verified=is_verified(message, identity))
    history = _with_thread(known, answers=answers)
    classification = facts.classify(message, identity, answers_staff=answers)
    told = told_by(message, identity, history, roster, school)
    if told is not None and told.only:
        classification = nothing_said(classification)
    # What a sender who is not verified is told must not depend on who is on the roster (T2).
    gates = may_reply(message, reply_identity(message, identity, school), delivery, school, history)
    hours = opening(message.received, school.calendar, delivery.hours)
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
    language = reply_language(facts.languages(), message, identity)
    if not language.is_plain:
        decision = replace(decision, gates=(*decision.gates, _asked(language)))
    return Judgement(message, identity, history, classification, hours, decision, language.code, told)


def reply_language(languages: Languages, message: Message, identity: Identity) -> Choice:
    """Choose the language of a reply by what was written; where there is no choice it is not even read."""
    if languages.is_one or identity.sender not in ANSWERED:
        return Choice(languages.first, "there is no other", is_plain=True)
    recorded = identity.interpreter if is_verified(message, identity) else None
    return choose(language_of(message.own_text or message.subject), recorded, languages)


def _asked(language: Choice) -> Gate:
    """Return the choice of a language as one of the rules that were asked."""
    return Gate(f"{POLICY}language", hit=True, why=f"{name_of(language.code)}: {language.why}")


def _read(
    letter: Letter, roster: Roster, school: School, history_of: HistoryOf
) -> tuple[Message, Identity, History]:
    """Return a message with who wrote it and its history; of an answer to mail of ours what is new in it."""
    message, identity = letter.message, letter.identity
    known = history_of(message, identity)
    if not known.answers_automatic and known.answers_our_reply is None:
        return message, identity, known
    own, text = (without(each, known.our_words).strip() for each in (message.own_text, message.text))
    # Where the answer stands below the whole quotation, it shows itself only when that is gone.
    answer = replace(message, own_text=own or own_text(text, forward=False), text=text)
    identity = identify_answer(answer, known, roster, school)
    return answer, identity, history_of(answer, identity)


def _with_thread(history: History, *, answers: bool) -> History:
    """Note that a sensitive issue is not opened here when the message answers what staff have written."""
    if not answers:
        return history
    return replace(history, under_discussion=history.under_discussion | {Topic.SENSITIVE_ISSUE})
