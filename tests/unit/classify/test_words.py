"""Words as hashed features: what counts as the same, and that the numbers never move."""

from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.classify.words import buckets

MANY = 2**32
"""So many buckets that no two features meet."""


def found(text, *, pieces=False, count=MANY):
    return set(buckets(text, count, pieces=pieces).tolist())


def test_a_feature_has_the_same_bucket_in_every_process():
    assert found("ill today") == {crc32(b"ill"), crc32(b"today"), crc32(b"ill today")}


def test_case_makes_no_difference():
    assert found("Absent TODAY") == found("absent today")


def test_a_curly_apostrophe_is_a_plain_one():
    assert found("won\u2019t") == found("won't")


def test_the_length_of_a_space_makes_no_difference():
    assert found("ill \n today") == found("ill today")


def test_a_sign_is_a_word():
    assert found("ill!") > found("ill")


def test_a_word_counts_once_however_often_it_is_said():
    assert found("ill ill ill") == found("ill ill")


def test_the_order_of_two_words_makes_a_difference():
    assert found("not ill") != found("ill not")


def test_a_misspelt_word_shares_pieces_with_the_right_one():
    assert found("diarrhoea", pieces=True) & found("diarrhea", pieces=True)


def test_without_pieces_a_misspelt_word_is_another_word():
    assert not found("diarrhoea") & found("diarrhea")


def test_pieces_know_where_a_word_begins():
    assert found("ache", pieces=True) - found("headache", pieces=True)


def test_what_stands_after_4000_characters_is_not_read():
    assert found("a " * 2000 + "quince") == found("a " * 2000)


@given(text=st.text(st.characters()), pieces=st.booleans())
def test_any_text_gives_buckets_in_order_and_none_twice(text, pieces):
    numbers = buckets(text, 512, pieces=pieces).tolist()
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("count", [1, 7, 4096])
@given(text=st.text(st.characters()))
def test_any_text_stays_within_the_table(text, count):
    assert all(0 <= number < count for number in buckets(text, count, pieces=True))
