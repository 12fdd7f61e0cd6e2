"""What is told of why there was no reply, to those who may not know of every flag."""

import pytest

from triage.domain.model import Gate
from triage.domain.withheld import gates_told, reason_told


@pytest.mark.parametrize("reason", ["paused", "stopped"])
def test_what_is_no_secret_is_told(reason):
    assert reason_told(reason) == reason


@pytest.mark.parametrize("reason", ["safeguarding", "already-answered", "late", None])
def test_any_other_reason_is_not_told(reason):
    assert reason_told(reason) is None


def test_the_gate_that_tells_why_nothing_is_said_is_left_out_whatever_it_says():
    gates = (Gate("resync", hit=False, why="new mail"), Gate("something-to-say", hit=False, why="it has"))
    assert gates_told(gates) == gates[:1]


def test_a_rule_does_not_tell_that_its_part_was_not_said():
    told = gates_told([Gate("policy: medical", hit=True, why="the part private (not said: no reply goes)")])
    assert told == (Gate("policy: medical", hit=True, why="the part private"),)
