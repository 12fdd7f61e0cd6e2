"""Names that are nearly right, found through the index alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from triage.domain.short_names import forms_of
from triage.domain.spelling import Spellings

NAMES = ["millie", "samir", "muhammad", "hartnell", "will", "jo"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("milie", "millie"),
        ("millei", "millie"),
        ("samer", "samir"),
        ("mohammed", "muhammad"),
        ("hartnel", "hartnell"),
        ("heartnell", "hartnell"),
    ],
)
def test_a_slip_or_two_in_a_long_name_is_let_through(word, meant):
    assert Spellings(NAMES).near(word) == (meant,)


@pytest.mark.parametrize("word", ["sam", "jon", "molly", "sameer", "", "x" * 60])
def test_more_than_that_is_another_word(word):
    assert Spellings(NAMES).near(word) == ()


def test_the_nearest_comes_first_and_few_are_kept():
    names = [f"kowalsk{letter}" for letter in "abcdefghijkl"]
    assert len(Spellings(names).near("kowalsko")) == 6


@given(st.sampled_from(NAMES[:4]), st.integers(0, 7), st.sampled_from("aeiou"))
def test_every_single_slip_is_found(name, place, letter):
    word = name[: place % len(name)] + letter + name[place % len(name) + 1 :]
    assert word == name or OSA.distance(word, name) > 1 or name in Spellings(NAMES).near(word)


def test_short_and_long_forms_lead_to_each_other():
    assert "benjamin" in forms_of("ben")
    assert "ben" in forms_of("benjamin")


def test_an_unknown_name_has_no_other_form():
    assert forms_of("oluwadamilola") == frozenset()
