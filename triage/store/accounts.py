"""Local accounts: who may sign in by password, and their second factor.

Somebody who signs in by the school's provider has no row here until one is needed to shut them out.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from triage.store.addresses import address_hash, normalised
from triage.store.db import insert_new
from triage.store.encrypted import keyring_of
from triage.store.tables import accounts
from triage.store.totp import step_of


@dataclass(frozen=True, slots=True)
class Account:
    """One account. ``password`` is a hash, None where there is none; ``totp`` the confirmed secret.

    ``totp_step`` is the step of the last code that was taken: neither it nor an earlier one is taken again.
    """

    id: int
    address: str
    password: str | None = field(repr=False)
    totp: str | None = field(repr=False)
    totp_step: int | None
    created_at: datetime
    disabled_at: datetime | None

    @property
    def has_code(self) -> bool:
        """Whether a second factor is set up."""
        return self.totp is not None


def find_account(conn: Connection, address: str) -> Account | None:
    """Return the account of an address, also a disabled one."""
    columns = [accounts.c[name] for name in Account.__dataclass_fields__]
    row = conn.execute(select(*columns).where(_is(conn, address))).mappings().first()
    return None if row is None else Account(**row)


def add_account(conn: Connection, address: str, password: str | None, now: datetime) -> int | None:
    """Add an account with a hashed password and return its id; None when the address has one already."""
    values = {"address_hash": address_hash(keyring_of(conn), address), "address": normalised(address)}
    return insert_new(conn, accounts, values | {"password": password, "created_at": now})


def disable_account(conn: Connection, address: str, now: datetime) -> int | None:
    """Shut an address out, also of sessions that are open; returns its id, None when it was shut out already.

    Somebody without an account gets one, without a password: it shuts out whoever signs in elsewhere.
    """
    add_account(conn, address, None, now)
    shut = update(accounts).where(_is(conn, address), accounts.c.disabled_at.is_(None))
    return conn.execute(shut.values(disabled_at=now).returning(accounts.c.id)).scalar()


def enable_account(conn: Connection, address: str) -> int | None:
    """Let an address in again; returns its id, None when it was not shut out."""
    opened = update(accounts).where(_is(conn, address), accounts.c.disabled_at.is_not(None))
    return conn.execute(opened.values(disabled_at=None).returning(accounts.c.id)).scalar()


def shut_out(conn: Connection) -> frozenset[str]:
    """Return the addresses, in lower case, of those who are shut out, however they sign in."""
    shut = select(accounts.c.address).where(accounts.c.disabled_at.is_not(None))
    return frozenset(normalised(address) for address in conn.execute(shut).scalars())


def set_password(conn: Connection, account_id: int, password: str, *, instead_of: str | None) -> bool:
    """Keep another hash ``instead_of`` the one that was read; False when that has changed meanwhile."""
    same = accounts.c.password.is_(None) if instead_of is None else accounts.c.password == instead_of
    changed = update(accounts).where(accounts.c.id == account_id, same)
    return conn.execute(changed.values(password=password)).rowcount == 1


def confirm_totp(conn: Connection, account_id: int, secret: str, code: str, now: datetime) -> bool:
    """Take a new secret for the second factor, if a code shows that the app has it."""
    step = step_of(secret, code, now)
    if step is None:
        return False
    _set(conn, account_id, totp=secret, totp_step=step)
    return True


def take_code(conn: Connection, account: Account, code: str, now: datetime) -> bool:
    """Tell whether a code is right, and take it: each is right once, also for two who come at once."""
    step = None if account.totp is None else step_of(account.totp, code, now)
    if step is None:
        return False
    taken = update(accounts).where(accounts.c.id == account.id, accounts.c.totp_step < step)
    return conn.execute(taken.values(totp_step=step)).rowcount == 1


def forget_totp(conn: Connection, account_id: int) -> None:
    """Forget the second factor, as after a lost telephone: it is set up anew."""
    _set(conn, account_id, totp=None, totp_step=None)


def count_accounts(conn: Connection) -> int:
    """Return how many accounts can sign in by password."""
    usable = (accounts.c.disabled_at.is_(None), accounts.c.password.is_not(None))
    return conn.execute(select(func.count()).select_from(accounts).where(*usable)).scalar_one()


def _is(conn: Connection, address: str) -> ColumnElement[bool]:
    return accounts.c.address_hash == address_hash(keyring_of(conn), address)


def _set(conn: Connection, account_id: int, **values: object) -> None:
    conn.execute(update(accounts).where(accounts.c.id == account_id).values(**values))
