"""Over five hundred messages of machines are never answered, and people are not taken for machines.

Written by hands who had not seen the program. ``machines-2`` was measured once, unseen, before anything was
learnt from it: 50 of its 308 had no sign of a machine then, and 80 a wrong kind of sender.
"""

from functools import cache

import pytest

from tests.labelled.labelled import MACHINES, load, the_roster, the_school, the_settings
from triage.classify.by_phrases import ByPhrases
from triage.domain.decide import decide, reply_identity
from triage.domain.hours import opening
from triage.domain.machine import signs
from triage.domain.may_reply import may_reply
from triage.domain.model import History, SenderKind
from triage.domain.policy import parse_policy
from triage.message.wording import Wording

BY_WORDS = {"automatic-subject", "automatic-text", "mass-text", "unreachable-notice"}
MACHINE_KINDS = {SenderKind.AUTOMATIC, SenderKind.BULK}
# Two in a hundred. A cover sheet that names a class, and a list's help robot that says "I", are among them.
KINDS_THAT_ARE_WRONG = 10


@cache
def machines():
    return [one for name in MACHINES for one in load(name)]


@cache
def people():
    found = [one for name in ("parents", "everybody", "humans") for one in load(name)]
    return [one for one in found if one.expect["sender"] not in MACHINE_KINDS]


@cache
def the_policy():
    settings = the_settings()
    wording = Wording(settings.templates_folder)
    return parse_policy(settings.policy_file.read_text(encoding="utf-8"), wording.parts)


@cache
def the_classifier():
    return ByPhrases(the_policy().extra_phrases)


def gates_of(one):
    message, school = one.message, the_school()
    who = reply_identity(message, one.identity, school)
    return may_reply(message, who, one.delivery, school, History())


def decided(one):
    message, identity, school = one.message, one.identity, the_school()
    return decide(
        message,
        identity,
        the_classifier()(message, identity),
        one.delivery,
        school=school,
        policy=the_policy(),
        history=History(),
        opening=opening(one.received, school.calendar),
        roster_loaded=bool(the_roster()),
        gates=gates_of(one),
    )


def words_hit(one):
    return [gate.why for gate in signs(one.message) if gate.hit and gate.name in BY_WORDS]


def test_there_are_more_than_four_hundred_machines_messages():
    assert len(machines()) > 400


def test_every_machines_message_hits_a_gate():
    assert [one.id for one in machines() if not any(gate.hit for gate in gates_of(one))] == []


def test_no_machines_message_is_answered_with_the_shipped_policy():
    assert [one.id for one in machines() if decided(one).reply.send] == []


def test_the_kind_of_sender_of_machines_is_right_in_98_of_100():
    wrong = [one.id for one in machines() if one.identity.sender != one.expect["sender"]]
    assert len(wrong) <= KINDS_THAT_ARE_WRONG, wrong


@pytest.mark.parametrize("name", ["humans", "parents", "everybody"])
def test_no_persons_message_is_taken_for_a_machines(name):
    persons = [one for one in load(name) if one.expect["sender"] not in MACHINE_KINDS]
    assert [one.id for one in persons if one.identity.sender in MACHINE_KINDS] == []


def test_no_persons_words_are_taken_for_a_machines():
    assert {one.id: words_hit(one) for one in people() if words_hit(one)} == {}
