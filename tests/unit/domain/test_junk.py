"""Junk mail: who wrote it counts only where that is proven."""

from dataclasses import replace

import pytest

from tests.factories import PARENT, a_delivery, a_message, a_school, an_identity
from tests.unit.domain.test_routes import OPEN, POLICY
from triage.domain.decide import decide
from triage.domain.model import Classification, History, SenderKind, Severity, Topic, Verdict

PUPIL = "j.hale@pupils.oakfield.example"
COLLEAGUE = "e.brennan@oakfield.example"
CHAIR = "chair@governors.oakfield.example"
HARM = "I am going to kill myself tonight."


def severities(sender, kind, dmarc=Verdict.PASS, **identity):
    """How urgent the flags are that a message among junk mail raises."""
    message = a_message(text=HARM, sender=sender, dmarc=dmarc)
    stranger = replace(an_identity(sender=SenderKind(kind)), on_roster=False, guardian=None)
    decision = decide(
        message,
        replace(stranger, **identity),
        Classification(f"{message.subject}\n{HARM}", {Topic.SAFEGUARDING: 0.9}, immediate=True),
        replace(a_delivery(), junk=True),
        school=a_school(),
        policy=POLICY,
        history=History(),
        opening=OPEN,
        roster_loaded=True,
        gates=(),
    )
    return [flag.severity for flag in decision.flags]


@pytest.mark.parametrize(
    ("sender", "kind", "identity"),
    [
        (PUPIL, "pupil", {}),
        ("jake@home.example", "pupil", {"pupil_address": True}),
        (COLLEAGUE, "staff", {}),
        (CHAIR, "staff", {}),
        (PARENT, "parent", {"on_roster": True, "guardian": "G1"}),
    ],
)
def test_danger_that_a_proven_address_of_the_school_or_roster_writes_of_calls_people(sender, kind, identity):
    assert Severity.IMMEDIATE in severities(sender, kind, **identity)


@pytest.mark.parametrize(
    ("sender", "kind", "dmarc"),
    [
        (PUPIL, "pupil", Verdict.NONE),
        (COLLEAGUE, "staff", Verdict.FAIL),
        (COLLEAGUE, "staff", Verdict.NONE),
        # What is plainly a pupil's by its words may be blackmail by the thousand.
        ("somebody@elsewhere.example", "pupil", Verdict.PASS),
    ],
)
def test_danger_that_an_address_without_proof_writes_of_waits_for_the_lead(sender, kind, dmarc):
    assert severities(sender, kind, dmarc) == [Severity.REVIEW]
