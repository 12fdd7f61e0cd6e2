"""What staff have sent, as keyed hashes of its Message-IDs: whoever answers one of them answers staff.

Nothing else of a sent message is kept, and no hash can be turned back into its Message-ID.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from triage.store.addresses import address_hash
from triage.store.db import ignoring
from triage.store.encrypted import keyring_of
from triage.store.keys import Keyring
from triage.store.many import MANY, rows_of
from triage.store.tables import actions, sent_folders, sent_ids

_SENT = select(sent_ids.c.id_hash).where(sent_ids.c.id_hash.in_(MANY))
_READ_AT = select(sent_folders.c.read_at).where(sent_folders.c.address_hash == bindparam("whose"))


@dataclass(frozen=True, slots=True)
class SentFolder:
    """How far the sent mail of a mailbox is read: to the UID ``high_water`` under ``uidvalidity``.

    ``setting`` is the folder that the settings ask for, "" for the one that is found; ``folder`` is the one
    that is read, None while none is known. ``read_at`` is when nothing of it was left unread, None before the
    first time. Before ``next_attempt_at`` it is left alone.
    """

    setting: str = ""
    folder: str | None = None
    uidvalidity: int | None = None
    high_water: int = 0
    read_at: datetime | None = None
    next_attempt_at: datetime | None = None


def sent_folder(conn: Connection, address: str) -> SentFolder | None:
    """Return how far the sent mail of a mailbox is read, None when it was never looked for."""
    columns = [sent_folders.c[name] for name in SentFolder.__dataclass_fields__]
    found = select(*columns).where(sent_folders.c.address_hash == _whose(conn, address))
    row = conn.execute(found).mappings().first()
    return None if row is None else SentFolder(**row)


def save_sent_folder(conn: Connection, address: str, folder: SentFolder) -> None:
    """Note how far the sent mail of a mailbox is read."""
    whose, values = _whose(conn, address), asdict(folder)
    conn.execute(ignoring(conn, sent_folders).values(address_hash=whose, **values))
    conn.execute(update(sent_folders).where(sent_folders.c.address_hash == whose).values(**values))


def add_sent(conn: Connection, sent: Mapping[str, datetime]) -> None:
    """Keep Message-IDs and when each was sent; our own, of which a server may file copies, are left out."""
    ours = set(conn.execute(select(actions.c.message_id).where(actions.c.message_id.in_(sent))).scalars())
    keyring = keyring_of(conn)
    rows = [
        {"id_hash": _hash(keyring, message_id), "sent_at": at}
        for message_id, at in sent.items()
        if message_id not in ours
    ]
    if rows:
        conn.execute(ignoring(conn, sent_ids), rows)


def name_anew(conn: Connection, names: Mapping[str, str]) -> None:
    """Note under which Message-ID mail of ours has gone out, by its own: some providers give it another."""
    renamed = [{"ours": ours, "theirs": theirs} for ours, theirs in names.items() if ours != theirs]
    if renamed:
        changed = update(actions).where(actions.c.message_id == bindparam("ours"))
        conn.execute(changed.values(sent_as=bindparam("theirs")), renamed)


def forget_sent(conn: Connection, before: datetime) -> int:
    """Forget what was sent before a moment; returns how many that were."""
    return conn.execute(delete(sent_ids).where(sent_ids.c.sent_at < before)).rowcount


def sent_among(conn: Connection, message_ids: Iterable[str]) -> frozenset[str]:
    """Return those Message-IDs of which staff have sent a message."""
    keyring = keyring_of(conn)
    named = {_hash(keyring, message_id): message_id for message_id in message_ids}
    return frozenset(named[row.id_hash] for row in rows_of(conn, _SENT, named))


def read_at(conn: Connection, address: str) -> datetime | None:
    """Return when nothing was left unread of what a mailbox's owner has sent, None before the first time."""
    row = conn.execute(_READ_AT, {"whose": _whose(conn, address)}).first()
    return None if row is None else row.read_at


def _whose(conn: Connection, address: str) -> str:
    return address_hash(keyring_of(conn), address)


def _hash(keyring: Keyring, message_id: str) -> str:
    return keyring.digest("sent", message_id)
