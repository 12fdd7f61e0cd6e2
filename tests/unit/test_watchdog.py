"""What is never done: Python's steps are broken off, a library's single step ends the process."""

import subprocess
import sys
import threading
from contextlib import suppress
from datetime import timedelta

import pytest

from triage.context import Reading, TooLongError
from triage.workers.watchdog import GRACE, LIMIT, Watchdog

SOON = timedelta(seconds=0.05)
LATE = timedelta(minutes=5)


@pytest.fixture
def watchdog():
    """Start watchdogs that are stopped at the end."""
    started = []

    def start(limit) -> Watchdog:
        started.append(Watchdog(limit, LATE))
        started[-1].start()
        return started[-1]

    yield start
    for each in started:
        each.stop()


def never_done():
    with suppress(Exception):
        while True:
            pass


def test_what_is_never_done_is_broken_off(watchdog):
    with pytest.raises(TooLongError), watchdog(SOON).watched():
        never_done()


def test_what_is_waited_for_does_not_count(watchdog):
    looks = watchdog(SOON)
    with looks.watched(), looks.waiting():
        threading.Event().wait(4 * SOON.total_seconds())


def test_after_a_wait_the_time_goes_on_from_where_it_stood(watchdog):
    looks = watchdog(SOON)

    def waits_and_goes_on() -> None:
        with looks.waiting():
            pass
        never_done()

    with pytest.raises(TooLongError), looks.watched():
        waits_and_goes_on()


def test_what_another_thread_does_meanwhile_goes_on(watchdog):
    looks, done = watchdog(SOON), threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    with pytest.raises(TooLongError), looks.watched():
        never_done()
    assert other.is_alive()
    done.set()
    other.join()


def test_what_is_done_in_time_is_let_be_and_so_is_what_comes_after(watchdog):
    with watchdog(SOON).watched():
        done = sum(range(10))
    for _ in range(100_000):
        done += 1
    assert done == 100_045


def test_nothing_is_raised_once_the_end_is_reached_however_near_the_limit_it_was(watchdog):
    looks = watchdog(timedelta(milliseconds=1))
    outcomes = set()
    for number in range(400):
        try:
            with looks.watched():
                sum(range(number * 150))
            outcomes.add("done")
        except TooLongError:
            outcomes.add("broken off")
        sum(range(2_000))  # where what came too late would be raised
    assert "done" in outcomes
    assert not looks._ends
    assert not looks._told


def test_a_message_is_given_up_before_another_worker_may_take_its_mailbox_over():
    lease = Reading(cap_bytes=1, attempts=3, first_contact_days=0).lease
    assert lease > LIMIT + 2 * GRACE


STUCK = {
    "a regular expression": "import re; re.match('(a+)+$', 'a' * 60 + 'b')",
    "a lock": "import threading; threading.Lock().acquire() and threading.Event().wait()",
}
PROGRAM = """
from datetime import timedelta
from triage.workers.watchdog import Watchdog
watchdog = Watchdog(timedelta(seconds=0.2), timedelta(seconds=1.5))
watchdog.start()
with watchdog.watched():
    {}
"""


@pytest.mark.parametrize("step", STUCK)
def test_a_step_that_cannot_be_broken_off_ends_the_process_and_tells_where_it_stood(step):
    program = PROGRAM.format(STUCK[step])
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 1
    assert 'File "<string>", line 7 in <module>' in ended.stderr
