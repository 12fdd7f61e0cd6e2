"""How often signing in failed: at one client it makes wait, elsewhere it keeps nobody out."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.store.builders import NOW
from triage.domain.throttle import FADES, FREE, MANY, MOST, SLOWER
from triage.store import throttle
from triage.store.tables import sign_in_failures
from triage.store.throttle import Turn

WHO, OTHER = "year8@oakfield.example", "safe@oakfield.example"
HERE, THERE = "192.0.2.7", "198.51.100.9"
AT_ONCE = Turn()


def attempt(database, address=WHO, client=HERE, at=NOW, browser="") -> Turn:
    with database.write() as conn:
        return throttle.try_password(conn, address, client, at, browser=browser)


def attempt_code(database, address=WHO, at=NOW) -> Turn:
    with database.write() as conn:
        return throttle.try_code(conn, address, at)


@pytest.fixture
def failed(database) -> None:
    """So many wrong passwords of one address from one client that the next has to wait."""
    for _ in range(FREE):
        assert attempt(database) == AT_ONCE


def test_after_a_few_failures_the_next_try_waits(database, failed):
    assert attempt(database).wait == timedelta(seconds=1)


def test_a_try_that_has_to_wait_is_not_counted(database, failed):
    for _ in range(50):
        attempt(database)
    assert attempt(database).wait == timedelta(seconds=1)


def test_the_wait_grows_to_a_minute_for_who_goes_on(database, failed):
    at, waits = NOW, []
    for _ in range(8):
        waits.append(attempt(database, at=at).wait)
        at += waits[-1]
        assert not attempt(database, at=at).wait
    assert [wait.total_seconds() for wait in waits] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_however_it_is_written_an_address_is_the_same(database, failed):
    assert attempt(database, address=f" {WHO.upper()}").wait


def test_the_same_address_from_another_client_does_not_wait(database, failed):
    assert attempt(database, client=THERE) == AT_ONCE


def test_another_address_from_the_same_client_does_not_wait(database, failed):
    assert attempt(database, address=OTHER) == AT_ONCE


def test_a_browser_of_the_owners_does_not_wait_for_strangers_at_the_same_client(database, failed):
    assert attempt(database, browser="own") == AT_ONCE


def test_a_browser_of_the_owners_waits_for_its_own_failures_wherever_it_is_taken(database):
    for number in range(FREE):
        assert attempt(database, client=f"198.51.100.{number}", browser="own") == AT_ONCE
    assert attempt(database, browser="own").wait == timedelta(seconds=1)
    assert attempt(database, browser="another") == AT_ONCE


def test_two_people_of_one_browser_do_not_wait_for_each_other(database):
    for _ in range(FREE):
        attempt(database, browser="own")
    assert attempt(database, address=OTHER, browser="own") == AT_ONCE


def test_a_right_password_in_a_browser_of_the_owners_ends_its_wait_and_not_the_strangers(database, failed):
    for _ in range(FREE):
        attempt(database, browser="own")
    with database.write() as conn:
        throttle.forgive_password(conn, WHO, HERE, browser="own")
    assert attempt(database, browser="own") == AT_ONCE
    assert attempt(database).wait


def test_whoever_fails_from_everywhere_makes_the_owner_wait_for_nothing_but_a_slower_answer(database):
    for number in range(200):
        attempt(database, client=f"198.51.100.{number}")
    assert attempt(database, client=HERE) == Turn(pause=SLOWER)


def test_few_failures_elsewhere_make_no_answer_slower(database):
    for number in range(MANY - 1):
        attempt(database, client=f"198.51.100.{number}")
    assert attempt(database, client=HERE) == AT_ONCE


def test_a_right_password_ends_the_wait_at_its_client(database, failed):
    with database.write() as conn:
        throttle.forgive_password(conn, WHO, HERE)
    assert attempt(database) == AT_ONCE


def test_a_right_password_takes_back_its_own_try_everywhere_and_no_others(database):
    for number in range(MANY):
        attempt(database, client=f"198.51.100.{number}")
    attempt(database)
    with database.write() as conn:
        throttle.forgive_password(conn, WHO, HERE)
    assert attempt(database) == Turn(pause=SLOWER)


def test_failures_fade(database, failed):
    assert attempt(database, at=NOW + FADES) == AT_ONCE


def test_what_has_faded_is_removed(database, failed):
    later = NOW + MOST * FADES + timedelta(seconds=1)
    attempt(database, address=OTHER, at=later)
    with database.read() as conn:
        assert conn.execute(select(func.count()).select_from(sign_in_failures)).scalar() == 2


def test_the_table_tells_neither_address_nor_client(database, failed):
    with database.read() as conn:
        rows = conn.exec_driver_sql("SELECT * FROM sign_in_failures").all()
    assert "oakfield" not in str(rows)
    assert HERE not in str(rows)


def test_a_hundred_tries_at_once_are_a_hundred_and_not_one(database):
    turns: list[Turn] = []
    threads = [threading.Thread(target=lambda: turns.append(attempt(database))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert turns.count(AT_ONCE) == FREE


def test_failures_of_unknown_addresses_are_worth_ever_fewer_lines(database):
    def worth(at, client=HERE) -> bool:
        with database.write() as conn:
            return throttle.is_worth_a_line(conn, client, at)

    flood = [worth(NOW + timedelta(seconds=second)) for second in range(600)]
    assert flood[:FREE] == [True] * FREE
    assert sum(flood) < 20
    assert worth(NOW + timedelta(seconds=600), THERE)


# the second factor


def test_wrong_codes_make_wait_wherever_they_come_from(database):
    for _ in range(FREE):
        assert attempt_code(database) == AT_ONCE
    assert attempt_code(database).wait


def test_wrong_passwords_do_not_make_the_second_factor_wait(database, failed):
    assert attempt_code(database) == AT_ONCE


def test_a_right_code_ends_the_wait(database):
    for _ in range(FREE):
        attempt_code(database)
    with database.write() as conn:
        throttle.forgive_code(conn, WHO)
    assert attempt_code(database) == AT_ONCE
