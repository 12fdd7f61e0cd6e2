"""The checks of what is kept: key file, database, roster, accounts, and whose clock is right."""

import stat
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from triage.check.line import Line, in_words, skipped
from triage.check.packs import check_packs
from triage.check.web import check_sign_in
from triage.settings import Settings
from triage.store.db import Database, current_revision, database_now, head_revision, open_database
from triage.store.errors import StoreError
from triage.store.keys import Keyring, KeyringError
from triage.store.roster import load_roster, roster_imported_at

ROSTER_OLD = timedelta(days=35)
CLOCK_WARN = timedelta(seconds=5)
CLOCK_FAIL = timedelta(minutes=1)
AFTER_DATABASE = ("roster", "packs", "sign-in", "clock")


def check_record(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Line]:
    """Check the key file, then the database with it, then what the database holds."""
    line, keyring = check_key_file(settings)
    yield line
    if keyring is None:
        yield from (skipped(name, "key-file") for name in ("database", *AFTER_DATABASE))
        return
    database = None
    try:
        database = _open(settings, keyring)
        line = check_database(database)
    except StoreError as error:
        line = Line("fail", "database", str(error))
    yield line
    if database is None or line.ok == "fail":
        yield from (skipped(name, "database") for name in AFTER_DATABASE)
    else:
        yield _asked(database, "roster", lambda conn: check_roster(conn, clock()))
        yield _asked(database, "packs", lambda conn: check_packs(settings, conn))
        yield _asked(database, "sign-in", lambda conn: check_sign_in(settings, conn))
        yield _asked(database, "clock", lambda conn: check_clock(conn, clock()))
    if database is not None:
        database.close()


def _open(settings: Settings, keyring: Keyring) -> Database:
    """Open the database. Opening a SQLite file would make it, and a check makes nothing."""
    url = make_url(settings.database.url.get_secret_value())
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        raise StoreError("unreachable", f"{url.database}: there is no such file")
    return open_database(settings.database.url.get_secret_value(), keyring)


def _asked(database: Database, name: str, ask: Callable[[Connection], Line]) -> Line:
    try:
        with database.read() as conn:
            return ask(conn)
    except (StoreError, KeyringError) as error:
        return Line("fail", name, str(error))


def check_key_file(settings: Settings) -> tuple[Line, Keyring | None]:
    """Read the key file, and look who else can."""
    file = settings.database.key_file
    try:
        keyring = Keyring.load(file)
    except KeyringError as error:
        return Line("fail", "key-file", str(error)), None
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Line("warn", "key-file", f"{file}: others on this machine can read it: chmod 600"), keyring
    return Line("ok", "key-file", str(file)), keyring


def check_database(database: Database) -> Line:
    """Compare the database's revision with the one that this version needs. Raises StoreError."""
    current, head = current_revision(database), head_revision()
    if current is None:
        return Line("fail", "database", "it has no tables yet: triage upgrade makes them")
    if current != head:
        words = f"it is at revision {current}, this version needs {head}: triage upgrade"
        return Line("fail", "database", words)
    return Line("ok", "database", f"{database.engine.dialect.name}, at revision {head}")


def check_roster(conn: Connection, now: datetime) -> Line:
    """Read the roster whole, which also tries the key, and tell its age. Raises StoreError, KeyringError."""
    imported = roster_imported_at(conn)
    roster = load_roster(conn)
    if imported is None or not roster:
        return Line("warn", "roster", "none is loaded: no pupil can be told")
    words = f"{len(roster.pupils)} pupils, loaded on {in_words(imported.date())}"
    if now - imported > ROSTER_OLD:
        return Line("warn", "roster", f"{words}: load a newer one")
    return Line("ok", "roster", words)


def check_clock(conn: Connection, now: datetime) -> Line:
    """Compare this machine's clock with the database's: claims and leases go by the latter."""
    apart = abs(database_now(conn) - now)
    words = f"{apart.total_seconds():.1f} seconds apart from the database's"
    if apart > CLOCK_FAIL:
        return Line("fail", "clock", f"{words}: set the time of both machines")
    return Line("warn" if apart > CLOCK_WARN else "ok", "clock", words)
