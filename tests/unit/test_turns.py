"""Turns: one call at a time for each mailbox, and none lost."""

import threading

import pytest

from triage.workers.turns import Turns

SECONDS = 20


class Work:
    """Work that waits until it may end, and counts."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)

    def __call__(self, key: str) -> None:
        self.begun.release()
        assert self.may_end.acquire(timeout=SECONDS)
        self.done.append(key)

    def begins(self) -> bool:
        return self.begun.acquire(timeout=SECONDS)


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def turns(work):
    turns = Turns(2, work)
    yield turns
    for _ in range(10):
        work.may_end.release()
    turns.stop()


def test_what_is_asked_for_is_done(work, turns):
    assert turns.ask("inbox", news=True)
    work.may_end.release()
    assert work.begins()


def test_two_are_worked_on_side_by_side(work, turns):
    turns.ask("one", news=True)
    turns.ask("other", news=True)
    assert work.begins()
    assert work.begins()


def test_the_same_is_not_worked_on_twice_at_a_time(work, turns):
    turns.ask("inbox", news=True)
    assert work.begins()
    assert not turns.ask("inbox", news=False)
    work.may_end.release()
    turns.stop()
    assert work.done == ["inbox"]


def test_news_that_come_meanwhile_are_worked_on_afterwards_once(work, turns):
    turns.ask("inbox", news=True)
    assert work.begins()
    for _ in range(3):
        assert not turns.ask("inbox", news=True)
    work.may_end.release()
    assert work.begins()
    work.may_end.release()
    turns.stop()
    assert work.done == ["inbox", "inbox"]


def test_after_the_stop_nothing_begins(work, turns):
    turns.stop()
    turns.ask("inbox", news=True)
    assert work.done == []
