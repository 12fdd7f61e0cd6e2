"""Which new passwords are taken."""

import pytest

from triage.domain.passwords import LONGEST, SHORTEST, fault_of, prepared

WHO = "year8@oakfield.example"


@pytest.mark.parametrize(
    "password", ["four plain short words", "x9!" * 3 + "abcd", "ß 子 \N{GRINNING FACE} abcdefghi"]
)
def test_a_long_password_is_taken_whatever_it_is_made_of(password):
    assert fault_of(password, WHO) is None


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", f"at least {SHORTEST}"),
        ("eleven char", f"at least {SHORTEST}"),
        ("abcdef" * LONGEST, f"at most {LONGEST}"),
        ("abababababababab", "too few"),
        (f"{WHO.upper()} 1", "must not hold the address"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_in_words(password, words):
    assert words in fault_of(password, WHO)


def test_no_password_is_repeated_in_what_is_said_of_it():
    assert "abab" not in fault_of("abababababababab", WHO)


def test_a_letter_is_the_same_however_the_keyboard_makes_it():
    assert prepared("cafe\u0301 au lait") == prepared("caf\u00e9 au lait")
