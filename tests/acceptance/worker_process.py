"""A worker of its own process, to be killed: ``python -m tests.acceptance.worker_process rounds|race``.

It runs the service as ``triage run`` does, with leases and claims that run out in seconds and not minutes.
"""

import os
import random
import sys
import time
from dataclasses import replace
from datetime import timedelta

from tests.acceptance.school import now
from triage.bootstrap import Service, build
from triage.settings import load_settings
from triage.store import outbox

SHORT = timedelta(seconds=2)


def impatient() -> Service:
    """Build the service of this process's environment."""
    service = build(load_settings(None, os.environ), now)
    context = service.context
    return Service(
        replace(
            context,
            reading=replace(context.reading, lease=SHORT, attempts=100),
            answering=replace(context.answering, claim=SHORT, data=SHORT),
        ),
        service.settings,
    )


def rounds(service: Service) -> None:
    """Poll and sweep until killed."""
    while True:
        for mailbox in service.mailboxes:
            service.round(mailbox)
        service.sweep()
        time.sleep(0.05)


def race(service: Service) -> None:
    """Try to carry out every action that is due, in an order of this process's own."""
    with service.database.read() as conn:
        due = outbox.due(conn, now(), 1000)
    random.shuffle(due)
    for action_id in due:
        service.perform(action_id)


if __name__ == "__main__":
    built = impatient()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    {"rounds": rounds, "race": race}[sys.argv[1]](built)
    built.close()
