"""The audit: who did what to which id, each line chained to the one before by a keyed hash.

A line changed, put in or taken out breaks the chain, the last lines too: the newest link is kept apart. Who
can write to the database and has the key file can forge it all; a copy of the newest link kept elsewhere
shows that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    Connection,
    LargeBinary,
    RowMapping,
    Select,
    exists,
    insert,
    select,
    type_coerce,
    update,
)

from triage.store.encrypted import keyring_of
from triage.store.keys import Keyring, KeyringError
from triage.store.tables import audit, switches

CHAIN = "audit"
AT_ONCE = 1_000
"""How many lines are in memory while many are read."""

UNREADABLE = "(cannot be read)"
"""Who it was, in a line that somebody has spoilt."""


@dataclass(frozen=True, slots=True)
class Line:
    """Who did what to which id, and when."""

    id: int
    at: datetime
    actor: str
    action: str
    object: str


@dataclass(frozen=True, slots=True)
class Chain:
    """How far the chain holds: so many lines, the last of them with the link ``newest``, "" for none.

    ``broken`` is the id of the first line that does not fit, None when all do; where lines are missing at the
    end, it is the id after the last. ``met`` tells whether the link that was asked for is among those that
    hold.
    """

    lines: int
    newest: str
    broken: int | None
    met: bool


def append(
    conn: Connection, keyring: Keyring, at: datetime, actor: str, action: str, *, object_: str
) -> None:
    """Write one line in the caller's transaction; lines follow one another under one lock.

    ``object_`` is an id such as "flag 12", never a name, an address or a word of a message.
    """
    newest = select(switches.c.value).where(switches.c.name == CHAIN).with_for_update()
    before = conn.execute(newest).scalar_one() or ""
    link = _link(keyring, before, at, (actor, action, object_))
    conn.execute(insert(audit).values(at=at, actor=actor, action=action, object=object_, link=link))
    conn.execute(update(switches).where(switches.c.name == CHAIN).values(value=link))


def lines(conn: Connection, limit: int = AT_ONCE) -> list[Line]:
    """Return the newest lines, ``limit`` at most, the oldest of them first."""
    newest = select_lines().order_by(audit.c.id.desc()).limit(limit)
    return list(stream(conn, newest))[::-1]


def select_lines() -> Select[tuple[object, ...]]:
    """Return a query of every line, for ``stream``; it still wants an order."""
    columns = [audit.c[name] for name in Line.__dataclass_fields__ if name != "actor"]
    # As it is stored: a line that somebody has spoilt must not hide the others.
    return select(*columns, type_coerce(audit.c.actor, LargeBinary).label("actor"))


def stream(conn: Connection, chosen: Select[tuple[object, ...]]) -> Iterator[Line]:
    """Yield the lines of a query made from ``select_lines``, few in memory however many there are."""
    keyring = keyring_of(conn)
    with conn.execute(chosen, execution_options={"yield_per": AT_ONCE}) as rows:
        for row in rows.mappings():
            yield Line(**{**row, "actor": _read(keyring, row["actor"]) or UNREADABLE})


def walk(conn: Connection, keyring: Keyring, kept: str = "") -> Chain:
    """Go along the whole chain, and tell how far it holds.

    ``kept`` is the beginning of a link that was newest once: whoever forges the audit whole cannot make it
    again. What is appended meanwhile does no harm, for one statement reads the lines and the newest link.
    """
    link, number, met = "", 0, not kept
    newest = select(switches.c.value).where(switches.c.name == CHAIN).scalar_subquery()
    every = select_lines().add_columns(audit.c.link, newest.label("newest")).order_by(audit.c.id)
    row: RowMapping | None = None
    with conn.execute(every, execution_options={"yield_per": AT_ONCE}) as rows:
        for row in rows.mappings():
            fitting = _fitting(keyring, link, row)
            if fitting is None or fitting != row["link"]:
                return Chain(number, link, int(row["id"]), met)
            link, number = fitting, number + 1
            met = met or link.startswith(kept)
    missing = _is_emptied(conn) if row is None else link != (row["newest"] or "")
    last = 0 if row is None else int(row["id"])
    return Chain(number, link, last + 1 if missing else None, met)


def verify(conn: Connection, keyring: Keyring) -> int | None:
    """Return the id of the first line that does not fit the chain, None when all do: see ``walk``."""
    return walk(conn, keyring).broken


def _is_emptied(conn: Connection) -> bool:
    """Tell whether there is a newest link and no line, in one statement again."""
    newest = select(switches.c.value.is_not(None)).where(
        switches.c.name == CHAIN, ~exists(select(audit.c.id))
    )
    return bool(conn.execute(newest).scalar_one_or_none())


def _fitting(keyring: Keyring, before: str, row: RowMapping) -> str | None:
    """Return the link that a line would have if nobody had touched it, None when it cannot be read."""
    actor = _read(keyring, row["actor"])
    return None if actor is None else _link(keyring, before, row["at"], (actor, row["action"], row["object"]))


def _read(keyring: Keyring, actor: bytes) -> str | None:
    try:
        return keyring.decrypt(bytes(actor))
    except KeyringError:
        return None


def _link(keyring: Keyring, before: str, at: datetime, what: tuple[str, str, str]) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return keyring.digest("audit", before, moment, *what)
