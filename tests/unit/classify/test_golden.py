"""A machine on which the artefact scores otherwise than where it was built does not read mail."""

from dataclasses import replace

import numpy as np
import pytest

from triage.bootstrap import trained
from triage.classify.artefact import ArtefactError
from triage.classify.golden import DRIFT, check_golden


@pytest.fixture
def artefact():
    return trained()


def drifted(artefact, by):
    """The artefact as if its last golden message had scored otherwise where it was built."""
    *others, last = artefact.golden
    scores = [*last["scores"][:-1], last["scores"][-1] + by]
    return replace(artefact, golden=(*others, {**last, "scores": scores}))


def test_the_shipped_artefact_scores_as_where_it_was_built(artefact):
    check_golden(artefact)


@pytest.mark.parametrize("by", [5 * DRIFT, -5 * DRIFT])
def test_one_score_that_has_drifted_is_refused(artefact, by):
    with pytest.raises(ArtefactError, match="scores differently on this machine"):
        check_golden(drifted(artefact, by))


def test_it_is_said_what_to_do(artefact):
    with pytest.raises(ArtefactError, match="Install the program's packages again"):
        check_golden(drifted(artefact, 1))


def test_a_score_that_is_no_number_is_refused(artefact):
    with pytest.raises(ArtefactError):
        check_golden(drifted(artefact, float("nan")))


def test_a_reader_that_gives_no_numbers_is_refused(artefact):
    people = replace(artefact.people, weights=np.full_like(artefact.people.weights, np.nan))
    with pytest.raises(ArtefactError):
        check_golden(replace(artefact, people=people))
