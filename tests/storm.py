"""A storm: mail comes, and at every beat something breaks: a network, a mail server, the worker itself.

``weather`` says in which order; the same seed gives the same order. What holds afterwards is for the tests.
"""

import random
import signal
import smtplib
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Self

from sqlalchemy import func, select

from tests.acceptance.school import RunningSchool, a_mail
from tests.acceptance.workers import WorkerProcess
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy
from tests.servers.sink import DROP, Received, Script, Sink
from triage.store.outbox import tally
from triage.store.tables import actions, decisions, mailboxes, messages

Heal = Callable[[], None]

ABSENCE = "Dear school, my son won't be in school today, he is poorly. His mum"
HARM = "Dear school, my son has hurt himself. His mum"
THANKS = "Dear school, thank you for a lovely evening. His mum"
IMPATIENT = {"TRIAGE_IMAP__TIMEOUT": "2", "TRIAGE_SMTP__TIMEOUT": "2"}
"""An environment in which a server has two seconds to answer."""

HARM_EVERY, THANKS_EVERY, COPY_EVERY = 50, 10, 20
KILL = "worker killed"
MOST = 0.9
LATEST = 2
"""A storm goes on until so much of the mail is decided, but for no more than so many times its faults."""

REST = 0.5
DONE = frozenset({"sent", "unsure"})
LONGEST = 3
"""Beats that a fault lasts at most: longer than the worker waits for an answer."""


def text_of(number: int) -> str:
    """What a message says: of harm, of nothing that asks for anything, or that a child is absent."""
    return HARM if number % HARM_EVERY == 0 else THANKS if number % THANKS_EVERY == 0 else ABSENCE


@dataclass(frozen=True)
class Size:
    """How much mail into how many mailboxes, and how many faults, one every so many seconds."""

    messages: int
    mailboxes: int
    faults: int
    seconds: float
    seed: int


class Post(threading.Thread):
    """Delivers messages by LMTP at an even pace, each until it is taken; some go to two mailboxes."""

    def __init__(self, school: RunningSchool, number: int, seconds: float) -> None:
        super().__init__(name="post", daemon=True)
        self.school, self.number, self._seconds = school, number, seconds

    def run(self) -> None:
        """Deliver all."""
        begun = time.monotonic()
        for one in range(self.number):
            time.sleep(max(0.0, begun + self._seconds * one / self.number - time.monotonic()))
            self._deliver(one)

    def _deliver(self, one: int) -> None:
        user = one % self.school.count
        raw = a_mail(text_of(one), to=self.school.address(user), sender=sender(one), subject="School")
        self._until_taken(user, raw, sender(one))
        if one % COPY_EVERY == 0:
            self._until_taken((user + 1) % self.school.count, raw, sender(one))

    def _until_taken(self, user: int, raw: bytes, mail_from: str) -> None:
        while True:
            try:
                self.school.deliver(raw, user=user, mail_from=mail_from)
            except (OSError, smtplib.SMTPException):
                time.sleep(0.1)
            else:
                return


class Storm:
    """The faults, and a worker of its own process that meets them; use it as a context manager."""

    def __init__(self, school: RunningSchool, proxy: Proxy, seed: int) -> None:
        self.school, self.proxy = school, proxy
        self.dovecot: Dovecot = school.dovecot
        self.sink: Sink = school.sink
        self.faults: Counter[str] = Counter()
        self._chance = random.Random(seed)
        self._worker = WorkerProcess(school, "embedded")
        self._before = 0
        self._next: list[str] = []

    def __enter__(self) -> Self:
        self._worker.built()
        self._worker.go()
        return self

    def __exit__(self, *_) -> None:
        self._worker.kill()

    def weather(self, size: Size) -> None:
        """Let things break, one a beat, so often and as long as mail waits, and mend them all."""
        kinds = self._kinds()
        lasting: dict[str, tuple[int, Heal]] = {}
        beat = 0
        while self._goes_on(size):
            begun, beat = time.monotonic(), beat + 1
            for name in [each for each, (until, _) in lasting.items() if until <= beat]:
                lasting.pop(name)[1]()
            chosen = self._choose(kinds, lasting)
            heal = kinds[chosen]() if chosen else None
            if heal is not None:
                lasting[chosen] = (beat + self._chance.randint(1, LONGEST), heal)
            time.sleep(max(0.0, begun + size.seconds - time.monotonic()))
        for _, heal in lasting.values():
            heal()

    def _goes_on(self, size: Size) -> bool:
        done = self.faults.total()
        enough = sum(decided(self.school).values()) >= size.messages * MOST
        return done < size.faults or (not enough and done < size.faults * LATEST)

    def _choose(self, kinds: Collection[str], lasting: Collection[str]) -> str:
        """Return what breaks next, "" for nothing: each kind once before any comes again."""
        self._next = self._next or self._chance.sample(sorted(kinds), len(kinds))
        fitting = [
            name for name in self._next if name not in lasting and (name != KILL or self._has_worked())
        ]
        if not fitting:
            return ""
        self._next.remove(fitting[0])
        self.faults[fitting[0]] += 1
        return fitting[0]

    def _has_worked(self) -> bool:
        """Tell whether the worker has decided anything since it began: else its death would break nothing."""
        return sum(decided(self.school).values()) > self._before

    def _kinds(self) -> dict[str, Callable[[], Heal | None]]:
        return {
            "connections cut": self.proxy.cut,
            "network silent": self._freeze,
            "stall inside a literal": self._stall,
            "sessions ended with BYE": self.dovecot.kill_sessions,
            "sessions killed": lambda: self.dovecot.kill_sessions(signal.SIGKILL),
            "server restarted": self.dovecot.restart,
            "limit of connections": lambda: self._changed(connections=1),
            "password refused": lambda: self._changed(password="another"),
            "submission not now": lambda: self._scripted(RCPT="451 4.3.0 not now"),
            "submission unreachable": lambda: self._scripted(CONNECT="421 4.3.2 not now"),
            "submission lost before DATA": lambda: self._scripted(DATA=DROP),
            "submission lost after the dot": self._drop,
            KILL: self._start_anew,
        }

    def _freeze(self) -> Heal:
        self.proxy.freeze()
        return self.proxy.thaw

    def _stall(self) -> Heal:
        self.proxy.stall()
        return self.proxy.thaw

    def _changed(self, **change) -> Heal:
        self.dovecot.change(**change)
        return lambda: self.dovecot.change(connections=0)

    def _scripted(self, **answers: str) -> Heal:
        self.sink.script = Script(answers=answers)
        return self._calm

    def _calm(self) -> None:
        self.sink.script = Script()

    def _drop(self) -> None:
        """Lose what is sent in this moment; a person must look at each, so the moment is short."""
        self.sink.script = Script(answers={"DOT": DROP})
        time.sleep(0.1)
        self._calm()

    def _start_anew(self) -> None:
        """Kill the worker and start another, which begins as soon as it is built."""
        self._worker.kill()
        self._before = sum(decided(self.school).values())
        self._worker = WorkerProcess(self.school, "embedded")
        self._worker.go()


def sender(number: int) -> str:
    """Who writes a message: nobody else has that address."""
    return f"parent{number}@home{number}.example"


def weathered(school: RunningSchool, proxy: Proxy, size: Size, patience: float) -> Storm:
    """Let mail come while things break, then wait until all is at rest."""
    with Storm(school, proxy, size.seed) as storm:
        post = Post(school, size.messages, size.faults * size.seconds)
        post.start()
        storm.weather(size)
        post.join()
        _come_to_rest(school, patience)
    return storm


def _come_to_rest(school: RunningSchool, patience: float) -> None:
    there, end = on_server(school), time.monotonic() + patience
    while decided(school) != there or pending(school):
        assert time.monotonic() < end, (there, school.states(), tallies(school))
        time.sleep(REST)


def expected(size: Size) -> dict[str, object]:
    """What must have become of a storm's mail, whatever broke, but for replies that may have been lost."""
    texts = Counter(map(text_of, range(size.messages)))
    return {
        "states": {"decided"},
        "cases": size.messages,
        "flags": {"absence": texts[ABSENCE], "safeguarding": texts[HARM]},
        "replies": texts[ABSENCE],
        "neither sent nor unsure": {},
        "sent and never arrived": set(),
        "arrived more than once": set(),
        "arrived though none was due": set(),
        "marked as read": 0,
    }


def became(school: RunningSchool, size: Size) -> dict[str, object]:
    """What has become of a storm's mail."""
    replies, came = tallies(school)["reply"], arrived(school)
    due = {sender(one) for one in range(size.messages) if text_of(one) == ABSENCE}
    return {
        "states": set(school.states()),
        "cases": cases(school),
        "flags": Counter(topic for topic, *_ in school.flags() if topic in {"absence", "safeguarding"}),
        "replies": sum(replies.values()),
        "neither sent nor unsure": {state: number for state, number in replies.items() if state not in DONE},
        "sent and never arrived": sent_to(school) - came.keys(),
        "arrived more than once": {to for to, number in came.items() if number > 1},
        "arrived though none was due": came.keys() - due,
        "marked as read": seen(school),
    }


def on_server(school: RunningSchool) -> dict[str, int]:
    """How many messages lie in each mailbox, by a look of its owner's that changes nothing."""
    return {school.address(user): _number(school, user, "ALL") for user in range(school.count)}


def seen(school: RunningSchool) -> int:
    """How many messages somebody has marked as read."""
    return sum(_number(school, user, "SEEN") for user in range(school.count))


def decided(school: RunningSchool) -> dict[str, int]:
    """How many decisions there are on messages of each mailbox."""
    counted = (
        select(mailboxes.c.address, func.count(decisions.c.id))
        .join_from(mailboxes, messages, messages.c.mailbox_id == mailboxes.c.id)
        .join(decisions, decisions.c.message_id == messages.c.id)
        .group_by(mailboxes.c.id)
    )
    none = {school.address(user): 0 for user in range(school.count)}
    with school.service.database.read() as conn:
        return none | {row[0]: row[1] for row in conn.execute(counted)}


def pending(school: RunningSchool) -> int:
    """How many actions still wait or are under way."""
    return sum(each.get(state, 0) for each in tallies(school).values() for state in ("pending", "sending"))


def tallies(school: RunningSchool) -> dict[str, dict[str, int]]:
    """How many replies, and how many notices, are in which state."""
    with school.service.database.read() as conn:
        return {kind: tally(conn, kind) for kind in ("reply", "notify")}


def cases(school: RunningSchool) -> int:
    """How many cases the decisions belong to."""
    with school.service.database.read() as conn:
        return conn.execute(select(func.count(decisions.c.case_id.distinct()))).scalar_one()


def sent_to(school: RunningSchool) -> set[str]:
    """To whom a reply went out for certain."""
    sent = select(actions.c.recipient).where(actions.c.kind == "reply", actions.c.state == "sent")
    with school.service.database.read() as conn:
        return set(conn.execute(sent).scalars())


def arrived(school: RunningSchool) -> Counter[str]:
    """How many replies may have arrived, by who wrote: those taken, and those lost behind the final dot."""
    return Counter(one.recipient for one in school.sink.received if _may_have_arrived(one))


def _may_have_arrived(one: Received) -> bool:
    taken = one.answer.startswith("2") or one.answer == DROP
    return taken and one.message["Auto-Submitted"] == "auto-replied"


def _number(school: RunningSchool, user: int, which: str) -> int:
    with school.dovecot.session(school.users[user]) as imap:
        imap.select("INBOX", readonly=True)
        return len(imap.uid("SEARCH", which)[1][0].split())
