"""What is looked for in the queue comes back as it was asked, and words are found whatever their spelling."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import a_pupil
from triage.domain.model import Severity, Topic, Trouble
from triage.domain.search import FIRST, LAST, LONGEST, MOST, SHORTEST, Wanted, is_called, words_kept, words_of

LETTERS = st.text("abc'’ é", max_size=12).map(str.strip)
WANTED = st.builds(
    Wanted,
    state=st.sampled_from(["open", "resolved", "any"]),
    severity=st.none() | st.sampled_from(Severity),
    topic=st.sampled_from(["", *Topic, *Trouble]).map(str),
    year=st.none() | st.integers(0, 20),
    pupil=LETTERS,
    sender=LETTERS,
    words=LETTERS,
    since=st.none() | st.dates(FIRST, LAST),
    until=st.none() | st.dates(FIRST, LAST),
    holder=st.sampled_from(["", "me", "nobody"]),
)


@given(WANTED)
def test_what_is_wanted_comes_back_from_its_plain_form(wanted):
    assert Wanted.read(wanted.plain()) == wanted


def test_an_empty_form_wants_everything_that_is_open():
    assert Wanted.read({"topic": " ", "year": ""}) == Wanted()


@pytest.mark.parametrize(
    "form",
    [
        {"state": "deleted"},
        {"holder": "x"},
        {"severity": "grave"},
        {"year": "eight"},
        {"since": "last week"},
        {"topic": "astrology"},
        {"year": "-1"},
        {"year": "21"},
        {"year": "9" * 30},
        {"since": "0001-01-01"},
        {"since": "1999-12-31"},
        {"until": "2101-01-01"},
        {"until": "9999-12-31"},
        {"pupil": "P1\0"},
        {"sender": "a\0@home.example"},
    ],
)
def test_what_cannot_be_meant_is_refused(form):
    with pytest.raises(ValueError):
        Wanted.read(form)


def test_days_are_dates():
    assert Wanted.read({"since": "2026-10-14"}).since == date(2026, 10, 14)


def test_words_are_the_same_in_any_case_with_or_without_accents_and_apostrophes():
    assert words_of("Zoë DOESN’T") == words_of("zoe doesnt") == {"zoe", "doesnt"}


@pytest.mark.parametrize("owned", ["Izzy's", "IZZY\u2019S"])
def test_what_is_somebodys_is_found_by_the_name_alone_and_as_it_is_written(owned):
    assert words_kept(f"{owned} coat") == {"izzys", "izzy", "coat"}


def test_what_is_looked_for_is_the_word_as_it_is_written():
    assert words_of("Izzy's") == {"izzys"}


@pytest.mark.parametrize("asked", ["P9", "p9", "Izzy", "isobel crane", "Crane, Isobel", "O'Dell", "odell"])
def test_a_pupil_is_called_by_id_or_by_any_of_the_names(asked):
    assert is_called(a_pupil(id="P9", given="Isobel", known_as="Izzy", family="Crane-O'Dell"), asked)


@pytest.mark.parametrize("asked", ["Izz", "Izzy Pole", "P", "P99", "-", "'"])
def test_a_pupil_is_not_called_by_a_part_of_a_name_or_by_that_of_another(asked):
    assert not is_called(a_pupil(id="P9", given="Isobel", known_as="Izzy", family="Crane"), asked)


def test_single_letters_are_no_words_that_can_be_found():
    assert words_of("a b 8B") == {"8b"}


def test_words_are_parted_by_anything_that_is_not_a_letter_or_a_digit():
    assert words_of("bus-stop, (gate);x9") == {"bus", "stop", "gate", "x9"}


@given(st.text())
def test_of_any_text_words_are_few_and_neither_too_short_nor_too_long(text):
    words = words_kept(text)
    assert words_of(text) <= words or len(words) == MOST
    assert len(words) <= MOST
    assert all(SHORTEST <= len(word) <= LONGEST for word in words)
