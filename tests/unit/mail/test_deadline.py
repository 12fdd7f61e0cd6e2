"""An end to a command whose answer never ends, kept for all connections by one thread."""

import socket
import threading

import pytest

from triage.mail.deadline import Deadline


@pytest.fixture
def silent():
    """A connection at whose other end nobody says anything."""
    ours, theirs = socket.socketpair()
    ours.settimeout(30)
    with ours, theirs:
        yield ours


def test_a_wait_over_its_deadline_isended(silent):
    with Deadline(0.01, lambda: silent) as deadline:
        said = silent.recv(1)
    assert (said, deadline.passed) == (b"", True)


def test_a_deadline_that_comes_after_a_later_one_is_met_first(silent):
    with Deadline(3600, lambda: silent) as later, Deadline(0.01, lambda: silent) as sooner:
        silent.recv(1)
    assert (later.passed, sooner.passed) == (False, True)


def test_what_is_done_in_time_is_left_alone(silent):
    other, end = socket.socketpair()
    with Deadline(0.2, lambda: silent) as deadline:
        pass
    with other, end, Deadline(0.25, lambda: other):
        other.recv(1)
    assert not deadline.passed


def test_a_connection_that_cannot_be_had_keeps_no_other_from_its_deadline(silent):
    def none() -> socket.socket:
        raise AttributeError

    with Deadline(0.01, none) as lost, Deadline(0.02, lambda: silent):
        silent.recv(1)
    assert lost.passed


def test_many_deadlines_take_one_thread(silent):
    with Deadline(3600, lambda: silent):
        before = threading.active_count()
        others = [Deadline(3600, lambda: silent) for _ in range(20)]
        for other in others:
            other.__enter__()
        assert threading.active_count() == before
        for other in others:
            other.__exit__()
