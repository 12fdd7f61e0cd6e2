"""Tokens as BERT cuts them (uncased): words and signs first, then the longest pieces from the left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.growth import growth_of
from triage.classify.wordpiece import WordPiece

VOCABULARY = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "##aff", "##able", "want", "##want", "##ed", "wa", "runn"),
    *("##ing", "low", "lowest", "##est", "a", "##a", ",", "!", "?", "'", "s", "-", "\u4e2d", "\u56fd"),
)
WORDPIECE = WordPiece(VOCABULARY)
MAIL = {
    "words that are known": "unaffable ",
    "words that are not": "quince ",
    "one long word": "a",
    "signs": "!",
    "spaces": " ",
    "ideographs": "\u4e2d",
    "accents": "e\u0301",
    "invisible signs": "\u200b",
    "another script": "\u0445\u043e\u0447\u0443 ",
    "syllables that fall apart": "\ud55c",
    "a face of several signs": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
}


def cut(text):
    """The tokens of a text by their names."""
    return [VOCABULARY[number] for number in WORDPIECE(text)]


# pieces


def test_a_word_is_cut_into_pieces():
    assert cut("unaffable") == ["un", "##aff", "##able"]


def test_the_longest_piece_comes_first():
    assert cut("lowest low") == ["lowest", "low"]


def test_a_piece_within_a_word_is_another_token_than_the_word():
    assert cut("unwant want") == ["un", "##want", "want"]


def test_a_word_that_cannot_be_cut_to_its_end_is_unknown_as_a_whole():
    assert cut("unaffableX") == ["[UNK]"]


def test_an_unknown_word_hides_no_other():
    assert cut("unwantedX running") == ["[UNK]", "runn", "##ing"]


def test_a_word_of_100_letters_is_cut():
    assert cut("a" * 100) == ["a", *["##a"] * 99]


def test_a_longer_word_is_unknown():
    assert cut("a" * 101) == ["[UNK]"]


def test_a_text_without_a_word_has_no_tokens():
    assert cut(" \n\t") == []


# words


def test_case_is_not_read():
    assert cut("UNwanted") == ["un", "##want", "##ed"]


@pytest.mark.parametrize("text", ["un\u00e0ff\u00e1ble", "una\u0300ffable"], ids=["one sign", "two signs"])
def test_accents_are_not_read(text):
    assert cut(text) == ["un", "##aff", "##able"]


def test_a_sign_of_punctuation_is_a_word():
    assert cut("UNwanted,running!?") == ["un", "##want", "##ed", ",", "runn", "##ing", "!", "?"]


def test_every_one_of_several_signs_is_a_word():
    assert cut("want!!!") == ["want", "!", "!", "!"]


def test_a_possessive_is_three_words():
    assert cut("want's") == ["want", "'", "s"]


def test_every_ideograph_is_a_word():
    assert cut("low\u4e2d\u56fdlow") == ["low", "\u4e2d", "\u56fd", "low"]


@pytest.mark.parametrize("space", [" ", "\n", "\r\n", "\t", "\u00a0", "\u3000", "\u2028", "\u2029"])
def test_a_space_of_any_kind_parts_words(space):
    assert cut(f"want{space}low") == ["want", "low"]


@pytest.mark.parametrize("sign", ["\u200b", "\u00ad", "\ufeff", "\x00", "\x07", "\ufffd"])
def test_a_sign_that_nobody_sees_parts_no_word(sign):
    assert cut(f"wa{sign}nt") == ["want"]


# any text


@given(text=st.text(st.characters()))
def test_any_text_gives_numbers_of_the_vocabulary(text):
    assert all(0 <= number < len(VOCABULARY) for number in WORDPIECE(text))


@given(
    letter=st.sampled_from(["a", "\u00e9", "\u0645", "\U0001f600", "\ud55c", "\u0ab7"]),
    length=st.integers(0, 5000),
)
def test_a_word_of_any_length_gives_at_most_100_tokens(letter, length):
    assert len(WORDPIECE(letter * length)) <= 100


@given(first=st.text(st.characters()), second=st.text(st.characters()))
def test_what_is_cut_does_not_hang_on_the_words_around_it(first, second):
    assert WORDPIECE(f"{first} {second}") == WORDPIECE(first) + WORDPIECE(second)


def cutting_of(text):
    return lambda: WordPiece(VOCABULARY)(text)  # a new one each time: it remembers words


@pytest.mark.parametrize("piece", MAIL.values(), ids=MAIL.keys())
def test_twice_the_text_takes_at_most_two_and_a_half_times_the_cpu(piece):
    once = piece * (4_000 // len(piece))  # what is longer no longer lies in the cache whole
    assert growth_of(cutting_of(once), cutting_of(once * 2)) <= 2.5
