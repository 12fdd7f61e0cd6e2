"""How long the store takes for a page of the queue when the record holds many flags.

    python -m bench.queue [FLAGS]

On SQLite and on a private PostgreSQL, for each role that has a queue. Beside it stands what the database
itself takes to count its open flags, on the same data in the same run.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from tests.factories import PEOPLE, TEACHER, a_school
from tests.servers.postgres import Postgres
from tests.store.many_flags import COMMON, RARE, fill
from triage.domain.school import Person, Role
from triage.domain.search import Wanted
from triage.domain.visibility import Viewer, scope, viewer
from triage.store import queue
from triage.store.db import Database, open_database, upgrade
from triage.store.keys import Keyring
from triage.store.tables import flags

ZONE = ZoneInfo("Europe/London")
ROUNDS = 40
PERCENT = 95


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
    with Postgres.start() as cluster:
        urls = {"SQLite": f"sqlite:///{folder}/triage.db", "PostgreSQL": cluster.fresh_url()}
        opened = {name: open_database(url, keyring) for name, url in urls.items()}
        for database in opened.values():
            upgrade(database)
        yield opened
        for database in opened.values():
            database.close()


def report(name: str, database: Database, number: int) -> None:
    """Print how long each page takes, and how many times what counting takes that is."""
    school = a_school(people=(*PEOPLE, Person(TEACHER, Role.TEACHER)))
    whole = _percentile(database, lambda conn: conn.execute(select(func.count()).select_from(flags)))
    print(f"{name}, {number} flags, four of five open; 95th percentiles of {ROUNDS} times")
    print(f"  {'counting the flags':26} {whole:8.1f} ms")
    for person in school.people:
        who = viewer(school, person.address)
        taken = _percentile(database, lambda conn, who=who: _page(conn, who, Wanted()))
        print(f"  {person.role.value:26} {taken:8.1f} ms {taken / whole:6.1f} times")
    lead = viewer(school, "safe@oakfield.example")
    for words in (RARE, COMMON):
        taken = _percentile(database, lambda conn, words=words: _page(conn, lead, Wanted(words=words)))
        name_of = f"a word, {'rare' if words == RARE else 'in each'}"
        print(f"  {name_of:26} {taken:8.1f} ms {taken / whole:6.1f} times")


def _page(conn: Connection, who: Viewer, wanted: Wanted) -> None:
    queue.read_queue(conn, who, wanted, ZONE)
    queue.totals(conn, scope(who))


def _percentile(database: Database, work: Callable) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        with database.read() as conn:
            work(conn)
        times.append((time.perf_counter() - start) * 1000)
    return sorted(times)[ROUNDS * PERCENT // 100 - 1]


if __name__ == "__main__":
    main()
