"""Any order of events, with holders that freeze and die: nothing is said twice, nothing is lost."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.store.builders import NOW, a_reply, claim, confirm, read, settle
from triage.store import outbox
from triage.store.db import Database
from triage.store.outbox import Claimed
from triage.store.tables import actions

WINDOW = timedelta(days=7)
PARTS = ("absence", "urgent")
STEPS = 80
REPLIES = 4  # few, so that processes meet at the same one


@dataclass
class Holder:
    """A process with a claim: what the database last told it, and what it has done."""

    claim: Claimed
    may_send: bool = False
    sent: bool = False


class School:
    """Two parents, a few replies, and processes that stop at any point and wake at any later one."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database = database
        self.chance = random.Random(seed)
        self.now = NOW
        self.put: list[int] = []
        self.holders: list[Holder] = []
        self.delivered: Counter[int] = Counter()
        self.said: list[tuple[str, str, datetime]] = []

    def live(self) -> None:
        """Let one thing happen after another."""
        often = [self.claim, self.confirm, self.deliver]
        events = [*often, *often, self.ask, self.settle, self.sweep, self.let_days_pass]
        for _ in range(STEPS):
            self.chance.choice(events)()

    def ask(self) -> None:
        """A reply falls due."""
        if len(self.put) < REPLIES:
            parts = self.chance.sample(PARTS, self.chance.choice([1, 2]))
            new = a_reply(
                None,
                recipient=f"{self.chance.choice('ab')}@home.example",
                dedupe=str(len(self.put)),
                parts=("greeting", *parts, "help"),
            )
            with self.database.write() as conn:
                self.put.append(outbox.add_action(conn, self.database.keyring, None, new, self.now))

    def claim(self) -> None:
        if self.put:
            seconds = self.chance.choice([300, 300, -1])
            got = claim(self.database, self.chance.choice(self.put), now=self.now, seconds=seconds)
            if isinstance(got, Claimed):
                self.holders.append(Holder(got))

    def confirm(self) -> None:
        holder = self.someone()
        if holder and not holder.sent:
            holder.may_send = confirm(self.database, holder.claim)

    def deliver(self) -> None:
        holder = self.someone()
        if holder and holder.may_send and not holder.sent:
            holder.sent = True
            action = holder.claim.action
            self.delivered[action.id] += 1
            self.said += [(action.recipient, part, action.said_at) for part in holder.claim.parts]

    def settle(self) -> None:
        """A process says what it knows; after that it never sends: its connection is gone."""
        holder = self.someone()
        if holder:
            known = "sent" if holder.sent else "retry"
            kind = self.chance.choice([known, known, "unsure"])
            settle(self.database, holder.claim, kind, now=self.now, next_attempt_at=self.now)
            holder.may_send = False

    def sweep(self) -> None:
        """Every claim runs out, and somebody finds it."""
        with self.database.write() as conn:
            conn.execute(
                actions.update()
                .where(actions.c.state == "sending")
                .values(claim_expires_at=NOW - timedelta(days=365))
            )
            outbox.recover(conn, self.now)

    def let_days_pass(self) -> None:
        self.now += timedelta(days=self.chance.choice([1, 6, 8]))

    def someone(self) -> Holder | None:
        return self.chance.choice(self.holders) if self.holders else None

    def states(self, ids) -> set[str]:
        return {read(self.database, action_id).state for action_id in ids}


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_said_twice_and_nothing_is_lost_in_any_order_of_events(database: Database, seed: int):
    school = School(database, seed)
    school.live()
    assert max(school.delivered.values(), default=0) <= 1
    assert school.states(school.delivered) <= {"sending", "sent", "unsure"}
    assert school.states(school.put) <= {"pending", "sending", "sent", "unsure", "withheld"}
    for first, second in pairwise(sorted(entry for entry in school.said if entry[1] in PARTS)):
        assert first[:2] != second[:2] or second[2] - first[2] >= WINDOW
