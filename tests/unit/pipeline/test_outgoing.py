"""Who is called at once for a flag, and how long to wait after a failure."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests.factories import a_school
from triage.domain.model import Flag, Route, Severity, Topic
from triage.outgoing import called
from triage.visit import LONGEST_WAIT, backoff

LEAD, DEPUTY, ON_CALL = "safe@oakfield.example", "safe2@oakfield.example", "call@oakfield.example"
DANGER = Flag(Topic.SAFEGUARDING, Severity.IMMEDIATE, Route.SAFEGUARDING_LEAD)


def a_context(on_call: str | None):
    """The one part of a context that these functions read."""
    return SimpleNamespace(school=replace(a_school(), on_call=on_call))


def test_the_person_on_call_is_called_for_immediate_danger():
    assert called(a_context(ON_CALL), DANGER) == (ON_CALL,)


def test_with_nobody_on_call_the_safeguarding_leads_are_called():
    assert called(a_context(None), DANGER) == (LEAD, DEPUTY)


@pytest.mark.parametrize("severity", [Severity.HIGH, Severity.REVIEW])
def test_nothing_less_than_immediate_calls_anyone(severity):
    assert called(a_context(ON_CALL), replace(DANGER, severity=severity)) == ()


def test_the_person_whom_an_allegation_concerns_is_never_called():
    assert called(a_context(LEAD), replace(DANGER, about=LEAD)) == (DEPUTY,)


@pytest.mark.parametrize("failures", [0, 1, 2, 5, 50, 5000])
def test_the_wait_after_failures_grows_to_a_bound_and_is_spread(failures):
    waits = {backoff(failures) for _ in range(20)}
    assert all(timedelta(seconds=20) < wait <= 1.25 * LONGEST_WAIT for wait in waits)
    assert len(waits) > 1


def test_the_wait_doubles_with_each_failure():
    shortest = [min(backoff(failures) for _ in range(50)) for failures in range(4)]
    assert shortest == sorted(shortest)
