"""The audit's chain shows what was changed, put in or taken out."""

import threading

import pytest
from sqlalchemy import delete, insert, select, update

from tests.store.builders import MINUTE, NOW
from triage.store import audit
from triage.store.db import Database
from triage.store.keys import Keyring
from triage.store.tables import audit as table

HEAD = "head@oakfield.example"


def write(database: Database, number: int) -> None:
    with database.write() as conn:
        audit.append(
            conn, database.keyring, NOW + number * MINUTE, HEAD, "text read", object_=f"case {number}"
        )


def broken(database: Database) -> int | None:
    with database.read() as conn:
        return audit.verify(conn, database.keyring)


@pytest.fixture
def ids(database: Database) -> list[int]:
    for number in range(4):
        write(database, number)
    with database.read() as conn:
        return list(conn.execute(select(table.c.id).order_by(table.c.id)).scalars())


def test_an_empty_audit_is_whole(database):
    assert broken(database) is None


def test_an_untouched_audit_is_whole(database, ids):
    assert broken(database) is None


def test_lines_come_back_in_order(database, ids):
    with database.read() as conn:
        found = audit.lines(conn)
    assert [line.object for line in found] == ["case 0", "case 1", "case 2", "case 3"]
    assert (found[0].at, found[0].actor, found[0].action) == (NOW, HEAD, "text read")


@pytest.mark.parametrize(
    "change", [{"object": "case 9"}, {"action": "text not read"}, {"actor": "somebody"}, {"at": NOW - MINUTE}]
)
def test_a_changed_line_is_found(database, ids, change):
    with database.write() as conn:
        conn.execute(update(table).where(table.c.id == ids[1]).values(**change))
    assert broken(database) == ids[1]


def test_a_line_taken_out_is_found_at_the_next(database, ids):
    with database.write() as conn:
        conn.execute(delete(table).where(table.c.id == ids[1]))
    assert broken(database) == ids[2]


def test_lines_taken_off_the_end_are_found(database, ids):
    with database.write() as conn:
        conn.execute(delete(table).where(table.c.id == ids[3]))
    assert broken(database) == ids[2] + 1


def test_a_line_put_in_is_found(database, ids):
    with database.write() as conn:
        line = {"at": NOW, "actor": HEAD, "action": "text read", "object": "case 5", "link": "0" * 64}
        conn.execute(insert(table).values(**line))
    assert broken(database) == ids[3] + 1


def test_lines_that_change_places_are_found(database, ids):
    with database.write() as conn:
        first, second = (
            conn.execute(select(table.c.object, table.c.link).where(table.c.id == each)).one()
            for each in ids[1:3]
        )
        for each, line in zip(ids[1:3], (second, first), strict=True):
            conn.execute(update(table).where(table.c.id == each).values(object=line[0], link=line[1]))
    assert broken(database) == ids[1]


def test_another_key_does_not_fit_the_chain(database, ids, tmp_path):
    with database.read() as conn:
        assert audit.verify(conn, Keyring.generate(tmp_path / "other.key")) == ids[0]


def test_a_line_is_undone_with_its_transaction(database, ids):
    with pytest.raises(RuntimeError):
        write_and_fail(database)
    assert broken(database) is None


def test_lines_written_at_once_follow_one_another(database):
    threads = [threading.Thread(target=write, args=(database, number)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken(database) is None
    with database.read() as conn:
        assert len(audit.lines(conn)) == 12


def write_and_fail(database: Database) -> None:
    with database.write() as conn:
        audit.append(conn, database.keyring, NOW, HEAD, "text read", object_="case 8")
        raise RuntimeError
