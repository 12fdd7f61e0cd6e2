"""A check that signs in ends the wait of decision 0022: what somebody has mended counts from then on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from triage.bootstrap import may_be_on_record, open_record
from triage.check.tokens import Anew
from triage.logins import account_of
from triage.mail.imap import Login
from triage.settings import Settings
from triage.store import refused
from triage.store.db import Database
from triage.store.errors import StoreError
from triage.store.keys import KeyringError
from triage.tokens import TokenKeeper

ENDED = "the wait after its refused login is over: the service reads it at its next look"


def end_wait(settings: Settings, login: Login, clock: Callable[[], datetime]) -> bool:
    """End the wait of a login that was taken just now; return whether there was one.

    The token by which it was taken takes the place of the one that was refused, or could not be renewed.
    Without a record there is no wait, and of one that cannot be opened the check of the database tells.
    """
    try:
        with _record(settings) as database:
            return database is not None and _ended(database, settings, login, clock)
    except (StoreError, KeyringError):
        return False


@contextmanager
def _record(settings: Settings) -> Iterator[Database | None]:
    database = open_record(settings) if may_be_on_record(settings) else None
    try:
        yield database
    finally:
        if database is not None:
            database.close()


def _ended(database: Database, settings: Settings, login: Login, clock: Callable[[], datetime]) -> bool:
    account, now = account_of(settings.imap.server(), login), clock()
    with database.read() as conn:
        waits = refused.waits_until(conn, account, now) is not None
    if waits:
        with database.write() as conn:
            refused.forget(conn, account)
    return (isinstance(login.tokens, Anew) and _renewed(database, login.tokens, waits=waits)) or waits


def _renewed(database: Database, tokens: Anew, *, waits: bool) -> bool:
    """Keep the check's token where there is trouble with the one on record; return whether there is."""
    keeper = TokenKeeper(database, tokens.clock)
    if tokens.had is None or not (waits or keeper.waits(tokens.grant)):
        return False
    keeper.keep(tokens.grant, tokens.had)
    return True
