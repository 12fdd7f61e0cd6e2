import pytest

from tests.unit.classify.given import cases, classified
from triage.domain.model import Topic

CASES = cases("cases.toml")
SHOWN = 0.5


def sentences(kind):
    return [(topic, text) for topic, lists in CASES.items() for text in lists.get(kind, [])]


def test_every_topic_has_at_least_six_sentences_and_four_near_misses():
    short = [t for t in Topic if len(CASES[t]["is"]) < 6 or len(CASES[t]["is_not"]) < 4]
    assert short == []


@pytest.mark.parametrize(("topic", "text"), sentences("is"))
def test_a_sentence_of_the_topic_shows_it(topic, text):
    assert classified(text).scores.get(Topic(topic), 0.0) >= SHOWN


@pytest.mark.parametrize(("topic", "text"), sentences("is"))
def test_a_shown_topic_comes_with_words_that_show_it(topic, text):
    assert any(evidence.topic == topic for evidence in classified(text).evidence)


@pytest.mark.parametrize(("topic", "text"), sentences("is_not"))
def test_a_near_miss_does_not_show_the_topic(topic, text):
    assert classified(text).scores.get(Topic(topic), 0.0) < SHOWN


@pytest.mark.parametrize(("topic", "text"), sentences("beyond"))
def test_meaning_without_a_known_turn_of_phrase_is_left_to_the_trained_classifier(topic, text):
    assert classified(text).scores.get(Topic(topic), 0.0) < SHOWN


def test_a_plain_question_is_about_no_topic():
    result = classified(
        "Does Tom need an apron on Thursday? Thank you for your help with this.", "A question"
    )
    assert result.scores == {}


def test_a_message_can_be_about_several_topics():
    result = classified("He won't be in today, he's been sick. His father and I are separating as well.")
    assert {Topic.ABSENCE, Topic.MEDICAL, Topic.CONFIDENTIAL} <= result.scores.keys()


def test_personal_information_about_another_pupil_is_always_about_another_pupil():
    scores = [classified(text).scores for text in CASES["other-pupil-personal"]["is"]]
    assert all(each[Topic.OTHER_PUPIL] >= each[Topic.OTHER_PUPIL_PERSONAL] for each in scores)
