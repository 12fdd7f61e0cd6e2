"""What one more flag in the record adds to a page of the queue: next to nothing.

Counted in steps of SQLite's own machine, which are the same on every computer. To look at a row of the table
takes dozens of them, to pass by an entry of an index a handful.
"""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from tests.factories import PEOPLE, TEACHER, a_school
from tests.store.many_flags import COMMON, RARE, fill
from triage.domain.school import Person, Role
from triage.domain.search import Wanted
from triage.domain.visibility import scope, viewer
from triage.store import queue
from triage.store.db import Database, open_database, upgrade
from triage.store.keys import Keyring

ZONE = ZoneInfo("Europe/London")
FEW, MANY = 4_000, 8_000
"""So many that the page is full for each role: only what a further flag adds is to be seen."""

STEPS_A_FLAG = 14
SCHOOL = a_school(people=(*PEOPLE, Person(TEACHER, Role.TEACHER)))
LEAD = "safe@oakfield.example"


@pytest.fixture(scope="module")
def records(tmp_path_factory) -> tuple[Database, Database]:
    folder = tmp_path_factory.mktemp("many")
    opened = []
    for number in (FEW, MANY):
        keyring = Keyring.generate(folder / f"{number}.key")
        database = open_database(f"sqlite:///{folder}/{number}.db", keyring)
        upgrade(database)
        fill(database, number)
        opened.append(database)
    yield tuple(opened)
    for database in opened:
        database.close()


def counted(database: Database, work: Callable[[Connection], object]) -> int:
    """Count the steps that SQLite takes for something."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    with database.read() as conn:
        driver = conn.connection.driver_connection
        driver.set_progress_handler(count, 1)
        work(conn)
        driver.set_progress_handler(None, 0)
    return taken


def steps(database: Database, address: str, wanted: Wanted) -> int:
    """Count what a page of the queue costs."""
    who = viewer(SCHOOL, address)

    def page(conn: Connection) -> None:
        queue.read_queue(conn, who, wanted, ZONE)
        queue.totals(conn, scope(who))

    return counted(database, page)


@pytest.mark.parametrize("address", [person.address for person in SCHOOL.people])
def test_one_more_flag_adds_next_to_nothing_to_a_page(records, address):
    few, many = (steps(database, address, Wanted()) for database in records)
    assert (many - few) / (MANY - FEW) < STEPS_A_FLAG


@pytest.mark.parametrize("word", [COMMON, RARE, f"{COMMON} word7"])
def test_nor_does_it_to_a_search_for_words(records, word):
    few, many = (steps(database, LEAD, Wanted(words=word)) for database in records)
    assert (many - few) / (MANY - FEW) < STEPS_A_FLAG


def test_what_tells_open_pages_that_nothing_has_changed_costs_the_same_in_any_record(records):
    few, many = (counted(database, queue.last_change) for database in records)
    assert many == few
