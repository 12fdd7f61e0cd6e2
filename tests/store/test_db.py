"""Opening, transactions, the clock, and trouble in one clear line."""

import stat
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update

from tests.store.builders import NOW
from triage.store import switches
from triage.store.db import Database, StoreError, database_now, insert_new, open_database
from triage.store.keys import Keyring
from triage.store.tables import audit, cases, leases, mailboxes


@pytest.fixture
def sqlite(tmp_path: Path, sqlite_template: Path, keyring: Keyring):
    (tmp_path / "triage.db").write_bytes(sqlite_template.read_bytes())
    opened = open_database(f"sqlite:///{tmp_path}/triage.db", keyring, busy_seconds=0.05)
    yield opened
    opened.close()


def write_a_case(database: Database, key: str = "k") -> None:
    with database.write() as conn:
        conn.execute(insert(cases).values(key=key, created_at=NOW))


def write_and_fail(database: Database) -> None:
    with database.write() as conn:
        conn.execute(insert(cases).values(key="k", created_at=NOW))
        raise RuntimeError


def fill(database: Database, pages: int) -> None:
    """Write more cases than so many pages hold."""
    with database.write() as conn:
        conn.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        for number in range(10_000):
            insert_new(conn, cases, {"key": f"k{number}", "created_at": NOW})


def number_of_cases(database: Database) -> int:
    with database.read() as conn:
        return len(conn.execute(select(cases.c.id)).all())


def test_a_transaction_that_ends_well_is_kept(database: Database):
    write_a_case(database)
    assert number_of_cases(database) == 1


def test_a_transaction_that_raises_leaves_nothing(database: Database):
    with pytest.raises(RuntimeError):
        write_and_fail(database)
    assert number_of_cases(database) == 0


def test_a_reading_transaction_cannot_write(database: Database):
    with pytest.raises(StoreError), database.read() as conn:
        conn.execute(insert(cases).values(key="k", created_at=NOW))
    assert number_of_cases(database) == 0


def test_a_connection_that_read_can_write_again(database: Database):
    number_of_cases(database)
    write_a_case(database)
    assert number_of_cases(database) == 1


def test_a_reader_sees_one_moment_while_another_writes(sqlite: Database):
    with sqlite.read() as conn:
        before = conn.execute(select(cases.c.id)).all()
        write_a_case(sqlite)
        assert conn.execute(select(cases.c.id)).all() == before


def test_the_database_has_its_own_clock_in_utc(database: Database):
    with database.read() as conn:
        moment = database_now(conn)
    assert moment.tzinfo is UTC
    assert abs(moment - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_databases_clock_ticks_inside_a_transaction(database: Database):
    with database.read() as conn:
        first = database_now(conn)
        assert any(database_now(conn) > first for _ in range(100_000))


def test_a_moment_comes_back_aware_in_utc(database: Database):
    summer = datetime(2026, 7, 1, 9, 0, tzinfo=timezone(timedelta(hours=1)))
    with database.write() as conn:
        conn.execute(insert(leases).values(name="a", holder="b", expires_at=summer))
    with database.read() as conn:
        read = conn.execute(select(leases.c.expires_at)).scalar_one()
    assert (read, read.tzinfo) == (datetime(2026, 7, 1, 8, 0, tzinfo=UTC), UTC)


def test_a_naive_moment_is_refused(database: Database):
    naive = datetime(2026, 7, 1, 9, 0)  # noqa: DTZ001 - the mistake itself
    with pytest.raises(StoreError, match="refused"), database.write() as conn:
        conn.execute(insert(leases).values(name="a", holder="b", expires_at=naive))


def test_encrypted_text_comes_back_and_none_stays_null(database: Database):
    with database.write() as conn:
        insert_new(conn, cases, {"key": "k", "created_at": NOW, "subject": "Jake’s inhaler", "sender": None})
    with database.read() as conn:
        assert conn.execute(select(cases.c.subject, cases.c.sender)).one() == ("Jake’s inhaler", None)
        assert conn.execute(text("SELECT sender IS NULL FROM cases")).scalar_one()


def test_two_schools_in_one_process_keep_their_own_keys(tmp_path: Path, sqlite_template: Path):
    stored = {}
    for name in ("oakfield", "elmfield"):
        (tmp_path / f"{name}.db").write_bytes(sqlite_template.read_bytes())
        keyring = Keyring.generate(tmp_path / f"{name}.key")
        database = open_database(f"sqlite:///{tmp_path}/{name}.db", keyring)
        with database.write() as conn:
            insert_new(conn, cases, {"key": "k", "created_at": NOW, "subject": name})
            stored[name] = conn.execute(text("SELECT subject FROM cases")).scalar_one()
        database.close()
        assert keyring.decrypt(stored[name]) == name


def test_insert_new_says_none_when_the_row_was_there(database: Database):
    values = {"key": "k", "created_at": NOW}
    with database.write() as conn:
        assert insert_new(conn, cases, values) is not None
        assert insert_new(conn, cases, values) is None


@pytest.mark.parametrize("table", [cases, audit], ids=lambda table: table.name)
def test_an_id_is_never_given_twice(database: Database, table):
    line = {"key": "k", "created_at": NOW, "at": NOW, "actor": "a", "action": "b", "object": "c", "link": "d"}
    values = {name: value for name, value in line.items() if name in table.c}
    with database.write() as conn:
        first = insert_new(conn, table, values)
        conn.execute(table.delete())
        second = insert_new(conn, table, values)
    assert second != first


def test_a_broken_rule_is_an_error_without_the_values(database: Database):
    twice = [{"address_hash": "h", "address": "Zara"} | MAILBOX] * 2
    with pytest.raises(StoreError) as caught, database.write() as conn:
        conn.execute(insert(mailboxes), twice)
    assert caught.value.kind == "broken"
    assert "Zara" not in str(caught.value) + str(caught.value.__cause__)


MAILBOX = {"folder": "INBOX", "high_water": 0, "no_reply_below": 0, "failures": 0}


def test_an_unknown_reference_is_refused(database: Database):
    with pytest.raises(StoreError), database.write() as conn:
        conn.execute(text("INSERT INTO case_pupils (case_id, pupil_id) VALUES (999, 'P001')"))


def test_a_database_without_tables_names_the_command(empty_url: str, keyring: Keyring):
    database = open_database(empty_url, keyring)
    with pytest.raises(StoreError, match="triage upgrade") as caught, database.read() as conn:
        conn.execute(select(cases.c.id)).all()
    database.close()
    assert caught.value.kind == "schema"


def test_sqlite_waits_for_nobody_for_ever(sqlite: Database):
    with sqlite.write(), pytest.raises(StoreError, match="locked") as caught:
        write_a_case(sqlite)
    assert caught.value.kind == "locked"


def test_postgresql_waits_for_nobody_for_ever(postgres_migrated: str, keyring: Keyring):
    database = open_database(postgres_migrated, keyring, busy_seconds=0.05)
    with database.write() as conn:
        switches.stop_replies(conn, "a test", "head", NOW)
        with pytest.raises(StoreError, match="locked") as caught, database.write() as other:
            switches.stop_replies(other, "another", "head", NOW)
    database.close()
    assert caught.value.kind == "locked"


def test_a_full_disk_is_one_clear_line_and_nothing_is_half_written(sqlite: Database):
    with sqlite.engine.connect() as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
    with pytest.raises(StoreError, match="full") as caught:
        fill(sqlite, pages + 2)
    assert caught.value.kind == "full"
    assert number_of_cases(sqlite) == 0


def test_after_a_full_disk_work_goes_on(sqlite: Database):
    with pytest.raises(StoreError):
        fill(sqlite, 1)
    with sqlite.write() as conn:
        conn.exec_driver_sql("PRAGMA max_page_count = 1000000")
        insert_new(conn, cases, {"key": "k", "created_at": NOW})
    assert number_of_cases(sqlite) == 1


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/at/all.db",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://localhost/school",
        "not a url",
    ],
)
def test_a_database_that_cannot_be_is_refused_at_once(url: str, keyring: Keyring):
    with pytest.raises(StoreError) as caught:
        open_database(url, keyring)
    assert caught.value.kind == "unreachable"


def test_a_server_that_is_not_there_is_one_clear_line(keyring: Keyring):
    database = open_database("postgresql://postgres@127.0.0.1:1/school", keyring)
    with pytest.raises(StoreError, match="cannot be opened") as caught, database.read():
        pass
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path, keyring: Keyring):
    (tmp_path / "letter.db").write_text("Dear parents, " * 500)
    database = open_database(f"sqlite:///{tmp_path}/letter.db", keyring)
    with pytest.raises(StoreError, match="cannot be opened"), database.read():
        pass
    database.close()


def test_a_new_sqlite_file_is_for_its_owner_only(tmp_path: Path, keyring: Keyring):
    open_database(f"sqlite:///{tmp_path}/new.db", keyring).close()
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


def test_sqlite_is_durable_and_keeps_references(sqlite: Database):
    with sqlite.engine.connect() as conn:
        read = {
            pragma: conn.exec_driver_sql(f"PRAGMA {pragma}").scalar_one()
            for pragma in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert read == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_lock_that_goes_in_time_is_waited_for(tmp_path: Path, sqlite_template: Path, keyring: Keyring):
    (tmp_path / "triage.db").write_bytes(sqlite_template.read_bytes())
    database = open_database(f"sqlite:///{tmp_path}/triage.db", keyring)
    waiting = threading.Thread(target=write_a_case, args=(database, "second"))
    with database.write() as conn:
        waiting.start()
        conn.execute(update(leases).values(holder="x"))
    waiting.join()
    assert number_of_cases(database) == 1
    database.close()
