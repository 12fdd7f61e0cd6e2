"""Writing down what a provider answered, so that no token that somebody has had meanwhile is lost."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.mail.oauth import Grant, Token
from triage.mail.token_error import TokenError
from triage.store import refused as refused_logins
from triage.store import tokens
from triage.store.db import Database
from triage.store.errors import StoreError
from triage.store.mailboxes import keep_lease, release_lease
from triage.store.tokens import TokenRow

FIRST, LONGEST = timedelta(seconds=30), timedelta(minutes=15)
"""The waits after a provider could not be reached."""

ALIVE = timedelta(minutes=2)
"""The longest wait while the old token is good."""

LEASE = 60.0
"""For so many seconds one process asks: longer than an exchange with a provider may last."""

_PASSING = frozenset({"locked", "full", "unreachable"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a provider was asked for: what was on record before, and under whose lease.

    ``refused`` is the token that a mail server has refused, where that is why.
    """

    grant: Grant
    name: str
    before: TokenRow | None
    refused: str | None = field(repr=False)
    holder: str


def write_token(
    database: Database, asked: Asked, token: Token, now: datetime, pauses: tuple[float, ...]
) -> TokenRow:
    """Write a token down unless another was had meanwhile; return what is on record. Raises StoreError.

    Also where the lease was lost: what it was renewed with may be used up, and then nobody has a better.
    """

    def write(conn: Connection) -> TokenRow:
        row = tokens.hold_token(conn, asked.name, asked.grant.whose)
        if not _is_as_before(row, asked.before):
            return row
        put_token(conn, asked.name, asked.grant, token, now, forced=asked.refused is not None)
        return tokens.hold_token(conn, asked.name, asked.grant.whose)

    return _written(database, asked, write, pauses)


def write_failure(
    database: Database, asked: Asked, error: TokenError, now: datetime, pauses: tuple[float, ...]
) -> TokenRow:
    """Write a failure down unless a token was had meanwhile, or another asks now; return what is on record.

    Raises StoreError.
    """

    def write(conn: Connection) -> TokenRow:
        row = tokens.hold_token(conn, asked.name, asked.grant.whose)
        if _is_as_before(row, asked.before) and keep_lease(conn, lease_of(asked.name), asked.holder, LEASE):
            _note(conn, asked, row, error, now)
        return row

    return _written(database, asked, write, pauses)


def put_token(
    conn: Connection,
    name: str,
    grant: Grant,
    token: Token,
    now: datetime,
    *,
    forced: bool = False,
    logged_in: bool = False,
) -> None:
    """Write a token down, whatever is on record."""
    given = {"obtained_at": now, "expires_at": token.expires_at}
    tokens.keep_token(
        conn, name, grant.whose, token.value, token.refresh, **given, forced=forced, logged_in=logged_in
    )


def give_back(database: Database, asked: Asked) -> None:
    """Give the lease back; a database in trouble lets it run out."""
    with suppress(StoreError), database.write() as conn:
        release_lease(conn, lease_of(asked.name), asked.holder)


def lease_of(name: str) -> str:
    """Return the name of the lease under which a token is asked for."""
    return f"oauth:{name}"


def _written(
    database: Database, asked: Asked, write: Callable[[Connection], TokenRow], pauses: tuple[float, ...]
) -> TokenRow:
    """Write, and again while the database is away: what a refresh token gave is given once."""
    for pause in (*pauses, None):
        try:
            with database.write() as conn:
                row = write(conn)
                release_lease(conn, lease_of(asked.name), asked.holder)
                return row
        except StoreError as error:
            if pause is None or error.kind not in _PASSING:
                give_back(database, asked)
                raise
            time.sleep(pause)
    raise AssertionError("the last try returns or raises")


def _is_as_before(row: TokenRow, before: TokenRow | None) -> bool:
    """Tell whether nobody has had another token since."""
    then = (before.access, before.refresh, before.logged_in_at) if before else (None, None, None)
    return (row.access, row.refresh, row.logged_in_at) == then


def _note(conn: Connection, asked: Asked, row: TokenRow, error: TokenError, now: datetime) -> None:
    tokens.note_failure(
        conn,
        asked.name,
        asked.grant.whose,
        now=now,
        retry_at=now + _wait(error, row, asked.refused, now),
        kind=error.kind,
        code=error.code,
        words=error.words,
        mark=tokens.mark_of(conn, asked.grant.provider.proof),
    )


def _wait(error: TokenError, row: TokenRow, refused: str | None, now: datetime) -> timedelta:
    """Return for how long a provider is not asked again: as long as it has failed for, within limits.

    While the old token is good it is asked often, so that one wrong "no" leaves no mail unread.
    """
    if error.wait is not None:
        return timedelta(seconds=error.wait)
    first, longest = (
        (refused_logins.FIRST, refused_logins.LONGEST) if error.kind == "refused" else (FIRST, LONGEST)
    )
    lasts = now - row.failing_since if row.failing_since else timedelta()
    wait: timedelta = min(max(lasts, first), longest)
    good = row.access != refused and row.expires_at is not None and now < row.expires_at
    return min(wait, ALIVE) if good else wait
