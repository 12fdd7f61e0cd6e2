"""Who is signed in. A session is found by the keyed digest of its token; the token itself is not kept."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, delete, insert, select, update

from triage.domain.school import Role
from triage.store.addresses import address_hash, normalised
from triage.store.encrypted import keyring_of
from triage.store.keys import Keyring
from triage.store.tables import accounts, sessions

TOKEN_BYTES = 32
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts: ``idle`` without a request, ``absolute`` whatever happens."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=10)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is signed in. ``roles`` come beside those that the settings give to the address.

    ``awaits_code`` is true until somebody who has a second factor has given it: then nothing else is shown.
    """

    id: int
    address: str
    roles: frozenset[Role]
    created_at: datetime
    seen_at: datetime
    second_factor_at: datetime | None
    awaits_code: bool = False


def open_session(
    conn: Connection,
    address: str,
    now: datetime,
    *,
    roles: Iterable[Role] = (),
    second_factor_at: datetime | None = None,
) -> tuple[int, str]:
    """Open a session; returns its id and its token. ``second_factor_at`` is when it was given already."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    keyring = keyring_of(conn)
    values = {
        "token_hash": _digest(keyring, token),
        "address_hash": address_hash(keyring, address),
        "address": normalised(address),
        "roles": sorted(role.value for role in roles),
        "created_at": now,
        "seen_at": now,
        "second_factor_at": second_factor_at,
    }
    opened = conn.execute(insert(sessions).values(**values).returning(sessions.c.id))
    return opened.scalar_one(), token


def find_session(conn: Connection, token: str, now: datetime, limits: Limits) -> Session | None:
    """Return the session of a token; None when it is over or unknown, or its account is disabled."""
    own = sessions.c.token_hash == _digest(keyring_of(conn), token)
    row = conn.execute(_alive(now, limits).where(own)).mappings().first()
    return None if row is None else _session(row)


def list_sessions(
    conn: Connection, now: datetime, limits: Limits, address: str | None = None
) -> list[Session]:
    """Return the sessions that are open, of one address or of all, the newest first."""
    chosen = _alive(now, limits).order_by(sessions.c.id.desc())
    if address is not None:
        chosen = chosen.where(_of(conn, address))
    return [_session(row) for row in conn.execute(chosen).mappings()]


def note_seen(conn: Connection, session: Session, now: datetime) -> None:
    """Note that a session is in use. Ask ``is_due`` first: not every request is worth a write."""
    later = update(sessions).where(sessions.c.id == session.id, sessions.c.seen_at < now)
    conn.execute(later.values(seen_at=now))


def is_due(session: Session, now: datetime) -> bool:
    """Tell whether it is time to note again that a session is in use: once a minute at most."""
    return now - session.seen_at >= SEEN_EVERY


def renew_token(conn: Connection, session_id: int) -> str:
    """Give a session another token: whoever learnt the old one has nothing."""
    return _renewed(conn, session_id)


def note_second_factor(conn: Connection, session_id: int, now: datetime) -> str:
    """Note that the second factor was given now; returns the session's new token."""
    return _renewed(conn, session_id, second_factor_at=now)


def end_session(conn: Connection, session_id: int, address: str) -> bool:
    """End one session of an address; False when there is none of that id, or it is somebody else's."""
    ended = delete(sessions).where(sessions.c.id == session_id, _of(conn, address))
    return conn.execute(ended).rowcount == 1


def end_sessions(conn: Connection, address: str | None = None, *, but: int | None = None) -> int:
    """End every session of an address, or of everybody, but for one; returns how many."""
    ended = delete(sessions)
    if address is not None:
        ended = ended.where(_of(conn, address))
    if but is not None:
        ended = ended.where(sessions.c.id != but)
    return conn.execute(ended).rowcount


def purge_sessions(conn: Connection, now: datetime, limits: Limits) -> int:
    """Remove the sessions that are over; returns how many."""
    over = (sessions.c.seen_at <= now - limits.idle) | (sessions.c.created_at <= now - limits.absolute)
    return conn.execute(delete(sessions).where(over)).rowcount


def _alive(now: datetime, limits: Limits) -> Select[tuple[object, ...]]:
    columns = [sessions.c[name] for name in Session.__dataclass_fields__ if name != "awaits_code"]
    beside = sessions.outerjoin(accounts, accounts.c.address_hash == sessions.c.address_hash)
    return (
        select(*columns, accounts.c.totp_step.is_not(None).label("has_code"))
        .select_from(beside)
        .where(
            sessions.c.seen_at > now - limits.idle,
            sessions.c.created_at > now - limits.absolute,
            accounts.c.disabled_at.is_(None),
        )
    )


def _session(row: RowMapping) -> Session:
    known = {role.value for role in Role}
    return Session(
        id=row["id"],
        address=row["address"],
        roles=frozenset(Role(role) for role in row["roles"] if role in known),
        created_at=row["created_at"],
        seen_at=row["seen_at"],
        second_factor_at=row["second_factor_at"],
        awaits_code=bool(row["has_code"]) and row["second_factor_at"] is None,
    )


def _renewed(conn: Connection, session_id: int, **values: object) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    digest = _digest(keyring_of(conn), token)
    conn.execute(update(sessions).where(sessions.c.id == session_id).values(token_hash=digest, **values))
    return token


def _of(conn: Connection, address: str) -> ColumnElement[bool]:
    return sessions.c.address_hash == address_hash(keyring_of(conn), address)


def _digest(keyring: Keyring, token: str) -> str:
    return keyring.digest("session", token)
