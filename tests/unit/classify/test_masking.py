"""Names replaced in a stretch of text: each by whose it is, and nothing but the names."""

import pytest

from tests.growth import growth_of
from triage.classify.masking import STAND_INS, masked
from triage.domain.model import Name, Named

TEXT = "Amira hit Jake and Mr Hale saw it."
NAMES = (Name(Named.OTHER_PUPIL, 0, 5), Name(Named.PUPIL, 10, 14), Name(Named.STAFF, 19, 26))


def test_each_name_is_replaced_by_whose_it_is():
    assert masked(TEXT, 0, len(TEXT), NAMES) == "Jordan hit Robin and Mr Smith saw it."


def test_the_pupil_another_pupil_and_staff_have_different_names():
    assert len(set(STAND_INS.values())) == len(Named)


def test_a_text_without_names_stays_as_it_is():
    assert masked(TEXT, 0, len(TEXT), ()) == TEXT


def test_names_outside_the_stretch_are_left_alone():
    assert masked(TEXT, 6, 14, NAMES) == "hit Robin"


def test_two_names_side_by_side_are_both_replaced():
    names = (Name(Named.PUPIL, 0, 4), Name(Named.OTHER_PUPIL, 4, 9))
    assert masked("JakeAmira", 0, 9, names) == "RobinJordan"


@pytest.mark.parametrize(("start", "end"), [(0, 7), (7, 13)], ids=["before the cut", "after it"])
def test_nothing_is_left_of_a_name_that_is_cut_in_two(start, end):
    said = masked("and Jake Pole", start, end, (Name(Named.PUPIL, 4, 13),))
    assert said in {"and Robin", "Robin"}


def test_a_name_longer_than_the_stretch_hides_all_of_it():
    assert masked("Jake Pole", 2, 6, (Name(Named.PUPIL, 0, 9),)) == "Robin"


def masking_of(count):
    """Go through a text of so many names, a stretch a name."""
    text = "Jake. " * count
    names = [Name(Named.PUPIL, at * 6, at * 6 + 4) for at in range(count)]
    return lambda: [masked(text, at * 6, at * 6 + 6, names) for at in range(count)]


def test_twice_the_names_take_at_most_two_and_a_half_times_the_cpu():
    assert growth_of(masking_of(3_000), masking_of(6_000)) <= 2.5
