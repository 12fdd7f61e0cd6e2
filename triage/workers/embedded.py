"""The worker inside one process: APScheduler calls the pipeline mailbox by mailbox, and sweeps after it."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from triage.context import Context, Mailbox
from triage.domain.mornings import start_times
from triage.duties.calls import escalate
from triage.duties.mornings import mornings
from triage.mail.watch import Patience, Watch
from triage.store import outbox
from triage.store.errors import StoreError
from triage.workers.rounds import look_for_trouble, round_of_mailbox, sweep
from triage.workers.turns import Turns
from triage.workers.watchdog import Watchdog

log = logging.getLogger(__name__)

Result = TypeVar("Result")

SWEEP = timedelta(seconds=15)
MINUTE = timedelta(minutes=1)
"""How often calls are looked at, and trouble that lasts: it is told in minutes."""

CATCH_UP = timedelta(minutes=10)
"""How often the morning is looked at beside its hour: the service may have begun late or met trouble."""

ALERT_SWEEP = timedelta(seconds=5)
ALERTS = "alerts"
THREADS = 8


class EmbeddedWorker:
    """Looks into every mailbox when there is news of it and at its interval, and performs what is due.

    A look that still lasts when the next is due is not doubled; ``skipped`` counts how often that was so.
    Trouble with the database costs one round and one line in the log.
    """

    def __init__(self, ctx: Context, every: timedelta, watchdog: Watchdog | None = None) -> None:
        self._stopping = threading.Event()
        self._watchdog = watchdog or Watchdog()
        self._ctx = replace(
            ctx,
            stopping=self._stopping.is_set,
            listening=self._listening,
            watched=self._watchdog.watched,
            waiting=self._watchdog.waiting,
        )
        self.skipped = 0
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(THREADS), ALERTS: ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=ctx.school.calendar.zone,
        )
        self._turns = Turns(THREADS, self._round, lambda mailbox: mailbox.address)
        patience = Patience(longest=every.total_seconds())
        self._watch = Watch(ctx.mailboxes, ctx.listen, self._news, patience=patience) if ctx.listen else None
        for mailbox in ctx.mailboxes:
            self._add(partial(self._due, mailbox), every)
        self._add(partial(sweep, self._ctx, outbox.BY_MAIL), SWEEP)
        # In a thread of its own: mail that stalls is what an alert has to tell of.
        self._add(partial(sweep, self._ctx, ("alert",)), ALERT_SWEEP, executor=ALERTS)
        self._add(partial(look_for_trouble, self._ctx), MINUTE)
        self._add(partial(escalate, self._ctx), MINUTE)
        morning = partial(mornings, self._ctx)
        self._add(morning, CATCH_UP)
        for start in start_times(ctx.school.calendar, [box.delivery.hours for box in ctx.mailboxes]):
            at = {"hour": start.hour, "minute": start.minute}
            self._scheduler.add_job(self._guarded, "cron", [morning], **at)

    def start(self) -> None:
        """Begin: the first round of each mailbox runs at once, in threads of their own."""
        self._watchdog.start()
        self._scheduler.start()
        if self._watch is not None:
            self._watch.start()

    def stop(self) -> None:
        """Finish the rounds under way, begin no more, and return when all is done."""
        self._stopping.set()
        self._scheduler.shutdown(wait=True)
        if self._watch is not None:
            self._watch.stop()
        self._turns.stop()
        self._watchdog.stop()

    def _add(self, work: Callable[[], object], every: timedelta, executor: str = "default") -> None:
        self._scheduler.add_job(
            self._guarded,
            "interval",
            id=f"round {len(self._scheduler.get_jobs()) + 1}",
            seconds=every.total_seconds(),
            jitter=every.total_seconds() / 10,
            next_run_time=self._ctx.clock(),
            args=[work],
            executor=executor,
        )

    def _due(self, mailbox: Mailbox) -> None:
        if not self._turns.ask(mailbox, news=False):
            self.skipped += 1
            log.warning("a look into a mailbox still lasts: the next is left out (%s so far)", self.skipped)

    def _listening(self, mailbox: Mailbox) -> bool:
        return self._watch is not None and self._watch.is_listening(mailbox)

    def _news(self, mailbox: Mailbox) -> None:
        self._turns.ask(mailbox, news=True)

    def _round(self, mailbox: Mailbox) -> bool:
        """Look into a mailbox; tell whether that went well, as far as the mailbox is concerned."""
        poll = self._guarded(partial(round_of_mailbox, self._ctx, mailbox))
        if poll is not None and poll.full:
            self._make_room(mailbox.address)
        return poll is None or poll.error is None

    def _make_room(self, address: str) -> None:
        """Listen no more, for a while, where that takes the connection that a look needs."""
        for each in self._ctx.mailboxes:
            if self._watch is not None and each.address == address and self._watch.is_listening(each):
                log.warning("a mailbox is looked into only at its interval: its server lets in no more")
                self._watch.make_room(each)

    def _guarded(self, work: Callable[[], Result]) -> Result | None:
        """Work unless we stop; no trouble ends the schedule: a locked database is met again next time."""
        if self._stopping.is_set():
            return None
        try:
            return work()
        except StoreError as error:
            log.error("database: %s; tried again at the next round", error)  # noqa: TRY400 - one line
        except Exception as error:  # noqa: BLE001 - the type alone: its text may hold what a parent wrote
            log.error("a round failed: %s", type(error).__name__)  # noqa: TRY400
        return None
