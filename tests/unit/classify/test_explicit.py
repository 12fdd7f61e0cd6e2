"""What the floor tells plainly of somebody counts, whatever a trained reader makes of it."""

import pytest

from tests.unit.classify.given import classified

PLAIN = (
    "Jake says that he wants to kill himself",
    "My daughter told me last night that she has been cutting herself.",
    "She is suicidal and we do not know where to turn.",
    "Mum's boyfriend hits him when she is at work.",
    "He keeps saying he wants to die.",
)
NOT_PLAIN = (
    "I nearly died laughing at the assembly.",
    "He is killing himself over this homework, bless him.",
    "Her essay is on whether Romeo wanted to kill himself at the end of the play.",
    "Dad beat him at chess again.",
    "My son does not want to come to the trip.",
    "Could she have a word about cutting herself a piece of card in art?",
)


@pytest.mark.parametrize("text", PLAIN)
def test_harm_told_plainly_is_explicit(text: str) -> None:
    assert classified(text).explicit


@pytest.mark.parametrize("text", NOT_PLAIN)
def test_other_uses_of_the_words_are_not(text: str) -> None:
    assert not classified(text).explicit
