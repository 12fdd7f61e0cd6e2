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

    def __call__(self, key: str) -> bool:
        self.begun.release()
        assert self.may_end.acquire(timeout=SECONDS)
        self.done.append(key)
        return True

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


def test_the_folders_of_one_mailbox_take_turns_and_another_mailbox_waits_for_none_of_them(work):
    turns = Turns(2, work, lambda key: key.split("/")[0])
    for key in ("office/INBOX", "office/Parents", "head/INBOX"):
        assert turns.ask(key, news=True)
    assert not turns.ask("office/INBOX", news=True)  # once more, behind the other folder
    for _ in range(4):
        assert work.begins()
        work.may_end.release()
    turns.stop()
    assert [key for key in work.done if "office" in key] == ["office/INBOX", "office/Parents", "office/INBOX"]
    assert "head/INBOX" in work.done


def test_of_one_mailbox_only_one_folder_is_worked_on_at_a_time(work):
    turns = Turns(3, work, lambda key: key.split("/")[0])
    for key in ("office/INBOX", "office/Parents", "head/INBOX"):
        turns.ask(key, news=True)
    assert work.begins()
    assert work.begins()
    assert not work.begun.acquire(timeout=0.1)  # a thread is free for it, were it its turn
    for _ in range(3):
        work.may_end.release()
    turns.stop()


def test_after_the_stop_nothing_begins(work, turns):
    turns.stop()
    turns.ask("inbox", news=True)
    assert work.done == []


class Ward:
    """Work of which all but "well" fails the first time, and stalls until it is let go from then on."""

    def __init__(self) -> None:
        self.met: set[str] = set()
        self.stalls = threading.Semaphore(0)
        self.may_end = threading.Event()
        self.well = threading.Semaphore(0)

    def __call__(self, key: str) -> bool:
        if key == "well":
            self.well.release()
            return True
        if key in self.met:
            self.stalls.release()
            self.may_end.wait(SECONDS)
        self.met.add(key)
        return False


def test_however_many_stall_again_and_again_those_that_are_well_wait_for_none_of_them():
    ward = Ward()
    turns = Turns(1, ward)
    for number in range(5):
        for _ in range(2):
            turns.ask(f"ill {number}", news=True)
    assert ward.stalls.acquire(timeout=SECONDS)
    for _ in range(3):
        turns.ask("well", news=True)
        assert ward.well.acquire(timeout=SECONDS)
    ward.may_end.set()
    turns.stop()
