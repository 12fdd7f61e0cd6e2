"""Several processes at the same outbox, some of which die: nothing is said twice, nothing due is lost."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.store import racers
from tests.store.builders import NOW, a_notice, a_reply
from triage.store import outbox
from triage.store.db import Database, open_database
from triage.store.keys import Keyring

SPAWN = get_context("spawn")
PROCESSES = 8
ACTIONS = 200
MORTAL = 100


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "said"
    path.touch()
    return path


def put_notices(database: Database, number: int) -> list[int]:
    with database.write() as conn:
        return [
            outbox.add_action(conn, database.keyring, None, a_notice(dedupe=str(each)), NOW)
            for each in range(number)
        ]


def put_all(database: Database, number: int, recipient: str = "parent{}@home.example") -> list[int]:
    with database.write() as conn:
        return [
            outbox.add_action(
                conn,
                database.keyring,
                None,
                a_reply(None, recipient=recipient.format(each), dedupe=str(each)),
                NOW,
            )
            for each in range(number)
        ]


def race(target: Callable[..., None], *arguments: object, orders: Sequence[object] = ()) -> list[int]:
    """Run eight processes to their end and return their exit codes; each may get an order of its own."""
    own = [(order,) for order in orders] or [()] * PROCESSES
    racers_ = [SPAWN.Process(target=target, args=(*arguments, *each)) for each in own]
    for racer in racers_:
        racer.start()
    for racer in racers_:
        racer.join()
    return [racer.exitcode for racer in racers_]


def tally(database: Database) -> dict[str, int]:
    with database.read() as conn:
        return outbox.tally(conn)


def test_eight_processes_that_race_for_200_actions_claim_each_once(database, database_url, key_file, log):
    ids = [*put_all(database, ACTIONS // 2), *put_notices(database, ACTIONS // 2)]
    start = SPAWN.Barrier(PROCESSES)
    codes = race(racers.claim_all, database_url, key_file, start, log, orders=[ids] * PROCESSES)
    claimed = [int(line.split()[0]) for line in log.read_text().splitlines()]
    assert codes == [0] * PROCESSES
    assert sorted(claimed) == ids
    assert tally(database) == {"sending": ACTIONS}


def test_eight_processes_that_race_for_one_correspondent_say_each_part_once(
    database, database_url, key_file, log
):
    ids = put_all(database, 40, recipient="sara.pole@home.example")
    orders = [random.Random(seed).sample(ids, len(ids)) for seed in range(PROCESSES)]
    race(racers.claim_all, database_url, key_file, SPAWN.Barrier(PROCESSES), log, orders=orders)
    assert [line.split()[1:] for line in log.read_text().splitlines()] == [["greeting", "absence", "help"]]
    assert tally(database) == {"sending": 1, "withheld": 39}


def test_eight_processes_that_ask_for_one_lease_give_it_to_one(database, database_url, key_file, log):
    race(racers.take_the_lease, database_url, key_file, "mailbox 1", SPAWN.Barrier(PROCESSES), log)
    assert log.read_text() == "taken\n"


def test_to_open_a_database_twice_keeps_the_locks_of_the_first(tmp_path, sqlite_template, key_file):
    (tmp_path / "triage.db").write_bytes(sqlite_template.read_bytes())
    url, keyring = f"sqlite:///{tmp_path}/triage.db", Keyring.load(key_file)
    first = open_database(url, keyring)
    tally(first)
    second = open_database(url, keyring)
    other = SPAWN.Process(target=racers.sweep, args=(url, key_file))
    other.start()
    other.join()
    # The last connection of all takes the journal away; the other process must not take itself for that.
    assert (tmp_path / "triage.db-wal").exists()
    first.close()
    second.close()


def test_workers_killed_at_any_line_say_nothing_twice_and_lose_nothing(database, database_url, key_file, log):
    put_all(database, MORTAL)
    killed = 0
    for seed in range(500):
        workers = [
            SPAWN.Process(
                target=racers.work_until_killed, args=(database_url, key_file, log, 2 * seed + each)
            )
            for each in range(2)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        killed += sum(worker.exitcode != 0 for worker in workers)
        racers.sweep(database_url, key_file)
        if not {"pending", "sending"} & tally(database).keys():
            break
    said = Counter(log.read_text().split())
    found = tally(database)
    assert killed > 0
    assert max(said.values()) == 1
    assert found.keys() <= {"sent", "unsure"}
    assert sum(found.values()) == MORTAL
    assert found["sent"] <= len(said) <= MORTAL
