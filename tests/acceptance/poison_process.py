"""Workers that one message kills: ``python -m tests.acceptance.poison_process``, told the points one a line.

For each point a process of its own watches one mailbox until it dies, and how it ended is written down.
"""

import os
import re
import signal
import sys
import threading
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import event

from tests.acceptance.school import now
from tests.acceptance.sessions import PassedOn
from tests.fixed_words import by_words
from triage.bootstrap import Service, build
from triage.context import Context
from triage.settings import load_settings
from triage.workers.embedded import EmbeddedWorker
from triage.workers.watchdog import Watchdog

POINTS = {"fetch": -signal.SIGKILL, "judge": -signal.SIGKILL, "write": -signal.SIGKILL, "stuck": 1}
"""Where a worker dies, each in the mailbox of its place here, and how that process ends."""

POISON = "Poison"


def killed() -> None:
    """Die as by kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


def stuck() -> None:
    """Do a step that does not end and lets no other thread of Python's run."""
    re.match("(a+)+$", "a" * 60 + "b")


class Dying(PassedOn):
    """A session that dies once the first message is fetched."""

    def fetch(self, uids, cap_bytes):
        for fetched in self._session.fetch(uids, cap_bytes):
            if POISON.encode() in fetched.raw:
                killed()
            yield fetched


def judging(dies):
    """Return a classifier that dies of the message."""
    words = by_words()

    def classify(message, identity, *, answers_staff=False):
        if message.subject == POISON:
            dies()
        return words(message, identity, answers_staff=answers_staff)

    return classify


def dying_at(point: str, service: Service) -> Context:
    """Return what a worker of one mailbox needs, of which one part dies of the message."""
    ctx = replace(service.context, classify=by_words())
    ctx = replace(ctx, reading=replace(ctx.reading, attempts=1, lease=timedelta(seconds=1)))
    ctx = replace(ctx, mailboxes=(ctx.mailboxes[list(POINTS).index(point)],))
    if point == "fetch":
        return replace(ctx, connect=lambda mailbox: Dying(service.context.connect(mailbox)))
    if point == "write":
        event.listen(service.database.engine, "before_cursor_execute", _dies_of_a_decision)
        return ctx
    return replace(ctx, classify=judging(killed if point == "judge" else stuck))


def _dies_of_a_decision(_conn, _cursor, statement, *_) -> None:
    """Die within the transaction that writes down the first message, which is the one."""
    if statement.startswith("INSERT INTO decisions"):
        killed()


def work(point: str, service: Service) -> None:
    """Watch a mailbox until its message ends this process."""
    service.database.engine.dispose(close=False)  # its connections are those of the process before
    soon = Watchdog(timedelta(minutes=1), timedelta(seconds=2))
    EmbeddedWorker(dying_at(point, service), timedelta(seconds=0.2), soon).start()
    threading.Event().wait(60)


def in_a_process_of_its_own(point: str, service: Service) -> int:
    """Return how a worker ended: by its exit code, or by the negative of its signal."""
    child = os.fork()
    if child == 0:
        try:
            work(point, service)
        finally:
            os._exit(3)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    built = build(load_settings(None, os.environ), now)
    for line in sys.stdin:
        sys.stdout.write(f"{in_a_process_of_its_own(line.strip(), built)}\n")
        sys.stdout.flush()
