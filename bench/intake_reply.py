"""From the delivery of a message to the reply at the sink, with the server's own share of it shown apart."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from threading import Event

from bench.letters import letters
from bench.school import a_school
from tests.acceptance.school import RunningSchool
from tests.servers.sink import Received
from triage.context import Context
from triage.domain.model import History
from triage.judge import judge
from triage.mail.idle import Idle
from triage.workers.embedded import EmbeddedWorker

REPLIES = 300
LOOKED_AT = 1_500
PERCENT = 99
TARGETS = (40, 200)
SECONDS = 30
PAUSE = 0.05
"""After each reply, so that what follows it is done before the next message comes."""


@dataclass
class Moments:
    """When a message was delivered, when the server told of it, and when its reply was at the sink."""

    delivered: float
    told: float
    answered: float


class Taken(list):
    """What the sink has taken, each with its moment."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: dict[str, float] = {}

    def append(self, received: Received) -> None:
        self.moments[received.recipient] = time.perf_counter()
        super().append(received)


class Told:
    """A connection that waits, and notes when there was something to hear."""

    def __init__(self, idle: Idle, moments: list[float], waits: Event) -> None:
        self._idle, self._moments, self._waits = idle, moments, waits

    def __getattr__(self, name: str) -> object:
        return getattr(self._idle, name)

    def begin(self) -> None:
        self._idle.begin()
        self._waits.set()

    def hears(self) -> bool:
        heard = self._idle.hears()
        if heard:
            self._moments.append(time.perf_counter())
        return heard


def report(corpus: Path) -> None:
    """Print the median and the 99th percentile, in milliseconds."""
    with a_school(corpus) as school:
        answered = _answered(
            school.service.context, letters(corpus, LOOKED_AT, school.address(), strangers=True)
        )
        met = list(_deliveries(school, answered[:REPLIES]))
    print(
        f"{len(met)} messages, each delivered when the one before was answered; in ms, median and {PERCENT}%"
    )
    _line("the server tells of it", [one.told - one.delivered for one in met])
    _line(
        "the reply is at the sink",
        [one.answered - one.told for one in met],
        "to be {} and {} or less".format(*TARGETS),
    )
    _line("both together", [one.answered - one.delivered for one in met])


def _line(name: str, taken: list[float], more: str = "") -> None:
    ordered = sorted(taken)
    late = ordered[len(ordered) * PERCENT // 100]
    print(f"  {name:28} {median(ordered) * 1000:7.1f} {late * 1000:7.1f}  {more}")


def _answered(ctx: Context, raws: list[bytes]) -> list[tuple[str, bytes]]:
    """Return the letters that are answered, each with its sender."""
    delivery, now = ctx.mailboxes[0].delivery, datetime.now(UTC)
    judged = ((judge(ctx, delivery, raw, now, history_of=lambda *_: History()), raw) for raw in raws)
    return [(one.message.sender.address, raw) for one, raw in judged if one.decision.reply.send]


def _deliveries(school: RunningSchool, answered: list[tuple[str, bytes]]) -> Iterator[Moments]:
    taken, told = Taken(), []
    school.sink.received = taken
    with _working(school, told):
        for sender, raw in answered:
            told.clear()
            school.deliver(raw, mail_from=sender)
            delivered = time.perf_counter()
            _wait(lambda sender=sender: sender in taken.moments)
            yield Moments(delivered, told[0], taken.moments[sender])
            time.sleep(PAUSE)


@contextmanager
def _working(school: RunningSchool, told: list[float]) -> Iterator[None]:
    """Run the worker over connections that note when they hear; return once it listens."""
    context, waits = school.service.context, Event()
    listen = context.listen
    noting = replace(context, listen=lambda mailbox: Told(listen(mailbox), told, waits))
    worker = EmbeddedWorker(noting, every=timedelta(hours=1))
    worker.start()
    try:
        waits.wait(SECONDS)
        time.sleep(1)  # for the look that follows
        yield
    finally:
        worker.stop()


def _wait(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not is_so():
        if time.monotonic() > end:
            raise RuntimeError("it did not come to pass")
        time.sleep(0.002)
