"""Logins that a mail server has refused: asked again and again with a wrong password it locks the account.

So each is tried again after a wait that doubles, and a changed password at once. What is kept of a password
is four letters of a keyed hash: enough to tell that it is another, too few to tell anything else.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from triage.store.db import ignoring
from triage.store.encrypted import keyring_of
from triage.store.tables import switches

FIRST = timedelta(minutes=15)
LONGEST = timedelta(hours=2)

BY_TOKEN = timedelta(minutes=5)
"""The wait after a token: no account is locked by one, and what is mended for it is mended elsewhere."""

_PREFIX = "login "
_MARK = 4


@dataclass(frozen=True, slots=True)
class Account:
    """Who logs in where, and with what; of a token ``secret`` is what it is given for."""

    server: str
    username: str
    secret: str = field(repr=False)
    by_token: bool = False


def waits_until(conn: Connection, account: Account, now: datetime) -> datetime | None:
    """Return until when a login is not to be tried, None where it may be tried now."""
    found = _row(conn, account)
    if found is None or found[1] != _mark(conn, account):
        return None
    times, _, at = found
    until = at + _wait(times, account)
    # A moment too far ahead was written by a wrong clock.
    return until if now < until <= now + LONGEST else None


def refuse(conn: Connection, account: Account, now: datetime) -> datetime:
    """Note that a login was refused, and return until when it is not to be tried again."""
    found, mark = _row(conn, account), _mark(conn, account)
    times = found[0] + 1 if found is not None and found[1] == mark else 1
    name = _name(conn, account)
    conn.execute(ignoring(conn, switches).values(name=name))
    conn.execute(update(switches).where(switches.c.name == name).values(value=f"{times} {mark}", at=now))
    return now + _wait(times, account)


def forget(conn: Connection, account: Account) -> None:
    """Note that a login was taken."""
    conn.execute(delete(switches).where(switches.c.name == _name(conn, account)))


def _wait(times: int, account: Account) -> timedelta:
    wait: timedelta = min(FIRST * 2 ** min(times - 1, 16), LONGEST)
    return BY_TOKEN if account.by_token else wait


def _row(conn: Connection, account: Account) -> tuple[int, str, datetime] | None:
    """Return how often a login was refused, the mark of its password, and when it was refused last."""
    row = conn.execute(select(switches).where(switches.c.name == _name(conn, account))).first()
    if row is None:
        return None
    times, mark = row.value.split()
    return int(times), mark, row.at


def _name(conn: Connection, account: Account) -> str:
    return _PREFIX + keyring_of(conn).digest("login", account.server, account.username)


def _mark(conn: Connection, account: Account) -> str:
    return keyring_of(conn).digest("password", account.server, account.username, account.secret)[:_MARK]
