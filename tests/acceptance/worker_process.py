"""A worker of its own process, to be killed: ``python -m tests.acceptance.worker_process WHAT``.

WHAT is rounds, race or embedded. Each runs the service as ``triage run`` does, with leases and claims that
run out in seconds and not minutes.
"""

import os
import random
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta

from tests.acceptance.school import now
from tests.fixed_words import by_words
from triage.bootstrap import Service, build
from triage.context import Retrying
from triage.settings import load_settings
from triage.store import outbox, refused
from triage.workers.embedded import EmbeddedWorker

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


def embedded(service: Service) -> None:
    """Run the embedded worker until killed, with waits of seconds; a few words decide what a message is."""
    refused.FIRST = refused.LONGEST = SHORT  # a storm's server refuses the right password, for a moment
    context = replace(
        service.context,
        classify=by_words(),
        retrying=Retrying(first=timedelta(seconds=0.5), longest=SHORT),
        reading=replace(
            service.context.reading, every=SHORT, lease=2 * SHORT, attempts=service.settings.imap.attempts
        ),
        answering=replace(service.context.answering, claim=5 * SHORT, data=5 * SHORT),
    )
    EmbeddedWorker(context, SHORT).start()
    threading.Event().wait()


if __name__ == "__main__":
    built = impatient()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    {"rounds": rounds, "race": race, "embedded": embedded}[sys.argv[1]](built)
    built.close()
