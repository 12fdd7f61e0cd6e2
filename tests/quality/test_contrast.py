"""What the committed classifier makes of the contrast suites, which it was never taught with.

The bars stand a little under what was measured, so that a worse artefact or a change in the reading shows.
"""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from triage.bootstrap import trained
from triage.classify.classifier import Classifier
from triage.domain.model import Topic
from triage.evaluate.contrast import CELLS, cases, passed
from triage.evaluate.corpus import ROSTER, SETTINGS
from triage.from_settings import school_of
from triage.message.parse import Gateway
from triage.roster_source import read_roster
from triage.settings import load_settings

CORPUS = Path(__file__).parents[2] / "corpus"
FOUND = 0.85
LEFT_ALONE = 0.88


@cache
def cells():
    settings = load_settings(CORPUS / SETTINGS, {})
    school, roster = school_of(settings), read_roster(CORPUS / ROSTER)
    classify = Classifier(trained(), zone=school.calendar.zone)
    gateway = Gateway(frozenset(settings.school.authserv_ids))
    return passed(list(cases(CORPUS / "contrast")), classify, school, roster, gateway)


def share(cell):
    right, asked = Counter(), Counter()
    for (_, name), (told, count) in cells().items():
        right[name] += told
        asked[name] += count
    return right[cell] / asked[cell]


def test_what_is_told_in_other_words_is_found():
    assert share("positive") >= FOUND


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell != "positive"])
def test_what_only_sounds_like_a_topic_is_left_alone(cell):
    assert share(cell) >= LEFT_ALONE


def test_every_sign_of_harm_of_the_suite_goes_to_the_safeguarding_lead():
    right, asked = cells()[Topic.SAFEGUARDING, "positive"]
    assert right >= asked - 1
