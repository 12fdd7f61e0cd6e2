"""Opening the database, its two kinds of transaction, its clock and its migrations."""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Engine, Insert, Row, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from triage.resources import resource
from triage.store import audit
from triage.store.encrypted import give_keyring
from triage.store.errors import StoreError, store_error
from triage.store.keys import Keyring

__all__ = [
    "Database",
    "StoreError",
    "current_revision",
    "database_now",
    "head_revision",
    "insert_all",
    "insert_new",
    "open_database",
    "upgrade",
]

# A server that vanished without a word is noticed within two minutes and not within two hours.
VANISHED_SERVER = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_SQLITE_NOW = text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")
_POSTGRESQL_NOW = text("SELECT clock_timestamp()")
MIGRATION_LOCK = 7_314_207  # any number, the same for all who migrate this database


class Database:
    """One open database. Transactions are short: nothing slow happens inside them."""

    def __init__(self, engine: Engine, keyring: Keyring) -> None:
        self.engine = engine
        self.keyring = keyring

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that commits at the end, or rolls back when anything is raised in it.

        SQLite takes its write lock at once (BEGIN IMMEDIATE). The lines for the audit are written at the end,
        after every other row: see ``audit``. Raises StoreError.
        """
        with self._transaction(writes=True) as conn:
            yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that cannot write. Raises StoreError."""
        with self._transaction(writes=False) as conn:
            yield conn

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Connection]:
        options: dict[str, Any] = {"triage_writes": writes, audit.KEPT: []}
        if self.engine.dialect.name == "postgresql":
            options["postgresql_readonly"] = not writes
        try:
            with self.engine.connect().execution_options(**options) as conn, conn.begin():
                yield conn
                audit.write_kept(conn)
        except SQLAlchemyError as error:
            raise store_error(error) from error


def open_database(url: str, keyring: Keyring, *, busy_seconds: float = 10) -> Database:
    """Open "sqlite:///path" or "postgresql://…". Tables are not looked at: see ``upgrade``.

    ``busy_seconds`` is how long a transaction waits for another's lock. Raises StoreError.
    """
    parsed = _parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite_engine(parsed, busy_seconds)
    else:
        engine = _postgresql_engine(parsed, busy_seconds)
    give_keyring(engine.dialect, keyring)
    return Database(engine, keyring)


def database_now(conn: Connection) -> datetime:
    """Return the database's own clock, which all its clients share, as it ticks inside the transaction."""
    if conn.dialect.name == "sqlite":
        words = conn.execute(_SQLITE_NOW).scalar_one()
        return datetime.fromisoformat(words).replace(tzinfo=UTC)
    moment: datetime = conn.execute(_POSTGRESQL_NOW).scalar_one()
    return moment.astimezone(UTC)


def insert_new(conn: Connection, table: Table, values: Mapping[str, object]) -> int | None:
    """Insert a row with an ``id`` unless it breaks a unique rule; return its id, or None if it was there."""
    made = insert_all(conn, table, [values], table.c.id)
    return int(made[0].id) if made else None


def insert_all(
    conn: Connection, table: Table, rows: Sequence[Mapping[str, object]], *returned: Column[Any]
) -> Sequence[Row[Any]]:
    """Insert rows with the same columns unless they break a unique rule; return columns of those inserted."""
    return conn.execute(ignoring(conn, table).returning(*returned), rows).all() if rows else ()


def ignoring(conn: Connection, table: Table) -> Insert:
    """Return an INSERT that does nothing when a unique rule is broken."""
    if conn.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def upgrade(database: Database) -> None:
    """Bring the tables to the newest revision, in one transaction, safe beside another that does the same.

    The audit of a version before this one gets its seal (see ``audit.seal``). Raises StoreError.
    """
    with database.write() as conn:
        if conn.dialect.name == "postgresql":
            conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        config = _alembic_config()
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
        audit.seal(conn, database.keyring, database_now(conn))


def current_revision(database: Database) -> str | None:
    """Return the revision that the database is at, None when it has none of our tables.

    Raises StoreError.
    """
    with database.read() as conn:
        return MigrationContext.configure(conn).get_current_revision()


@cache
def head_revision() -> str:
    """Return the newest revision that this version knows: to find it every migration is read, so once."""
    head = ScriptDirectory.from_config(_alembic_config()).get_current_head()
    if head is None:
        raise StoreError("broken", "no migrations are installed")
    return head


def _alembic_config() -> Config:
    config = Config(resource("alembic.ini"))
    config.set_main_option("script_location", str(resource("migrations")).replace("%", "%%"))
    return config


def _parse_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError("unreachable", "the url is not of the form sqlite:///… or postgresql://…") from error
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise StoreError("unreachable", f"{parsed.get_backend_name()} is not supported")
    if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise StoreError("unreachable", "SQLite needs a file, as in sqlite:///triage.db")
    return parsed


def _sqlite_engine(url: URL, busy_seconds: float) -> Engine:
    _make_private(Path(str(url.database)))
    engine = create_engine(url, connect_args={"timeout": busy_seconds}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private(path: Path) -> None:
    """Create the file so that only its owner can read it; SQLite gives its journal the same rights.

    A file that is there is never opened here: to close it would drop every lock that this process holds on
    it, as POSIX locks are, and another process could then take the journal away under our connections.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError("unreachable", f"{path}: {error.strerror}") from error


def _prepare_sqlite(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    del record
    assert isinstance(connection, sqlite3.Connection)  # noqa: S101 - tells the type checker, not the user
    connection.isolation_level = None  # BEGIN is ours, see _begin_sqlite
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(conn: Connection) -> None:
    writes = conn.get_execution_options().get("triage_writes", True)
    # A deferred transaction that turns to writing gets BUSY at once, whatever the timeout: so it cannot.
    connection = conn.connection.dbapi_connection
    assert isinstance(connection, sqlite3.Connection)  # noqa: S101 - tells the type checker, not the user
    connection.execute(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql_engine(url: URL, busy_seconds: float) -> Engine:
    # A claim that a crash of the server forgets would be answered twice; who freezes with a lock stops all.
    options = f"-c synchronous_commit=on -c lock_timeout={int(busy_seconds * 1000)}"
    options += " -c idle_in_transaction_session_timeout=30000"
    return create_engine(
        url,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": options, "connect_timeout": 10, **VANISHED_SERVER},
    )
