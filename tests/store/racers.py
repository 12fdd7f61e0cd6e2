"""What the racing processes run: importable, so that ``spawn`` can start them."""

import contextlib
import os
import random
import signal
from multiprocessing.synchronize import Barrier
from pathlib import Path

from tests.factories import a_school
from tests.store.builders import DOMAIN, NOW, PLENTY
from triage.store import mailboxes, outbox
from triage.store.db import Database, StoreError, open_database
from triage.store.keys import Keyring
from triage.store.outbox import Claimed

BUSY_SECONDS = 60


def claim_all(url: str, key_file: Path, start: Barrier, log: Path, ids: list[int]) -> None:
    """Claim the actions in the order given, and note each claim with what it may say."""
    database = open_database(url, Keyring.load(key_file), busy_seconds=BUSY_SECONDS)
    start.wait()
    with log.open("a") as notes:
        for action_id in ids:
            mine = _claim(database, action_id, seconds=300)
            if mine is not None:
                notes.write(f"{action_id} {' '.join(mine.parts)}\n")
    database.close()


def work_until_killed(url: str, key_file: Path, log: Path, seed: int) -> None:
    """Do what a worker does; now and then die without a word, at any line of it."""
    chance = random.Random(seed)
    database = open_database(url, Keyring.load(key_file), busy_seconds=BUSY_SECONDS)
    for action_id in _due(database):
        mine = _claim(database, action_id, seconds=0.2)
        _may_die(chance)
        if mine is not None and _confirmed(database, mine):
            _may_die(chance)
            _deliver(log, mine)
            _may_die(chance)
            with database.write() as conn:
                outbox.settle(conn, action_id, mine.token, kind="sent", now=NOW)
        _may_die(chance)
    database.close()


def sweep(url: str, key_file: Path) -> None:
    """Free the claims of the dead, as every worker does now and then."""
    database = open_database(url, Keyring.load(key_file), busy_seconds=BUSY_SECONDS)
    with database.write() as conn:
        outbox.recover(conn, NOW)
    database.close()


def take_the_lease(url: str, key_file: Path, name: str, start: Barrier, log: Path) -> None:
    """Ask once for a lease, together with all others."""
    database = open_database(url, Keyring.load(key_file), busy_seconds=BUSY_SECONDS)
    start.wait()
    with database.write() as conn:
        taken = mailboxes.take_lease(conn, name, str(os.getpid()), 300)
    if taken:
        with log.open("a") as notes:
            notes.write("taken\n")
    database.close()


def _claim(database: Database, action_id: int, seconds: float) -> Claimed | None:
    with database.write() as conn:
        got = outbox.claim(
            conn,
            database.keyring,
            action_id,
            str(os.getpid()),
            domain=DOMAIN,
            now=NOW,
            seconds=seconds,
            caps=PLENTY,
            live=True,
            school=a_school(),
        )
    return got if isinstance(got, Claimed) else None


def _confirmed(database: Database, mine: Claimed) -> bool:
    with contextlib.suppress(StoreError), database.write() as conn:
        return outbox.confirm(conn, mine.action.id, mine.token, seconds=0.2)
    return False


def _due(database: Database) -> list[int]:
    with database.read() as conn:
        return outbox.due(conn, NOW, 1000)


def _deliver(log: Path, mine: Claimed) -> None:
    """Hand the reply over: one write that is whole or not there, as a server's answer after the dot is."""
    with log.open("a") as sink:
        sink.write(f"{mine.action.id}\n")


def _may_die(chance: random.Random) -> None:
    if chance.random() < 0.02:
        os.kill(os.getpid(), signal.SIGKILL)
