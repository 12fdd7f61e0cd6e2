"""What the numbers of a week say in plain sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.report_words import Measure, against, largest, of_all, sentence


def late(now, *before):
    return Measure("message came after hours", "messages came after hours", now, before)


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (late(41, 50, 56), "41 messages came after hours; 12 fewer than usual."),
        (late(1, 0), "1 message came after hours; 1 more than usual."),
        (late(0, 0, 0), "No messages came after hours; as many as usual."),
        (late(3), "3 messages came after hours."),
    ],
)
def test_a_number_beside_what_is_usual(measure, said):
    assert sentence(measure) == said


def test_what_part_of_all_it_is_stands_between():
    assert sentence(late(41, 53), of_all(41, 123)) == (
        "41 messages came after hours, a third of all; 12 fewer than usual."
    )
    assert sentence(late(0, 0), of_all(0, 5)) == "No messages came after hours; as many as usual."


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (1, 2, "half of all"),
        (47, 100, "about half of all"),
        (34, 100, "a third of all"),
        (9, 10, "nine in ten of all"),
        (97, 100, "about nine in ten of all"),
        (1, 100, "out of 100"),
        (7, 7, "all of them"),
        (0, 7, ""),
        (0, 0, ""),
    ],
)
def test_a_part_in_words(part, whole, words):
    assert of_all(part, whole) == words


@given(st.integers(0, 500), st.lists(st.integers(0, 500), min_size=1))
def test_the_words_never_say_the_wrong_direction(now, before):
    words, usual = against(late(now, *before)), sum(before) / len(before)
    assert ("more" in words) <= (now > usual)
    assert ("fewer" in words) <= (now < usual)


@given(st.lists(st.builds(late, st.integers(0, 99), st.integers(0, 99))))
def test_the_largest_changes_come_first_and_what_is_as_usual_never(measures):
    found = largest(measures)
    assert len(found) == min(3, sum(bool(each.change) for each in measures))
    assert all(each.change for each in found)
    assert [each.weight for each in found] == sorted((each.weight for each in found), reverse=True)


def test_the_same_difference_is_more_where_few_are_usual():
    assert largest([late(310, 300), late(12, 2)])[0] == late(12, 2)
