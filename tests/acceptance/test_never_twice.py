"""No message is answered twice, and none that is due is lost, whoever dies and however many race for it."""

import random
import time
from collections import Counter

import pytest

from tests.acceptance.school import UNCAPPED, a_mail
from tests.acceptance.workers import WorkerProcess

DUE = 500
KILLS = 10
RACERS = 8
CONTESTED = 200
PATIENCE = 120
TEXT = "Dear school, my son will not be in school today, he is poorly. His mum"


@pytest.mark.timeout(400)
def test_a_worker_killed_at_random_moments_answers_each_of_500_messages_at_most_once(start_school):
    school = start_school(environ=UNCAPPED)
    senders = _deliver(school, DUE)
    seed = random.SystemRandom().randrange(1_000_000)
    chance = random.Random(seed)
    for _ in range(KILLS):
        worker = _start(school, "rounds")
        worker.go()
        time.sleep(chance.uniform(0.02, 1.5))
        worker.kill()
    _finish(school, DUE)
    answered = Counter(reply.recipient for reply in school.replies)
    tally = school.tally()
    assert school.states() == {"decided": DUE}, f"seed {seed}"
    assert sum(tally.values()) == DUE, f"seed {seed}"
    assert set(tally) <= {"sent", "unsure"}, f"seed {seed}"
    assert max(answered.values()) == 1, f"seed {seed}"
    assert tally["sent"] <= len(answered) <= DUE, f"seed {seed}"
    assert answered.keys() <= senders, f"seed {seed}"


@pytest.mark.timeout(400)
def test_eight_processes_racing_for_the_same_200_replies_send_each_once(start_school):
    school = start_school(environ=UNCAPPED)
    senders = _deliver(school, CONTESTED)
    for mailbox in school.service.mailboxes:
        school.service.poll(mailbox)
    workers = [_start(school, "race") for _ in range(RACERS)]
    for worker in workers:
        worker.go()
    ends = [worker.ends(PATIENCE) for worker in workers]
    assert [status for status, _ in ends] == [0] * RACERS, ends
    _finish(school, CONTESTED)  # what a busy machine did not let through at once is tried again
    assert school.tally() == {"sent": CONTESTED}
    assert Counter(reply.recipient for reply in school.replies) == Counter(senders)


def _deliver(school, number: int) -> set[str]:
    senders = {f"parent{one}@home.example" for one in range(number)}
    for sender in senders:
        school.deliver(a_mail(TEXT, to=school.address(), sender=sender), mail_from=sender)
    return senders


def _start(school, what: str) -> WorkerProcess:
    """Start a worker and wait until it is built; it begins when told to."""
    worker = WorkerProcess(school, what)
    worker.built()
    return worker


def _finish(school, number: int) -> None:
    """Let one worker live until every message and every reply has come to rest."""
    worker = _start(school, "rounds")
    worker.go()
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not _at_rest(school, number):
        time.sleep(0.2)
    worker.kill()
    assert _at_rest(school, number), (school.states(), school.tally())


def _at_rest(school, number: int) -> bool:
    unfinished = school.states().get("seen", 0) + sum(
        school.tally().get(s, 0) for s in ("pending", "sending")
    )
    return school.states().get("decided", 0) == number and not unfinished
