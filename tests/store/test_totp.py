"""Codes of the second factor: which step of time each belongs to."""

from datetime import UTC, datetime, timedelta, timezone

import pyotp
import pytest

from triage.store.totp import offered_secret, setup_uri, step_of

NOW = datetime(2026, 10, 14, 9, 30, 10, tzinfo=UTC)
STEP = timedelta(seconds=30)


@pytest.fixture
def secret(keyring) -> str:
    return offered_secret(keyring, "a token")


def code(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


def test_the_example_of_the_standard_is_understood():
    # RFC 6238, appendix B: at 59 seconds the code of this secret ends in 287082.
    assert step_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "287082", datetime.fromtimestamp(59, UTC)) == 1


@pytest.mark.parametrize("apart", [-1, 0, 1])
def test_a_code_of_now_and_of_one_step_either_side_is_right(secret, apart):
    step = step_of(secret, code(secret, NOW + apart * STEP), NOW)
    assert step == int(NOW.timestamp()) // 30 + apart


@pytest.mark.parametrize("apart", [-2, 2, 100])
def test_a_code_of_further_away_is_wrong(secret, apart):
    assert step_of(secret, code(secret, NOW + apart * STEP), NOW) is None


def test_a_code_may_be_typed_with_a_blank_in_the_middle(secret):
    digits = code(secret, NOW)
    assert step_of(secret, f"{digits[:3]} {digits[3:]}", NOW) is not None


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "\N{ARABIC-INDIC DIGIT ONE}23456", "1" * 1000])
def test_what_is_no_code_is_wrong(secret, typed):
    assert step_of(secret, typed, NOW) is None


def test_the_zone_in_which_a_moment_is_said_changes_nothing(secret):
    there = NOW.astimezone(timezone(timedelta(hours=5)))
    assert step_of(secret, code(secret, NOW), there) == step_of(secret, code(secret, NOW), NOW)


def test_each_session_is_offered_a_secret_of_its_own_the_same_each_time(keyring, secret):
    assert offered_secret(keyring, "a token") == secret
    assert offered_secret(keyring, "another token") != secret
    assert len(secret) == 32


def test_the_picture_says_whose_code_it_is(secret):
    uri = setup_uri(secret, "year8@oakfield.example", "Oakfield School")
    assert uri.startswith("otpauth://totp/Oakfield%20School:year8%40oakfield.example?")
    assert f"secret={secret}" in uri
