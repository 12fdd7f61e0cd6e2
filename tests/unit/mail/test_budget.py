"""How many connections and logins one server is asked for."""

import threading

import pytest

from triage.mail.budget import PASSING, PASSING_AT_ONE, Budget, Limits, NoRoomError

SECONDS = 20


class Clock:
    """A clock that goes on only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def a_budget(*, connections: int = 1000, of_one: int = 5, logins: float = 1000) -> Budget:
    clock = Clock()
    return Budget(Limits(connections, of_one, logins), clock=clock, sleep=clock.sleep)


def held(budget: Budget, accounts: list[str]) -> int:
    """Hold a connection for each that there is room for; return how many those are."""
    number = 0
    for account in accounts:
        try:
            budget.hold(account)
        except NoRoomError:
            continue
        number += 1
    return number


def test_of_all_connections_some_are_left_to_looks():
    budget = a_budget(connections=PASSING + 3)
    assert held(budget, [f"user{number}" for number in range(10)]) == 3
    for _ in range(PASSING):
        budget.pass_by(0)
    with pytest.raises(NoRoomError):
        budget.pass_by(0)


def test_of_one_mailbox_s_connections_some_are_left_to_looks():
    budget = a_budget(of_one=PASSING_AT_ONE + 2)
    assert held(budget, ["office"] * 5 + ["head"]) == 3


def test_where_few_connections_are_allowed_nobody_listens_and_looks_take_turns():
    budget = a_budget(connections=1)
    assert held(budget, ["office"]) == 0
    with budget.passing(0), pytest.raises(NoRoomError):
        budget.pass_by(0)
    with budget.passing(0):
        pass


def test_a_connection_that_is_let_go_makes_room_for_another():
    budget = a_budget(connections=PASSING + 1)
    let_go = budget.hold("office")
    assert held(budget, ["head"]) == 0
    let_go()
    assert held(budget, ["head"]) == 1


def test_a_look_waits_until_another_ends():
    budget = a_budget(connections=1)
    leave = budget.pass_by(0)
    begun = threading.Event()

    def look() -> None:
        with budget.passing(SECONDS):
            begun.set()

    waiting = threading.Thread(target=look)
    waiting.start()
    assert not begun.is_set()
    leave()
    assert begun.wait(SECONDS)
    waiting.join()


def test_logins_are_spread_once_the_first_ten_seconds_worth_is_used_up():
    clock = Clock()
    budget = Budget(Limits(logins=2), clock=clock, sleep=clock.sleep)
    for _ in range(20):
        budget.pass_by(0)
    assert clock.slept == []
    for _ in range(4):
        budget.pass_by(0)
    assert clock.now == pytest.approx(2.0)


def test_what_was_not_used_for_long_is_saved_up_for_ten_seconds_and_no_more():
    clock = Clock()
    budget = Budget(Limits(logins=1), clock=clock, sleep=clock.sleep)
    clock.now = 1000
    for _ in range(11):
        budget.pass_by(0)
    assert clock.now == pytest.approx(1001)
