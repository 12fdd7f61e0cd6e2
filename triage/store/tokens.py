"""Tokens of OAuth 2.0 on record, encrypted: one row for each, shared by all processes.

A refresh token that was used is worth nothing any more, so what comes back is written in the same
transaction as its token, and one process renews at a time, under a lease (see ``triage.tokens``).
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from triage.store.db import ignoring
from triage.store.encrypted import keyring_of
from triage.store.tables import oauth_tokens

_MARK = 4


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token: good until ``expires_at``; what is None was never had.

    ``failing_since`` is when its renewal failed first and never worked since, ``failures`` how often that
    was, ``retry_at`` until when the provider is not asked again, ``kind``, ``code`` and ``words`` what is
    wrong; ``told_at`` is when people were told. ``forced_at`` is when a token was renewed last because a mail
    server had refused it, ``mark`` four letters that tell one proof of the app from another.
    """

    name: str
    whose: str
    access: str | None = field(repr=False)
    refresh: str | None = field(repr=False)
    obtained_at: datetime | None
    expires_at: datetime | None
    forced_at: datetime | None
    logged_in_at: datetime | None
    failing_since: datetime | None
    failures: int
    retry_at: datetime | None
    kind: str | None
    code: str | None
    words: str | None
    told_at: datetime | None
    mark: str | None


_WELL: dict[str, object] = {
    "failing_since": None,
    "failures": 0,
    "retry_at": None,
    "kind": None,
    "code": None,
    "words": None,
    "told_at": None,
}


def name_of(conn: Connection, key: tuple[str, ...]) -> str:
    """Return the name of a token's row, which tells nothing of whose it is."""
    return keyring_of(conn).digest("oauth", *key)


def mark_of(conn: Connection, proof: str) -> str:
    """Return what tells one proof of an app from another, and nothing else of it."""
    return keyring_of(conn).digest("oauth proof", proof)[:_MARK]


def read_token(conn: Connection, name: str) -> TokenRow | None:
    """Return a token, None where there is no row of it."""
    row = conn.execute(_SELECT.where(oauth_tokens.c.name == name)).mappings().first()
    return None if row is None else TokenRow(**row)


def hold_token(conn: Connection, name: str, whose: str) -> TokenRow:
    """Return a token that nobody else writes until this transaction ends; one that is not there is made."""
    conn.execute(ignoring(conn, oauth_tokens).values(name=name, whose=whose, failures=0))
    held = _SELECT.where(oauth_tokens.c.name == name).with_for_update()
    return TokenRow(**conn.execute(held).mappings().one())


def list_tokens(conn: Connection) -> list[TokenRow]:
    """Return every token, those that were had first before others."""
    rows = conn.execute(_SELECT.order_by(oauth_tokens.c.obtained_at, oauth_tokens.c.name)).mappings()
    return [TokenRow(**row) for row in rows]


def keep_token(
    conn: Connection,
    name: str,
    whose: str,
    access: str,
    refresh: str | None,
    *,
    obtained_at: datetime,
    expires_at: datetime,
    forced: bool = False,
    logged_in: bool = False,
) -> None:
    """Write down a token that was had, with what the next is had for; its renewal is well."""
    values: dict[str, object] = {"whose": whose, "access": access, "refresh": refresh}
    values |= _WELL | {"obtained_at": obtained_at, "expires_at": expires_at}
    if forced or logged_in:
        values["forced_at"] = obtained_at if forced else None
    if logged_in:
        values["logged_in_at"] = obtained_at
    _set(conn, name, whose, values)


def note_failure(
    conn: Connection,
    name: str,
    whose: str,
    *,
    now: datetime,
    retry_at: datetime,
    kind: str,
    code: str,
    words: str,
    mark: str,
) -> None:
    """Write down that a token could not be renewed."""
    before = read_token(conn, name)
    since = before.failing_since if before and before.failing_since else now
    failures = before.failures + 1 if before else 1
    values: dict[str, object] = {
        "failing_since": since,
        "failures": failures,
        "retry_at": retry_at,
        "mark": mark,
    }
    _set(conn, name, whose, values | {"kind": kind, "code": code, "words": words})


def untold(conn: Connection, lasting_since: datetime) -> datetime | None:
    """Return since when a token is not renewed of which nobody was told, None where there is none.

    What a provider refuses counts at once, all else when it has failed since before a moment.
    """
    found = select(func.min(oauth_tokens.c.failing_since)).where(*_untold(lasting_since))
    since: datetime | None = conn.execute(found).scalar()
    return since


def mark_told(conn: Connection, lasting_since: datetime, now: datetime) -> bool:
    """Note that people are told of those. False: they were."""
    told = update(oauth_tokens).where(*_untold(lasting_since)).values(told_at=now)
    return conn.execute(told).rowcount > 0


def _untold(lasting_since: datetime) -> tuple[ColumnElement[bool], ...]:
    counts = or_(oauth_tokens.c.kind == "refused", oauth_tokens.c.failing_since <= lasting_since)
    return oauth_tokens.c.failing_since.is_not(None), oauth_tokens.c.told_at.is_(None), counts


def _set(conn: Connection, name: str, whose: str, values: dict[str, object]) -> None:
    conn.execute(ignoring(conn, oauth_tokens).values(name=name, whose=whose, failures=0))
    conn.execute(update(oauth_tokens).where(oauth_tokens.c.name == name).values(**values))


_SELECT = select(*(oauth_tokens.c[each] for each in TokenRow.__dataclass_fields__))
