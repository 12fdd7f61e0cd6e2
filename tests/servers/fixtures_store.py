"""Fixtures of the store: every test that asks for ``database`` runs on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine

from tests.servers.ports import missing
from tests.servers.postgres import Postgres, find_postgres
from triage.store import audit
from triage.store.db import Database, open_database, upgrade
from triage.store.keys import Keyring
from triage.store.tables import metadata


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    if find_postgres("initdb") is None or find_postgres("postgres") is None:
        missing("PostgreSQL", "postgresql")
    with Postgres.start() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The key file of every database of the tests."""
    path = tmp_path_factory.mktemp("keys") / "triage.key"
    Keyring.generate(path)
    return path


@pytest.fixture(scope="session")
def keyring(key_file: Path) -> Keyring:
    return Keyring.load(key_file)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    cluster: Postgres = request.getfixturevalue("postgres")
    url = cluster.fresh_url()
    yield url
    cluster.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with every table and nothing in them."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "triage.db")
        yield f"sqlite:///{tmp_path}/triage.db"
        return
    url: str = request.getfixturevalue("postgres_migrated")
    _empty(url, request.getfixturevalue("keyring"))
    yield url


@pytest.fixture
def database(database_url: str, keyring: Keyring) -> Iterator[Database]:
    """An open database with every table and nothing in them."""
    opened = open_database(database_url, keyring)
    share_statements(opened)
    yield opened
    opened.close()


_FIRST: dict[str, Engine] = {}


def share_statements(opened: Database) -> None:
    """Let a database know the statements that were compiled for those before it in this process.

    A service opens its database once and compiles a statement once: so do the tests of one process. All
    of them are to have the same key file, for what decrypts a column is compiled with it.
    """
    first = _FIRST.setdefault(opened.engine.name, opened.engine)
    opened.engine.dialect, opened.engine._compiled_cache = first.dialect, first._compiled_cache


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    _migrate(f"sqlite:///{path}", keyring)
    return path


@pytest.fixture(scope="session")
def postgres_migrated(postgres: Postgres, keyring: Keyring) -> str:
    """One migrated database for the whole session: to empty it takes a tenth of making another."""
    url = postgres.fresh_url()
    _migrate(url, keyring)
    return url


@contextmanager
def fresh_database(
    request: pytest.FixtureRequest, keyring: Keyring, folders: pytest.TempPathFactory
) -> Iterator[Database]:
    """Open a database for all tests of a module, of the kind that the fixture's parameter names."""
    if request.param == "sqlite":
        file = folders.mktemp("module") / "triage.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        url = f"sqlite:///{file}"
    else:
        url = request.getfixturevalue("postgres").fresh_url()
        _migrate(url, keyring)
    opened = open_database(url, keyring)
    try:
        yield opened
    finally:
        opened.close()


_AS_NEW = "; ".join(
    [
        *(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)),
        "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'",
    ]
)


def _empty(url: str, keyring: Keyring) -> None:
    """Make a database as new, whatever a test has left in it or open to it.

    Few rows are deleted in a seventh of the time that it takes to truncate so many tables.
    """
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        conn.execute(_AS_NEW)
        conn.execute("INSERT INTO switches (name) VALUES ('replies')")
        conn.execute("INSERT INTO switches (name, value) VALUES ('audit', %s)", [audit.sealed(keyring, "")])


def _migrate(url: str, keyring: Keyring) -> None:
    database = open_database(url, keyring)
    upgrade(database)
    database.close()
