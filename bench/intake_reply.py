"""From the delivery of a message to the reply at the sink, with the server's own share of it shown apart."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import func, select

from bench.letters import letters
from bench.moments import STEPS, Moments
from bench.school import a_school
from tests.acceptance.school import RunningSchool
from tests.servers.sink import Received
from triage.context import Context
from triage.domain.model import History
from triage.judge import judge
from triage.store.tables import actions, decisions
from triage.workers.embedded import EmbeddedWorker

REPLIES = 300
LOOKED_AT = 1_500
PERCENT = 99
TARGETS = (40, 200)
SECONDS = 60
"""Longer than the 30 seconds after which Dovecot looks by itself where it has no inotify to be told by."""

ASKED = 1.0
"""How long a reply is waited for before the record is asked whether there will be one."""

PAUSE = 0.05
"""After each reply, so that what follows it is done before the next message comes."""


class Taken(list):
    """What the sink has taken; the reply that is waited for is noted."""

    def __init__(self, moments: Moments) -> None:
        super().__init__()
        self.moments = moments

    def append(self, received: Received) -> None:
        super().append(received)
        if received.recipient == self.moments.recipient:
            self.moments.note("answered")
            self.moments.answered.set()


def report(corpus: Path) -> None:
    """Print the median and the 99th percentile, in milliseconds, and what was not answered and why."""
    with a_school(corpus) as school:
        answered = _answered(
            school.service.context, letters(corpus, LOOKED_AT, school.address(), strangers=True)
        )[:REPLIES]
        met, without = _deliveries(school, answered)
        said = [line for line in school.dovecot.log().splitlines() if "notify" in line]
    print(f"{len(answered)} messages, each delivered when the one before was settled; {len(met)} answered")
    for reason, number in without.most_common():
        print(f"  not answered, {reason}: {number}")
    for line in said:
        print(f"  the server says: {line}")
    print(f"in ms, median and {PERCENT}%")
    _line("the server tells of it", _between(met, "delivered", "told"))
    for start, end, what in STEPS:
        _line(f"- {what}", _between(met, start, end))
    _line(
        "the reply is at the sink",
        _between(met, "told", "answered"),
        "to be {} and {} or less".format(*TARGETS),
    )
    _line("both together", _between(met, "delivered", "answered"))


def _between(met: Sequence[Mapping[str, float]], start: str, end: str) -> list[float]:
    return [one[end] - one[start] for one in met]


def _line(name: str, taken: list[float], more: str = "") -> None:
    ordered = sorted(taken)
    late = ordered[len(ordered) * PERCENT // 100]
    print(f"  {name:36} {median(ordered) * 1000:7.1f} {late * 1000:7.1f}  {more}")


def _answered(ctx: Context, raws: list[bytes]) -> list[tuple[str, bytes]]:
    """Return the letters that are answered as far as they alone tell, each with its sender."""
    delivery, now = ctx.mailboxes[0].delivery, datetime.now(UTC)
    judged = ((judge(ctx, delivery, raw, now, history_of=lambda *_: History()), raw) for raw in raws)
    return [(one.message.sender.address, raw) for one, raw in judged if one.decision.reply.send]


def _deliveries(
    school: RunningSchool, answered: list[tuple[str, bytes]]
) -> tuple[list[dict[str, float]], Counter[str]]:
    """Deliver letters one by one; return the moments of those answered, and why the others were not."""
    moments = Moments()
    school.sink.received = Taken(moments)
    met: list[dict[str, float]] = []
    without: Counter[str] = Counter()
    with _working(school, moments):
        for number, (sender, raw) in enumerate(answered, start=1):
            moments.begin(sender)
            school.deliver(raw, mail_from=sender)
            moments.note("delivered")
            reason = _reason(school, moments, number)
            if reason is None:
                met.append(moments.at)
            else:
                without[reason] += 1
            time.sleep(PAUSE)
    return met, without


def _reason(school: RunningSchool, moments: Moments, number: int) -> str | None:
    """Wait for a reply; None once it is there, else why there is none, by the record."""
    end = time.monotonic() + SECONDS
    while not moments.answered.wait(ASKED):
        told = _told(school, number)
        if told is not None:
            return told
        if time.monotonic() > end:
            heard = "nothing was decided" if "told" in moments.at else "the server did not tell of it"
            return f"{heard} within {SECONDS} seconds"
    return None


def _told(school: RunningSchool, number: int) -> str | None:
    """Return why the message of this number is not answered, None while that is open."""
    newest = select(decisions.c.case_id, decisions.c.withheld).order_by(decisions.c.id.desc()).limit(1)
    with school.service.database.read() as conn:
        if conn.execute(select(func.count()).select_from(decisions)).scalar_one() < number:
            return None
        decided = conn.execute(newest).one()
        asked = select(actions.c.state, actions.c.reason, actions.c.answer).where(
            actions.c.case_id == decided.case_id, actions.c.kind == "reply"
        )
        reply = conn.execute(asked).first()
    if reply is None:
        return f"decided so: {decided.withheld}"
    if reply.state in {"pending", "sending", "sent"}:
        return None
    return f"{reply.state}: {reply.reason or reply.answer}"


@contextmanager
def _working(school: RunningSchool, moments: Moments) -> Iterator[None]:
    """Run the worker; return once it listens and has looked."""
    worker = EmbeddedWorker(moments.noting(school.service.context), every=timedelta(hours=1))
    worker.start()
    try:
        moments.listens.wait(SECONDS)
        time.sleep(1)  # for the look that follows
        yield
    finally:
        worker.stop()
