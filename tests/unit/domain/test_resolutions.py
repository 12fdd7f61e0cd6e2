"""How a flag can be closed, by what it is."""

from dataclasses import replace

import pytest

from tests.factories import TEACHER
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.resolutions import LONGEST_NOTE, ORDINARY, Resolution, refusal, resolutions_for
from triage.domain.visibility import is_closely_kept

QUARREL = Flag(Topic.CONTENTIOUS, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8)
HARM = Flag(Topic.SAFEGUARDING, Severity.REVIEW, Route.SAFEGUARDING_LEAD, year=8)
ALLEGATION = replace(QUARREL, route=Route.HEADTEACHER, about=TEACHER)


def test_an_ordinary_flag_is_closed_without_a_note():
    assert all(refusal(QUARREL, reason, "") is None for reason in ORDINARY)


@pytest.mark.parametrize("reason", ["", "because", Resolution.REFERRED])
def test_a_reason_that_is_not_offered_is_refused(reason):
    assert refusal(QUARREL, reason, "") == "Choose a reason. The flag is still open."


def test_a_safeguarding_matter_is_closed_by_saying_whether_it_was_referred():
    assert {Resolution.REFERRED, Resolution.NOT_REFERRED} <= set(resolutions_for(HARM))
    assert Resolution.NOTHING_TO_DO not in resolutions_for(HARM)


@pytest.mark.parametrize("flag", [HARM, ALLEGATION])
@pytest.mark.parametrize("note", ["", "  "])
def test_what_is_closely_kept_is_closed_with_a_note_that_says_why(flag, note):
    reason = resolutions_for(flag)[0]
    assert is_closely_kept(flag)
    assert "with a note" in refusal(flag, reason, note)
    assert refusal(flag, reason, "seen by Ms Okoro") is None


def test_a_note_has_an_end():
    assert "longer than" in refusal(QUARREL, ORDINARY[0], "x" * (LONGEST_NOTE + 1))
