"""The audit: who did what to which id, each line chained to the one before by a keyed hash.

A line changed, put in or taken out breaks the chain, the last lines too: the newest link is kept apart. Who
can write to the database and has the key file can forge it all; a copy of the newest link kept elsewhere
shows that.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from triage.store.keys import Keyring
from triage.store.tables import audit, switches

CHAIN = "audit"


@dataclass(frozen=True, slots=True)
class Line:
    """Who did what to which id, and when."""

    id: int
    at: datetime
    actor: str
    action: str
    object: str


def append(
    conn: Connection, keyring: Keyring, at: datetime, actor: str, action: str, *, object_: str
) -> None:
    """Write one line in the caller's transaction; lines follow one another under one lock.

    ``object_`` is an id such as "flag 12", never a name, an address or a word of a message.
    """
    before = _newest(conn, lock=True)
    link = _link(keyring, before, at, (actor, action, object_))
    conn.execute(insert(audit).values(at=at, actor=actor, action=action, object=object_, link=link))
    conn.execute(update(switches).where(switches.c.name == CHAIN).values(value=link))


def lines(conn: Connection) -> list[Line]:
    """Return every line, the oldest first."""
    columns = [audit.c[name] for name in Line.__dataclass_fields__]
    return [Line(**row) for row in conn.execute(select(*columns).order_by(audit.c.id)).mappings()]


def verify(conn: Connection, keyring: Keyring) -> int | None:
    """Return the id of the first line that does not fit the chain, None when all do.

    When lines are missing at the end, that is the id after the last.
    """
    link, last = "", 0
    for row in conn.execute(select(audit).order_by(audit.c.id)).mappings():
        last = int(row["id"])
        link = _link(keyring, link, row["at"], _what(row))
        if link != row["link"]:
            return last
    return None if link == (_newest(conn, lock=False) or "") else last + 1


def _newest(conn: Connection, *, lock: bool) -> str:
    newest = select(switches.c.value).where(switches.c.name == CHAIN)
    return conn.execute(newest.with_for_update() if lock else newest).scalar_one() or ""


def _what(row: RowMapping) -> tuple[str, str, str]:
    return row["actor"], row["action"], row["object"]


def _link(keyring: Keyring, before: str, at: datetime, what: tuple[str, str, str]) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return keyring.digest("audit", before, moment, *what)
