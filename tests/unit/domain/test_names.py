"""Text and names brought to one form, and the index of a roster's names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import a_pupil, a_roster
from triage.domain.names import atoms_of, fold, index_of, words_of
from triage.domain.roster import Roster


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Zoë", "Zoe"),
        ("Zoe\N{COMBINING DIAERESIS}", "Zoe"),
        ("Łukasz", "Lukasz"),
        ("Søren", "Soren"),
        ("Weiß", "Weiss"),
        ("Ægir", "Aegir"),
        ("Siân", "Sian"),
        ("O’Connor", "O'Connor"),
        ("O`Connor", "O'Connor"),
        ("Anne‑Marie", "Anne-Marie"),
        ("Jake Pole", "Jake Pole"),
    ],
)
def test_accents_apostrophes_and_hyphens_fold(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("name", "atoms"),
    [
        ("O’Connor-Reid", ("oconnor", "reid")),
        ("Anne-Marie", ("anne", "marie")),
        ("Anne Marie", ("anne", "marie")),
        ("D'Souza", ("dsouza",)),
        ("  ", ()),
        ("اسماء", ("اسماء",)),
        ("王小明", ("王小明",)),
    ],
)
def test_a_name_is_cut_into_atoms(name, atoms):
    assert atoms_of(name) == atoms


@pytest.mark.parametrize(("text", "atom"), [("Jake's", "jake"), ("Jake’s", "jake"), ("James'", "james")])
def test_a_possessive_is_seen_and_taken_off(text, atom):
    word = words_of(text)[0]
    assert (word.possessive, word.atom) == (True, atom)


@pytest.mark.parametrize(("text", "title"), [("Will", True), ("will", False), ("WILL", False), ("I", True)])
def test_only_a_capital_before_small_letters_counts(text, title):
    assert words_of(text)[0].title is title


def test_sentences_lines_and_joins_are_seen():
    words = words_of("Hi Jake. It is\nok, yes")
    assert [word.starts_sentence for word in words] == [True, False, True, False, True, False]
    assert [word.starts_line for word in words] == [True, False, False, False, True, False]
    assert [word.joined for word in words] == [False, True, False, True, False, False]


def test_an_index_is_built_once_for_a_roster():
    roster = a_roster()
    assert index_of(roster) is index_of(roster)


def test_two_rosters_have_two_indexes():
    assert index_of(Roster([a_pupil()])) is not index_of(Roster([a_pupil()]))


def test_pupils_who_share_a_guardian_share_a_home():
    index = index_of(a_roster())
    assert index.share_a_home(["P002", "P003"])
    assert not index.share_a_home(["P001", "P002"])


def test_a_form_without_a_digit_is_an_ordinary_word():
    assert not index_of(Roster([a_pupil(form="Oak")])).forms


@given(st.text())
def test_folding_never_raises_and_is_done_once_and_for_all(text):
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_words_hold_no_spaces_and_no_capitals(text):
    assert all(word.atom == word.atom.lower() and not word.atom.isspace() for word in words_of(text))
