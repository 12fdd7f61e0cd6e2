"""The reasons of a flag without those for a topic that was wrong."""

import pytest

from triage.domain.reasons import TAKEN_AWAY, in_words, without

COMPLAINT = "complaint 0.91: to be put right; in writing; about staff"
URGENT = "urgent: plausible, not certain (few words)"
QUARREL = "contentious 0.70: by telephone"


@pytest.mark.parametrize(
    ("topic", "left"),
    [
        ("complaint", f"{URGENT}; {QUARREL}"),
        ("urgent", f"{COMPLAINT}; {QUARREL}"),
        ("contentious", f"{COMPLAINT}; {URGENT}"),
        ("absence", f"{COMPLAINT}; {URGENT}; {QUARREL}"),
    ],
)
def test_the_reasons_for_one_topic_are_left_out_to_their_end(topic, left):
    assert without(f"{COMPLAINT}; {URGENT}; {QUARREL}", topic) == left


def test_a_topic_whose_name_begins_another_is_another():
    both = "other-pupil 0.60: a friend; other-pupil-personal 0.80: a home"
    assert without(both, "other-pupil") == "other-pupil-personal 0.80: a home"


def test_an_outcome_is_a_reason_of_its_own():
    both = "urgent 0.80: by telephone; collection-change: by telephone"
    assert without(both, "urgent") == "collection-change: by telephone"


def test_a_clause_with_a_colon_begins_no_reason():
    assert (
        without("complaint 0.91: in order; first: ring", "first") == "complaint 0.91: in order; first: ring"
    )


def test_where_nothing_is_left_it_is_said_why():
    assert without(QUARREL, "contentious") == TAKEN_AWAY


def test_words_of_a_person_stay():
    assert without("found by a person", "contentious") == "found by a person"


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (COMPLAINT, "To be put right; in writing. About staff."),
        (URGENT, "Plausible, not certain."),
        (f"{QUARREL}; medical 1.00: by telephone", "By telephone."),
        (f"{COMPLAINT}; {QUARREL}", "To be put right; in writing. About staff. By telephone."),
        ("the reply failed: 550 gone", "the reply failed: 550 gone"),
    ],
)
def test_reasons_are_told_once_in_sentences_without_ids_and_scores(why, said):
    assert in_words(why) == said
