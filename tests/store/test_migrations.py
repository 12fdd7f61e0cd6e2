"""The migrations make what the tables say, on both databases, more than once and from several at a time."""

import threading

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, inspect, select

from tests.store.builders import NOW
from triage.domain.model import Topic
from triage.domain.visibility import Scope
from triage.store import switches
from triage.store.db import (
    Database,
    StoreError,
    _alembic_config,
    current_revision,
    head_revision,
    open_database,
    upgrade,
)
from triage.store.flags import list_flags
from triage.store.keys import Keyring
from triage.store.tables import cases, flag_events, flags, metadata


@pytest.fixture
def empty(empty_url: str, keyring: Keyring):
    opened = open_database(empty_url, keyring)
    yield opened
    opened.close()


def test_the_migrations_make_exactly_the_tables(empty: Database):
    upgrade(empty)
    with empty.engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn, opts={"compare_type": True}), metadata) == []


def test_an_empty_database_has_no_revision(empty: Database):
    assert current_revision(empty) is None


def test_an_upgraded_database_is_at_head(empty: Database):
    upgrade(empty)
    assert current_revision(empty) == head_revision()


def test_a_second_upgrade_changes_nothing(empty: Database):
    upgrade(empty)
    with empty.write() as conn:
        switches.stop_replies(conn, "a test", "head@oakfield.example", NOW)
    upgrade(empty)
    with empty.read() as conn:
        assert switches.replies_stopped(conn) is not None


def test_what_an_earlier_version_kept_is_read_after_the_upgrade(empty: Database):
    _upgrade_to(empty, "0001")
    with empty.write() as conn:
        conn.execute(insert(cases).values(id=1, key="k", created_at=NOW))
        old = {"case_id": 1, "dedupe": "d", "topic": "medical", "severity": "review", "route": "office"}
        conn.execute(insert(flags).values(**old, why="medical 0.90", state="open", created_at=NOW))
    upgrade(empty)
    with empty.read() as conn:
        (row,) = list_flags(conn, Scope("safe@oakfield.example", everything=True))
    assert (row.flag.topic, row.flag.joined) == (Topic.MEDICAL, ())


def test_talks_of_before_are_known_after_the_upgrade(empty: Database):
    _upgrade_to(empty, "0008")
    old = {"dedupe": "d", "topic": "medical", "severity": "review", "route": "office", "why": "medical 0.90"}
    event = {"flag_id": 1, "at": NOW, "event": "resolved", "actor": "office@oakfield.example", "note": ""}
    with empty.write() as conn:
        conn.execute(insert(cases).values(id=1, key="k", created_at=NOW))
        conn.execute(insert(flags).values(id=1, case_id=1, **old, state="resolved", created_at=NOW))
        conn.execute(insert(flag_events).values(reason="dealt with in person", **event))
    upgrade(empty)
    with empty.read() as conn:
        assert conn.execute(select(flags.c.talked_at)).scalar_one() == NOW


def test_an_upgrade_can_be_taken_back(empty: Database):
    upgrade(empty)
    with empty.write() as conn:
        command.downgrade(_config(conn), "0001")
    upgrade(empty)
    assert current_revision(empty) == head_revision()


def test_four_processes_that_upgrade_at_once_all_come_out_well(empty: Database):
    threads = [threading.Thread(target=upgrade, args=(empty,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert current_revision(empty) == head_revision()


def test_an_upgrade_that_fails_leaves_nothing_half_done(empty: Database):
    with empty.write() as conn:
        conn.exec_driver_sql("CREATE TABLE reply_ledger (id INTEGER)")
    with pytest.raises(StoreError):
        upgrade(empty)
    with empty.engine.connect() as conn:
        assert inspect(conn).get_table_names() == ["reply_ledger"]


def test_replies_are_not_stopped_in_a_new_database(database: Database):
    with database.read() as conn:
        assert switches.replies_stopped(conn) is None


def _upgrade_to(database: Database, revision: str) -> None:
    with database.write() as conn:
        command.upgrade(_config(conn), revision)


def _config(conn):
    config = _alembic_config()
    config.attributes["connection"] = conn
    return config
