"""The stretches of a message that are shown as evidence: all of it, in order, none too long."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.classify.segments import LONGEST, segments
from triage.classify.sentences import read

PIECES = st.sampled_from(
    [
        "he ",
        "won't ",
        "I'll ",
        "Mr. ",
        "Jake\u2019s ",
        "sick. ",
        "why?! ",
        "\n",
        "\n\n",
        "- ",
        "\u2026 ",
        '"',
        "8.30 ",
    ]
)
LONG = st.lists(PIECES, max_size=200).map("".join)
TEXT = st.one_of(LONG, st.text(st.characters(), max_size=200))


def cut(subject, own_text=""):
    """The stretches of a message as text."""
    text = f"{subject}\n{own_text}"
    return [text[one.start : one.end] for one in segments(subject, own_text)]


def places(text):
    """The places of the words of a text; "won't" stands in one place and is read as two words."""
    return sorted(set(read(text).spans))


# what a stretch is


def test_the_subject_comes_first_and_then_every_sentence():
    assert cut("Jake 8B", "He is ill. Is there homework?") == ["Jake 8B", "He is ill.", "Is there homework?"]


def test_a_subject_is_not_cut_into_sentences():
    assert cut("Ill. Again. Sorry!") == ["Ill. Again. Sorry!"]


@pytest.mark.parametrize("subject", ["", "  "])
def test_an_empty_subject_is_no_stretch(subject):
    assert cut(subject, "He is ill.") == ["He is ill."]


def test_an_empty_message_has_no_stretch():
    assert cut("", "") == []


def test_a_line_that_its_writer_ended_is_a_stretch():
    assert cut("", "He is ill\nThanks\nSara") == ["He is ill", "Thanks", "Sara"]


def test_a_line_that_was_wrapped_is_no_stretch():
    text = "We are very sorry but he will not be able to come to\nschool on Friday"
    assert cut("", text) == [text]


def test_who_writes_without_full_stops_is_cut_all_the_same():
    assert [len(one.split()) for one in cut("", "and then " * 60)] == [LONGEST, LONGEST, 20]


def test_a_subject_as_long_as_a_letter_is_cut():
    assert [len(one.split()) for one in cut("and then " * 30)] == [LONGEST, 10]


def test_a_contraction_is_not_cut_in_two():
    assert cut("", "so " * (LONGEST - 1) + "won't come") == ["so " * (LONGEST - 1) + "won't", "come"]


# any text


@given(subject=TEXT, own=TEXT)
def test_stretches_are_in_order_and_none_overlaps_another(subject, own):
    found = segments(subject, own)
    assert all(first.end <= second.start for first, second in pairwise(found))


@given(subject=TEXT, own=TEXT)
def test_every_stretch_holds_something_and_lies_within_the_text(subject, own):
    assert all(0 <= one.start < one.end <= len(subject) + 1 + len(own) for one in segments(subject, own))


@given(subject=TEXT, own=TEXT)
def test_every_word_stands_in_a_stretch(subject, own):
    found, shift = segments(subject, own), len(subject) + 1
    words = [*places(subject), *((start + shift, end + shift) for start, end in places(own))]
    assert all(any(one.start <= start and end <= one.end for one in found) for start, end in words)


@given(subject=TEXT, own=TEXT)
def test_no_stretch_is_longer_than_the_longest(subject, own):
    assert all(len(places(one)) <= LONGEST for one in cut(subject, own))
