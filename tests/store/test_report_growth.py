"""What a report reads grows with the time that is asked for, not with all that is on record before it.

Counted in steps of SQLite's own machine, which are the same on every computer.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, insert, text

from tests.factories import PEOPLE, TEACHER, a_school
from tests.store.many_flags import BATCH, NOW, fill
from tests.store.test_queue_growth import counted
from triage.domain.report import Sight, sight
from triage.domain.school import Person, Role
from triage.domain.visibility import viewer
from triage.store import report
from triage.store.audit_search import Sought, search
from triage.store.db import Database, open_database, upgrade
from triage.store.keys import Keyring
from triage.store.report_waits import waits
from triage.store.tables import audit, corrections

FEW, MANY = 2_000, 10_000
MINUTES = 600
SHORT = (NOW - timedelta(minutes=MINUTES), NOW)
LONG = (NOW - timedelta(minutes=2 * MINUTES), NOW)
SCHOOL = a_school(people=(*PEOPLE, Person(TEACHER, Role.TEACHER)))
HEAD, YEAR_8, LEAD = "head@oakfield.example", "year8@oakfield.example", "safe@oakfield.example"
ANSWERED_WITHIN = timedelta(days=5)
"""How long after its message the deadline of a flag falls in these records."""

A_LITTLE = 1.2
"""How many times as much a record that is five times as long may cost: its trees are a little deeper."""

Question = Callable[[Connection, Sight, Sequence[datetime]], object]
QUESTIONS: dict[str, Question] = {
    "messages": report.arrived,
    "automatic mail": report.machines,
    "topics": report.topic_weeks,
    "years": report.year_weeks,
    "closely kept": report.kept_messages,
    "flags": report.raised,
    "deadlines": lambda conn, seen, edges: report.deadlines(
        conn, seen, [edge + ANSWERED_WITHIN for edge in edges], NOW + 2 * ANSWERED_WITHIN
    ),
    "replies": report.replies,
    "closed": report.closed,
    "corrections": report.corrected,
    "waits": lambda conn, seen, edges: waits(conn, seen, edges, NOW),
    "staff": lambda conn, _seen, edges: report.staff_mail(conn, edges),
}


@pytest.fixture(scope="module")
def records(tmp_path_factory) -> tuple[Database, Database]:
    folder = tmp_path_factory.mktemp("long")
    opened = []
    for number in (FEW, MANY):
        database = open_database(
            f"sqlite:///{folder}/{number}.db", Keyring.generate(folder / f"{number}.key")
        )
        upgrade(database)
        fill(database, number)
        look_and_correct(database, number)
        opened.append(database)
    yield tuple(opened)
    for database in opened:
        database.close()


def look_and_correct(database: Database, number: int) -> None:
    """Somebody looks at each case, and corrects it; and nothing is known of the tables, as in service."""
    for start in range(number, 0, -BATCH):
        cases = [(n, NOW - timedelta(minutes=n)) for n in range(start, start - BATCH, -1)]
        seen = {"actor": HEAD, "action": "text viewed", "link": ""}
        said = {"topic": "complaint", "verdict": "missed", "actor": HEAD}
        with database.write() as conn:
            conn.execute(insert(audit), [seen | {"at": at, "object": f"case {n}"} for n, at in cases])
            conn.execute(insert(corrections), [said | {"at": at, "case_id": n} for n, at in cases])
    with database.write() as conn:
        conn.execute(text("DELETE FROM sqlite_stat1"))
    database.close()


def steps(database: Database, question: Question, address: str, edges: Sequence[datetime]) -> int:
    """Count what the answer to a question costs."""
    seen = sight(viewer(SCHOOL, address))
    return counted(database, lambda conn: question(conn, seen, edges))


@pytest.mark.parametrize("address", [HEAD, YEAR_8, LEAD])
@pytest.mark.parametrize("name", QUESTIONS)
def test_the_same_hours_cost_the_same_however_long_the_record_is(records, name, address):
    few, many = (steps(database, QUESTIONS[name], address, SHORT) for database in records)
    assert many < few * A_LITTLE


@pytest.mark.parametrize("name", ["messages", "flags", "waits", "years"])
def test_twice_as_many_hours_cost_about_twice_as_much(records, name):
    _, many = records
    short, long = (steps(many, QUESTIONS[name], HEAD, edges) for edges in (SHORT, LONG))
    assert 1.5 * short < long < 2.5 * short


def test_the_newest_lines_of_the_audit_cost_the_same_however_long_it_is(records):
    who = viewer(SCHOOL, "admin@oakfield.example")
    few, many = (counted(database, lambda conn: search(conn, who, Sought())) for database in records)
    assert many < few * A_LITTLE
