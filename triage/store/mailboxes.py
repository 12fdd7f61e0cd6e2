"""Mailboxes: how far each was read, how its last polls went, and the lease that lets one worker poll it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update

from triage.store import numbering
from triage.store.addresses import address_hash
from triage.store.db import database_now, ignoring, insert_new
from triage.store.encrypted import keyring_of
from triage.store.tables import leases, mailboxes

PASSED_ON = "(passed on from a rehearsal)"
"""The folder of what a rehearsal has passed on: nobody's, never read, and none of those that are watched."""


@dataclass(frozen=True, slots=True)
class MailboxRow:
    """One watched folder. ``high_water`` is the highest UID handled under ``uidvalidity`` (None: unmet).

    What lies below the UID ``no_reply_below`` was there when the mailbox was met, and is never answered.
    ``trouble`` is the sort of what went wrong last, as MailError calls it; ``listened`` tells whether at the
    last look the server was telling of new mail, None where nobody knows. So many times in a row, up to the
    last look, it was ``throttled``.
    """

    id: int
    address: str
    folder: str
    uidvalidity: int | None
    high_water: int
    no_reply_below: int
    first_contact_at: datetime | None
    last_success_at: datetime | None
    last_error: str | None
    failures: int
    next_attempt_at: datetime | None
    paused_at: datetime | None
    trouble: str | None
    listened: bool | None
    throttled: int


_EVERY = select(*(mailboxes.c[name] for name in MailboxRow.__dataclass_fields__)).order_by(mailboxes.c.id)


def ensure_mailbox(conn: Connection, address: str, folder: str) -> MailboxRow:
    """Return the row of a folder, made on the first call."""
    return read_mailbox(conn, ensure_id(conn, address, folder))


def ensure_id(conn: Connection, address: str, folder: str) -> int:
    """Return the id of a folder's row, made on the first call."""
    key = address_hash(keyring_of(conn), address)
    where = (mailboxes.c.address_hash == key, mailboxes.c.folder == folder)
    found = select(mailboxes.c.id).where(*where)
    known: int | None = conn.execute(found).scalar_one_or_none()
    if known is not None:
        return known
    values = {"address_hash": key, "address": address, "folder": folder, "high_water": 0}
    made = insert_new(conn, mailboxes, values | {"no_reply_below": 0, "failures": 0})
    return conn.execute(found).scalar_one() if made is None else made


def read_mailbox(conn: Connection, mailbox_id: int) -> MailboxRow:
    """Return one mailbox. Raises LookupError when there is none of that id."""
    found = _rows(conn, mailboxes.c.id == mailbox_id)
    if not found:
        raise LookupError(f"there is no mailbox {mailbox_id}")
    return found[0]


def list_mailboxes(conn: Connection) -> list[MailboxRow]:
    """Return every mailbox in the order in which they were first met."""
    return _rows(conn, mailboxes.c.folder != PASSED_ON)


def record_contact(
    conn: Connection,
    mailbox_id: int,
    uidvalidity: int,
    high_water: int,
    now: datetime,
    *,
    no_reply_below: int,
) -> int:
    """Note the first contact, or that a folder is met anew: new mail is what lies above ``high_water``.

    What lies there is read whatever was read under such a number before, be it of the same UIDVALIDITY: the
    server may have given the number away again. Messages begun under numbers that mean nothing more can never
    be fetched again; they become "vanished", and are met under their new number. Returns how many those were.
    """
    conn.execute(
        update(mailboxes)
        .where(mailboxes.c.id == mailbox_id)
        .values(
            uidvalidity=uidvalidity,
            high_water=high_water,
            no_reply_below=no_reply_below,
            first_contact_at=func.coalesce(mailboxes.c.first_contact_at, now),
        )
    )
    begun = numbering.write_off_begun(conn, mailbox_id, uidvalidity, now, above=high_water)
    numbering.take_numbers(conn, mailbox_id, uidvalidity, high_water)
    return begun


def forget_contact(conn: Connection) -> int:
    """Make every mailbox be met anew, as after a changed UIDVALIDITY: decided and flagged, never answered.

    To be done when the database was restored from a backup: what came since then was answered already.
    Returns how many mailboxes that are.
    """
    watched = update(mailboxes).where(mailboxes.c.folder != PASSED_ON)
    return conn.execute(watched.values(uidvalidity=None)).rowcount


def record_success(conn: Connection, mailbox_id: int, now: datetime, *, listened: bool | None = None) -> None:
    """Note a poll that came to its end; ``listened`` tells whether the server is telling of new mail."""
    well = {"last_error": None, "trouble": None, "failures": 0, "throttled": 0, "next_attempt_at": None}
    _set(conn, mailbox_id, last_success_at=now, listened=listened, **well)


def record_failure(
    conn: Connection,
    mailbox_id: int,
    error: str,
    next_attempt_at: datetime,
    *,
    trouble: str | None = None,
    throttled: bool = False,
) -> None:
    """Note a poll that failed, with one line for people and its sort, and when the next is due.

    ``throttled``: the server wants to be asked less.
    """
    _set(
        conn,
        mailbox_id,
        last_error=error,
        trouble=trouble,
        failures=mailboxes.c.failures + 1,
        throttled=mailboxes.c.throttled + 1 if throttled else 0,
        next_attempt_at=next_attempt_at,
    )


def pause(conn: Connection, mailbox_id: int, by: str, now: datetime) -> None:
    """Withhold every reply on behalf of this mailbox; mail is still read, decided and flagged."""
    _set(conn, mailbox_id, paused_at=now, paused_by=by)


def unpause(conn: Connection, mailbox_id: int) -> None:
    """Let replies on behalf of this mailbox go out again."""
    _set(conn, mailbox_id, paused_at=None, paused_by=None)


def take_lease(conn: Connection, name: str, holder: str, seconds: float) -> bool:
    """Take a lease that is free or ran out, by the database's clock. False when another holder has it.

    A holder that asks twice is refused too: it is polling already.
    """
    now = database_now(conn)
    values = {"name": name, "holder": holder, "expires_at": now + timedelta(seconds=seconds)}
    taken = ignoring(conn, leases).values(**values).returning(leases.c.name)
    if conn.execute(taken).first() is not None:
        return True
    lapsed = update(leases).where(leases.c.name == name, leases.c.expires_at <= now).values(**values)
    return conn.execute(lapsed).rowcount == 1


def keep_lease(conn: Connection, name: str, holder: str, seconds: float) -> bool:
    """Prolong one's own lease that has not run out. False: it is lost, stop working under it."""
    now = database_now(conn)
    kept = (
        update(leases)
        .where(leases.c.name == name, leases.c.holder == holder, leases.c.expires_at > now)
        .values(expires_at=now + timedelta(seconds=seconds))
    )
    return conn.execute(kept).rowcount == 1


def release_lease(conn: Connection, name: str, holder: str) -> None:
    """Give one's own lease back; another holder's stays."""
    conn.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))


def _set(conn: Connection, mailbox_id: int, **values: object) -> None:
    conn.execute(update(mailboxes).where(mailboxes.c.id == mailbox_id).values(**values))


def _rows(conn: Connection, *where: object) -> list[MailboxRow]:
    rows = conn.execute(_EVERY.where(*where))  # type: ignore[arg-type]
    return [MailboxRow(**row) for row in rows.mappings()]
