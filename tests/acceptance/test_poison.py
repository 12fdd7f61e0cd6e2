"""A message that kills or holds up whoever reads it goes to people, and takes no other with it."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest

from tests.acceptance.poison_process import POINTS, POISON
from tests.acceptance.school import a_mail, comes_true
from tests.restraint.running import MY_SON, answered
from triage.bootstrap import Service
from triage.store.history import read_history
from triage.workers.embedded import EmbeddedWorker
from triage.workers.watchdog import Watchdog

OFTEN = timedelta(seconds=0.2)


def deliver_poison_and_another(school, user=0) -> None:
    school.deliver(a_mail(to=school.address(user), subject=POISON), user=user)
    sender = f"parent{user}@home{user}.example"
    mail = a_mail(MY_SON, to=school.address(user), sender=sender, subject=f"My son {user}")
    school.deliver(mail, user=user, mail_from=sender)


def run_until_dead(school, points) -> list[int]:
    """Run a worker at each point until the message ends it; return how."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.acceptance.poison_process"],
        env={**os.environ, **school.variables()},
        input="\n".join(points),
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    return [int(line) for line in done.stdout.split()]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # kills on both: test_never_twice
def test_peer_15_wherever_a_message_ends_the_process_it_is_set_aside_after_its_attempts(start_worded):
    school = start_worded(count=len(POINTS))
    for user in range(len(POINTS)):
        deliver_poison_and_another(school, user)
    assert run_until_dead(school, [*POINTS, *POINTS]) == [*POINTS.values(), *POINTS.values()]
    context = school.service.context
    once = replace(context, reading=replace(context.reading, attempts=1))
    service = Service(once, school.service.settings)
    for mailbox in service.mailboxes:
        assert comes_true(lambda mailbox=mailbox: service.round(mailbox).status == "polled")
    assert school.states() == {"quarantined": 4, "decided": 4}
    assert answered(school) == [f"parent{user}@home{user}.example" for user in range(4)]
    assert school.flags().count(("could-not-be-read", "head-of-year", None)) == 4


def test_peer_15_a_message_that_is_never_decided_is_set_aside_and_holds_up_no_other(worded):
    deliver_poison_and_another(worded)
    begun = []

    def classify(message, identity, *, answers_staff=False):
        begun.append(message.subject)
        while message.subject == POISON:
            pass
        return worded.service.context.classify(message, identity, answers_staff=answers_staff)

    context = replace(worded.service.context, classify=classify)
    worker = EmbeddedWorker(context, OFTEN, Watchdog(timedelta(seconds=2)))
    worker.start()
    try:
        assert comes_true(lambda: answered(worded) == ["parent0@home0.example"])
    finally:
        worker.stop()
    assert begun == [POISON, "My son 0"]
    assert worded.states() == {"quarantined": 1, "decided": 1}


def test_a_message_is_not_set_aside_because_the_database_is_waited_for(worded, monkeypatch):
    """One that answers mail of ours asks the record again while it is judged."""
    worded.deliver(a_mail(to=worded.address()))
    worded.poll()
    (reply,) = worded.replies
    headers = {"In-Reply-To": reply.message["Message-ID"]}
    worded.deliver(a_mail("Jake Pole, 8B", to=worded.address(), subject="Re:", headers=headers))
    watchdog = Watchdog(timedelta(seconds=0.3), timedelta(minutes=1))

    def slow(*args, **more):
        Event().wait(1)  # as for a lock that another holds
        return read_history(*args, **more)

    monkeypatch.setattr("triage.batch.read_history", slow)
    context = replace(worded.service.context, watched=watchdog.watched, waiting=watchdog.waiting)
    watchdog.start()
    try:
        Service(context, worded.service.settings).poll(worded.service.mailboxes[0])
    finally:
        watchdog.stop()
    assert worded.states() == {"decided": 2}
