"""Passwords as they are kept: nobody can read them, and a wrong one takes as long as none."""

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from triage.store.passwords import NOBODYS, hashed, is_old, matches

PASSWORD = "four plain short words"


@pytest.fixture(scope="module")
def kept() -> str:
    return hashed(PASSWORD)


def test_what_is_kept_is_argon2id_and_not_the_password(kept):
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


def test_the_right_password_matches_and_no_other(kept):
    assert matches(kept, PASSWORD)
    assert not matches(kept, PASSWORD.upper())


def test_an_accent_is_the_same_from_every_keyboard():
    assert matches(hashed("cafe\u0301 au lait, please"), "caf\u00e9 au lait, please")


@pytest.mark.parametrize("password", ["", PASSWORD, "\ud800"])
def test_where_there_is_no_password_none_matches(password):
    assert not matches(None, password)


def test_where_there_is_no_password_as_much_is_reckoned_as_where_there_is():
    assert not is_old(NOBODYS)


def test_a_hash_of_other_parameters_is_old_and_still_matches(kept):
    weak = PasswordHasher.from_parameters(CHEAPEST).hash(PASSWORD)
    assert is_old(weak)
    assert not is_old(kept)
    assert matches(weak, PASSWORD)


def test_what_is_no_hash_matches_nothing():
    assert not matches("not a hash", PASSWORD)
