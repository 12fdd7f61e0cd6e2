"""Several readers' opinions as one probability, and what a card must say for it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.classify.combination import Combination, combination, logistic
from triage.classify.encoder import Logits
from triage.classify.features import FEATURES, IMMEDIATE, OUTPUTS, features
from triage.domain.model import Classification, Topic

WORDS = np.zeros(len(OUTPUTS), np.float32)
NUMBERS = st.floats(-(2.0**99), 2.0**99, width=32)


def a_card(**changed):
    """The weights and thresholds of a card for two topics."""
    weights = {"absence": [0] * len(FEATURES), "medical": [1] * len(FEATURES)}
    return {"weights": weights, "thresholds": {"absence": 0.4, "medical": 0.6}, **changed}


def logits(message, *sentences):
    """What the network says of a message and its sentences, the same of every output."""
    row = np.ones(len(OUTPUTS), np.float32)
    return Logits(row * message, np.array([row * one for one in sentences]).reshape(-1, len(OUTPUTS)), row)


def column(name, read=None, said=None, words=WORDS):
    """One reader's column of the features."""
    return features(read, words, said or Classification(""))[:, FEATURES.index(name)]


# the curve


def test_nothing_for_and_nothing_against_is_one_half():
    assert logistic(np.zeros(1)) == pytest.approx([0.5])


def test_log_odds_become_a_probability():
    assert logistic(np.log(np.array([1 / 4, 3, 9]))) == pytest.approx([0.2, 0.75, 0.9])


@given(values=st.lists(NUMBERS, min_size=1))
def test_any_number_becomes_a_probability(values):
    assert all(0 <= score <= 1 for score in logistic(np.array(values, np.float32)))


# the weights


def test_each_opinion_counts_by_its_weight():
    weighed = Combination(np.array([[1, -2]], np.float32), np.array([0.5], np.float32))
    assert weighed.scores(np.array([[3, 1]], np.float32)) == pytest.approx(logistic(np.array([1.0])))


def test_a_card_gives_weights_and_thresholds_in_the_order_that_is_asked_for():
    found = combination(a_card(), ["medical", "absence"])
    assert found.weights[:, 0].tolist() == [1, 0]
    assert found.thresholds == pytest.approx([0.6, 0.4])


@pytest.mark.parametrize("key", ["weights", "thresholds"])
def test_a_card_without_a_topic_is_refused(key):
    with pytest.raises(KeyError):
        combination(a_card(**{key: {}}), ["medical"])


@pytest.mark.parametrize("weights", [[1], [1] * 7, [[1] * 6], "abcdef"])
def test_weights_of_another_shape_are_refused(weights):
    with pytest.raises(ValueError):
        combination(a_card(weights={"medical": weights}), ["medical"])


# the opinions


def test_there_is_a_row_for_each_topic_and_for_present_danger_at_last():
    assert [*Topic, IMMEDIATE] == list(OUTPUTS)


def test_what_was_not_read_is_nothing():
    assert not features(None, WORDS, Classification(""))[:, 1:].any()


def test_the_strongest_sentence_and_the_second_are_read():
    read = logits(0, 1, 5, 3)
    assert (column("sentence", read)[0], column("second", read)[0]) == (5, 3)


def test_of_one_sentence_the_second_is_the_first():
    assert column("second", logits(0, 4))[0] == 4


def test_a_message_without_sentences_is_read_as_a_whole():
    assert column("sentence", logits(2))[0] == 2


def test_the_phrases_count_by_topic():
    said = column("phrases", said=Classification("", {Topic.MEDICAL: 0.45}))
    assert said[OUTPUTS.index(Topic.MEDICAL)] == pytest.approx(0.45)
    assert np.count_nonzero(said) == 1


def test_the_phrases_say_a_present_danger_in_the_last_row():
    assert column("phrases", said=Classification("", immediate=True)).tolist() == [0] * len(Topic) + [1]


def test_the_words_are_taken_as_they_are():
    assert column("words", words=WORDS + 7).tolist() == [7] * len(OUTPUTS)
