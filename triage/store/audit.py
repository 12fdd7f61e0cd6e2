"""The audit: who did what to which id, each line chained to the one before by a keyed hash.

A line changed, put in or taken out breaks the chain. So does a line taken off its end: apart from the lines
the newest link is kept with a seal that nobody makes without the key. The seal of an audit without lines is
made with its tables, so that the end is never missing, and what is not sealed is broken: a line that is
written after it does not fit, whoever writes it, and it cannot be healed by waiting.

An audit from before there were seals ends in a bare link. ``triage upgrade`` has the key: if every line fits,
it seals the end once, with a line that says so.

In a transaction every row is changed first and the lines are written last, whatever the order in which they
are asked for: all lines follow one another under one lock, and whoever held it while waiting for a row of
somebody who waits for the lock would wait for ever. ``append`` keeps a line, and the transaction writes them
all at its end (``write_kept``).

Two things the chain cannot show. Who can write to the database can put back lines and seal as they were, from
an old copy of it; and who has the key file too can forge it all. A copy of the newest link kept elsewhere
shows both: see ``walk``.
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
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)

from triage.store.encrypted import keyring_of
from triage.store.keys import Keyring, KeyringError
from triage.store.tables import accounts, audit, flag_events, sessions, switches

CHAIN = "audit"
AT_ONCE = 1_000
"""How many lines are in memory while many are read."""

SEALED = "audit sealed"
"""What ``triage upgrade`` did, in the line that it writes when it seals an audit of an earlier version."""

SERVICE = "service"
OF_THE_SERVICE = ("raised", "routed", "pressed", "moved", "named another", "named unclearly")
"""What happens to flags without a line of the audit: nobody did it."""

KEPT = "triage_lines"
"""The option of a transaction's connection with the lines that it writes at its end."""

UNSEALED = "(the end was not sealed)"
"""What a line is chained to when the end before it is not sealed: so it never fits."""

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
    """Have one line written at the end of the caller's transaction; at once in one that keeps no lines.

    ``object_`` is an id such as "flag 12", never a name, an address or a word of a message.
    """
    kept = conn.get_execution_options().get(KEPT)
    if kept is None:
        _write(conn, keyring, at, (actor, action, object_))
    else:
        kept.append((keyring, at, (actor, action, object_)))


def write_kept(conn: Connection) -> None:
    """Write the lines that a transaction has kept, in their order: the last thing that it does."""
    kept = conn.get_execution_options().get(KEPT, [])
    for keyring, at, what in kept:
        _write(conn, keyring, at, what)
    kept.clear()


def _write(conn: Connection, keyring: Keyring, at: datetime, what: tuple[str, str, str]) -> None:
    before = _opened(keyring, _locked_end(conn))
    link = _link(keyring, before, at, what)
    actor, action, object_ = what
    conn.execute(insert(audit).values(at=at, actor=actor, action=action, object=object_, link=link))
    _set_end(conn, sealed(keyring, link))


def sealed(keyring: Keyring, link: str) -> str:
    """Return how the newest link is kept apart from the lines, "" for none: nobody makes it without the key.

    The link stands for the number of lines and for each of them.
    """
    return f"{link} {keyring.digest('audit end', link)}"


def seal(conn: Connection, keyring: Keyring, at: datetime) -> None:
    """Seal the end of an audit from before there were seals; leave every other as it is, also a broken one.

    Without lines it is sealed only while nothing is on record that comes with a line. With lines, only if all
    of them fit and none tells that it was sealed before; a line then tells of it, for it is the one moment at
    which somebody could have passed off a shorter audit as a whole one.
    """
    end = _locked_end(conn)
    if end is None and not _comes_with_lines(conn):
        _set_end(conn, sealed(keyring, ""))
    elif end is not None and _is_whole_of_old(conn, keyring, end):
        _set_end(conn, sealed(keyring, end))
        append(conn, keyring, at, SERVICE, SEALED, object_="audit")


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
    missing = _is_emptied(conn, keyring) if row is None else row["newest"] != sealed(keyring, link)
    last = 0 if row is None else int(row["id"])
    return Chain(number, link, last + 1 if missing else None, met)


def verify(conn: Connection, keyring: Keyring) -> int | None:
    """Return the id of the first line that does not fit the chain, None when all do: see ``walk``."""
    return walk(conn, keyring).broken


def _is_emptied(conn: Connection, keyring: Keyring) -> bool:
    """Tell whether there is no line and not the seal that goes with that, in one statement again."""
    some = exists(select(audit.c.id)).label("some")
    end = conn.execute(select(switches.c.value, some).where(switches.c.name == CHAIN)).one_or_none()
    return end is None or (not end.some and end.value != sealed(keyring, ""))


def _locked_end(conn: Connection) -> str | None:
    end: str | None = conn.execute(
        select(switches.c.value).where(switches.c.name == CHAIN).with_for_update()
    ).scalar_one()
    return end


def _set_end(conn: Connection, end: str) -> None:
    conn.execute(update(switches).where(switches.c.name == CHAIN).values(value=end))


def _opened(keyring: Keyring, end: str | None) -> str:
    """Return the newest link of an end that is sealed."""
    link = (end or "").split(" ")[0]
    return link if end == sealed(keyring, link) else UNSEALED


def _comes_with_lines(conn: Connection) -> bool:
    """Tell whether there is a line, or anything that is never written without one."""
    by_people = select(flag_events.c.id).where(flag_events.c.event.not_in(OF_THE_SERVICE))
    written = (select(audit.c.id), select(sessions.c.id), select(accounts.c.id), by_people)
    return bool(conn.execute(select(or_(*(exists(each) for each in written)))).scalar_one())


def _is_whole_of_old(conn: Connection, keyring: Keyring, end: str) -> bool:
    """Tell whether every line fits, ``end`` is the bare link of the last, and none tells of a seal."""
    last, told = conn.execute(
        select(func.max(audit.c.id), exists(select(audit.c.id).where(audit.c.action == SEALED)))
    ).one()
    chain = walk(conn, keyring)
    return last is not None and not told and (chain.newest, chain.broken) == (end, last + 1)


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
