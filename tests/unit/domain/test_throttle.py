"""How long a try at signing in waits: it grows, it fades, and it ends."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.throttle import (
    FADES,
    FREE,
    LONGEST,
    MANY,
    MOST,
    SLOWER,
    Failures,
    client_of,
    forgotten_before,
    one_more,
    pause,
    remembered,
    wait,
)

NOW = datetime(2026, 10, 14, 9, 30, tzinfo=UTC)
ZERO = timedelta()


def failed(number: int, ago: timedelta = ZERO) -> Failures:
    return Failures(number, NOW - ago)


@pytest.mark.parametrize("number", range(FREE))
def test_the_first_failures_cost_nothing(number):
    assert wait(failed(number), NOW) == ZERO


def test_who_never_failed_does_not_wait():
    assert wait(None, NOW) == ZERO
    assert pause(None, NOW) == ZERO


def test_each_failure_doubles_the_wait_up_to_a_minute():
    seconds = [wait(failed(number), NOW).total_seconds() for number in range(FREE, MOST + 1)]
    assert seconds == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_a_wait_goes_by():
    assert wait(failed(7, timedelta(seconds=10)), NOW) == timedelta(seconds=6)
    assert wait(failed(7, timedelta(seconds=16)), NOW) == ZERO


def test_a_failure_is_forgotten_after_each_quiet_stretch():
    assert [remembered(failed(5, FADES * quiet), NOW) for quiet in range(7)] == [5, 4, 3, 2, 1, 0, 0]


def test_the_next_failure_counts_from_what_is_still_remembered():
    assert one_more(failed(5, FADES * 3), NOW) == Failures(3, NOW)
    assert one_more(None, NOW) == Failures(1, NOW)


def test_no_number_of_failures_is_remembered_longer_than_the_most():
    failures = failed(0)
    for _ in range(1000):
        failures = one_more(failures, NOW)
    assert failures.number == MOST
    assert remembered(failures, NOW + FADES * MOST) == 0


def test_what_may_be_removed_no_longer_counts():
    assert remembered(Failures(1000, forgotten_before(NOW)), NOW) == 0


@given(st.integers(0, 10_000), st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_nobody_ever_waits_longer_than_a_minute_whatever_the_clock_does(number, ago):
    assert ZERO <= wait(failed(number, ago), NOW) <= LONGEST


@given(st.integers(0, 10_000), st.timedeltas(ZERO, timedelta(days=2)))
def test_a_wait_that_is_waited_for_is_over(number, ago):
    failures = failed(number, ago)
    assert wait(failures, NOW + wait(failures, NOW)) == ZERO


def test_many_failures_of_one_address_make_its_answers_a_little_slower_and_no_more():
    assert pause(failed(MANY - 1), NOW) == ZERO
    assert pause(failed(10_000), NOW) == SLOWER


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_a_client_is_its_address_or_the_network_of_its_line(address, client):
    assert client_of(address) == client
