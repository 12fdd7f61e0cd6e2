"""What is out of order just now: a mailbox that cannot be read, a server that takes no mail.

Each is a row of the switches under a name of its own, from its first failure until it works again.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from triage.store.db import ignoring
from triage.store.tables import switches

_PREFIX = "outage "
_OUT, _REFUSED, _TOLD, _CALLED = "out", "refused", "told", "called"


@dataclass(frozen=True, slots=True)
class Outage:
    """Something that has failed ``since``; ``refused``: its login was not taken; ``told``: people know.

    ``called``: the person on call knows too.
    """

    name: str
    since: datetime
    refused: bool
    told: bool
    called: bool = False


def begin(conn: Connection, name: str, since: datetime, *, refused: bool) -> None:
    """Note that something fails. An outage begins once, whatever comes later; a refused login is kept."""
    key = _PREFIX + name
    conn.execute(ignoring(conn, switches).values(name=key, value=_OUT, at=since))
    if refused:
        row = switches.c.name == key, switches.c.value == _OUT
        conn.execute(update(switches).where(*row).values(value=_REFUSED))


def end(conn: Connection, name: str) -> Outage | None:
    """Note that something works, and return the outage that this ends; None when there was none."""
    gone = delete(switches).where(switches.c.name == _PREFIX + name)
    row = conn.execute(gone.returning(switches.c.name, switches.c.value, switches.c.at)).first()
    return None if row is None else _outage(*row)


def current(conn: Connection) -> list[Outage]:
    """Return every outage, the oldest first."""
    columns = select(switches.c.name, switches.c.value, switches.c.at)
    rows = conn.execute(columns.where(switches.c.name.startswith(_PREFIX)).order_by(switches.c.at))
    return [_outage(*row) for row in rows]


def mark_told(conn: Connection, name: str) -> bool:
    """Note that people are told of an outage. False: they were, or it is over."""
    row = switches.c.name == _PREFIX + name, switches.c.value.not_in([_TOLD, _CALLED])
    return conn.execute(update(switches).where(*row).values(value=_TOLD)).rowcount == 1


def mark_called(conn: Connection, name: str) -> bool:
    """Note that the person on call is told of an outage, as others are. False: they were, or it is over."""
    row = switches.c.name == _PREFIX + name, switches.c.value != _CALLED
    return conn.execute(update(switches).where(*row).values(value=_CALLED)).rowcount == 1


def _outage(name: str, value: str, at: datetime) -> Outage:
    told, called = value in {_TOLD, _CALLED}, value == _CALLED
    return Outage(name.removeprefix(_PREFIX), at, refused=value == _REFUSED, told=told, called=called)
