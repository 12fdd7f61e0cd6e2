"""What is quoted says what was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.model import Evidence, Topic
from triage.domain.quoting import AROUND, in_the_open, merged, whole_sentence


def quoted(text, words):
    start = text.index(words)
    return whole_sentence(text, Evidence(Topic.SAFEGUARDING, words, start, start + len(words))).text


def test_a_quotation_ends_where_its_sentence_ends():
    text = "She was late. There was blood on her collar. She is scared."
    assert quoted(text, "blood on her") == "There was blood on her collar."


def test_words_of_two_sentences_are_quoted_as_both():
    text = "He pulled it out. There was blood on her collar. Thank you."
    assert quoted(text, "out. There was blood") == "He pulled it out. There was blood on her collar."


def test_of_a_text_without_full_stops_a_stretch_is_quoted():
    text = "so " * 200 + "he hit her" + " and" * 200
    assert len(quoted(text, "he hit her")) <= 2 * AROUND + len("he hit her")


@given(st.text("ab. \n", min_size=1), st.data())
def test_what_is_quoted_stands_so_in_the_text_and_holds_the_words(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    found = whole_sentence(text, Evidence(Topic.ABSENCE, text[start:end], start, end))
    assert found.start <= start < end <= found.end
    assert text[found.start : found.end].strip() == found.text


def span(topic, start, end):
    return Evidence(topic, "", start, end)


@pytest.mark.parametrize("topic", [Topic.OFFENSIVE, Topic.INDECENT])
def test_abuse_and_indecency_are_not_quoted_in_the_open(topic):
    assert in_the_open([span(topic, 0, 5), span(Topic.ABSENCE, 5, 9)]) == (span(Topic.ABSENCE, 5, 9),)


def test_words_that_show_something_else_too_are_not_quoted_in_the_open():
    insult = span(Topic.OFFENSIVE, 10, 20)
    around, inside, beside = (
        span(Topic.CONTENTIOUS, 0, 30),
        span(Topic.CONTENTIOUS, 12, 14),
        span(Topic.CONTENTIOUS, 20, 30),
    )
    assert in_the_open([around, insult, inside, beside]) == (beside,)


def test_without_abuse_everything_is_quoted():
    evidence = (span(Topic.ABSENCE, 0, 5), span(Topic.SAFEGUARDING, 3, 9))
    assert in_the_open(evidence) == evidence


def shown(text, words, topic=Topic.CONTENTIOUS):
    start = text.index(words)
    return Evidence(topic, words, start, start + len(words))


def test_what_overlaps_is_one_quotation():
    text = "You never ring us at work."
    parts = [shown(text, words) for words in ("ring us", "never ring", "us at work")]
    assert [each.text for each in merged(parts)] == ["never ring us at work"]


def test_what_stands_inside_of_a_longer_quotation_is_not_told_twice():
    text = "You never ring us at work."
    assert [each.text for each in merged([shown(text, "ring"), shown(text, "never ring us")])] == [
        "never ring us"
    ]


def test_what_stands_apart_stays_apart_and_in_its_order():
    text = "You never ring us at work."
    assert [each.text for each in merged([shown(text, "work"), shown(text, "never")])] == ["work", "never"]


def test_what_stands_at_the_same_place_of_another_message_is_not_mixed_with_it():
    one, other = shown("You never ring.", "never ring"), shown("We always write.", "always wri")
    assert merged([one, other]) == (one, other)
