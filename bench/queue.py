"""How long the queue's page takes when the record holds many flags, from the request to its last byte.

    python -m bench.queue [FLAGS]

On SQLite and on a private PostgreSQL, for each role that has a queue. Beside it stands what the database
itself takes to count its open flags, on the same data in the same run.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

from sqlalchemy import func, select

from tests.servers.postgres import Postgres
from tests.store.many_flags import COMMON, NOW, RARE, fill
from tests.web.site import Site
from triage.store.db import Database, open_database, upgrade
from triage.store.keys import Keyring
from triage.store.tables import flags
from triage.web.site import Rates
from triage.web.site import Site as OwnSite

LEAD = "safe@oakfield.example"
UNTIRING = Rates(reading=100_000)
ROUNDS = 40
PERCENT = 95
USUAL_BUFFERS = "128MB"
"""What PostgreSQL takes where nobody says otherwise; the tests' own clusters have less."""


def main() -> None:
    """Print the 95th percentile for each role on each database."""
    number = int(sys.argv[1]) if sys.argv[1:] else 100_000
    with tempfile.TemporaryDirectory() as folder, databases(Path(folder)) as opened:
        for name, database in opened.items():
            fill(database, number)
            report(name, database, number)


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, Database]]:
    """Open an empty record on each database."""
    keyring = Keyring.generate(folder / "triage.key")
    with Postgres.start(shared_buffers=USUAL_BUFFERS) as cluster:
        urls = {"SQLite": f"sqlite:///{folder}/triage.db", "PostgreSQL": cluster.fresh_url()}
        opened = {name: open_database(url, keyring) for name, url in urls.items()}
        for database in opened.values():
            upgrade(database)
        yield opened
        for database in opened.values():
            database.close()


def report(name: str, database: Database, number: int) -> None:
    """Print how long each page takes, and how many times what counting takes that is."""
    site = Site(database, own=OwnSite(rates=UNTIRING), clock=lambda: NOW)
    whole = _percentile(lambda: _count(database))
    print(f"{name}, {number} flags, four of five open; 95th percentiles of {ROUNDS} times")
    print(f"  {'counting the flags':26} {whole:8.1f} ms")
    for person in site.school.people:
        _line(person.role.value, _percentile(_opening(site, person.address, "/flags")), whole)
    for words, named in ((RARE, "a rare word"), (COMMON, "a word that is in each")):
        asked = _searched(site, LEAD, words)
        _line(named, _percentile(_opening(site, LEAD, asked)), whole)


def _line(name: str, taken: float, whole: float) -> None:
    print(f"  {name:26} {taken:8.1f} ms {taken / whole:6.1f} times")


def _count(database: Database) -> None:
    with database.read() as conn:
        conn.execute(select(func.count()).select_from(flags))


def _opening(site: Site, address: str, page: str) -> Callable[[], None]:
    browser = site.open(address)

    def opened() -> None:
        answer = browser.get(page)
        if answer.status_code != HTTPStatus.OK:
            message = f"{page} answered {answer.status_code}"
            raise RuntimeError(message)

    return opened


def _searched(site: Site, address: str, words: str) -> str:
    return site.open(address).post("/flags/search", data={"words": words}, page="/flags").headers["location"]


def _percentile(work: Callable[[], None]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return sorted(times)[ROUNDS * PERCENT // 100 - 1]


if __name__ == "__main__":
    main()
