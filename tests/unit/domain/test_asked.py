"""A decision tells every rule of the policy that was asked, hit or missed, in words."""

import pytest

from tests.factories import a_message, an_identity
from tests.unit.domain.test_decide import CLOSED, POLICY, a_decision
from triage.domain.asked import is_policy
from triage.domain.decide import SOMETHING_TO_SAY
from triage.domain.model import Classification, Evidence, Gate, SenderKind, Topic


def rules(*topics, **given):
    return {gate.name: gate for gate in a_decision(*topics, **given).gates if is_policy(gate)}


def test_every_rule_stands_once_in_the_order_of_precedence():
    assert list(rules(Topic.ABSENCE)) == [f"policy: {key}" for key in POLICY.rules]


def test_the_rules_come_after_what_was_asked_before_a_reply():
    gates = a_decision(Topic.ABSENCE, gates=(Gate("resync", hit=False, why="new"),)).gates
    assert [gate.name for gate in gates[:2]] == ["resync", SOMETHING_TO_SAY]
    assert all(is_policy(gate) for gate in gates[2:])


@pytest.mark.parametrize(
    ("name", "hit", "why"),
    [
        (
            "absence",
            True,
            (
                "found, 0.90 where 0.50 is enough; it asks for the part absence in a reply"
                " and a flag for the office, to be read with their queue"
            ),
        ),
        ("medical", False, "0.30 is under 0.50"),
        ("behaviour", False, "not found"),
        ("advertising", True, "found, 0.80 where 0.50 is enough; it asks for nothing"),
        ("out-of-hours", False, "within hours: Wednesday, 8:00 to 17:00"),
        ("private-account", False, "it did not come through a private address"),
    ],
)
def test_each_rule_says_why_it_hit_or_missed(name, hit, why):
    scores = {Topic.ABSENCE: 0.9, Topic.MEDICAL: 0.3, Topic.ADVERTISING: 0.8}
    asked = rules(classification=Classification("words", scores))[f"policy: {name}"]
    assert (asked.hit, asked.why) == (hit, why)


def test_out_of_hours_says_why_the_school_is_closed():
    asked = rules(at=CLOSED)["policy: out-of-hours"]
    assert asked.why == "out of hours: after 17:00; it asks for the part out-of-hours in a reply"


def test_a_guess_that_is_not_answered_says_what_that_takes():
    guess = Classification("words", {Topic.ABSENCE: 0.55})
    asked = rules(classification=guess)["policy: absence"]
    assert "the part absence in a reply (not said: that takes 0.60) and a flag for the office" in asked.why


def test_a_plausible_allegation_says_what_is_unsure():
    unsure = Classification("words", {Topic.COMPLAINT: 0.35}, uncertain="close to the line")
    asked = rules(classification=unsure)["policy: complaint"]
    assert asked.hit
    assert asked.why.startswith("plausible, not certain (close to the line); it asks for")


def test_a_flag_that_this_kind_of_sender_cannot_raise_is_told():
    staff = an_identity(sender=SenderKind.STAFF)
    message = a_message(sender="e.brennan@oakfield.example")
    asked = rules(Topic.COMPLAINT, identity=staff, message=message)["policy: complaint"]
    assert asked.why.endswith("(not raised for this kind of sender)")


def test_a_flag_that_a_stricter_one_covers_is_told():
    asked = rules(Topic.SAFEGUARDING, Topic.CONFIDENTIAL)["policy: confidential"]
    assert asked.why.endswith("(not raised: the safeguarding lead decides who else is told)")


def test_a_flag_that_was_made_more_pressing_says_so():
    asked = rules(Topic.SAFEGUARDING, Topic.URGENT)["policy: safeguarding"]
    assert asked.why.endswith(" (made sooner by what else it asks for: today, before anything else)")


def test_a_part_that_another_one_says_is_told():
    asked = rules(Topic.BEHAVIOUR, Topic.MEDICAL)["policy: behaviour"]
    assert "the part please-phone in a reply (not said: the part private says it)" in asked.why


def test_why_little_is_enough_for_safeguarding_is_said():
    asked = rules(Topic.SAFEGUARDING)["policy: safeguarding"]
    assert "0.50 is enough (little on purpose: better read in vain than missed)" in asked.why


def test_whoever_is_paged_is_told_by_which_words():
    shown = (Evidence(Topic.SAFEGUARDING, "he is on the roof", 0, 17),)
    danger = Classification("he is on the roof", {Topic.SAFEGUARDING: 0.9}, shown, immediate=True)
    asked = rules(classification=danger)["policy: safeguarding"]
    assert asked.why.endswith('(made sooner because "he is on the roof" reads like a present danger: now)')
