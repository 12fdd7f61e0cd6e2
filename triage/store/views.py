"""Views of the queue that people keep: what somebody looked for is private, so it never stands in a URL.

A view without a name is a search just made; it is forgotten after a day.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select, update

from triage.domain.search import Wanted
from triage.store.addresses import address_hash
from triage.store.encrypted import keyring_of
from triage.store.tables import saved_views

FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class View:
    """A view with its name, "" for a search that nobody has named."""

    id: int
    name: str
    wanted: Wanted


def remember(conn: Connection, address: str, wanted: Wanted, now: datetime) -> int:
    """Keep what somebody looks for now, and return its id; their unnamed views of yesterday go."""
    own = address_hash(keyring_of(conn), address)
    old = _rows(conn, own, saved_views.c.created_at < now - FORGOTTEN_AFTER)
    stale = [row["id"] for row in old if not row["name"]]
    conn.execute(delete(saved_views).where(saved_views.c.id.in_(stale)))
    values = {"address_hash": own, "name": "", "query": json.dumps(wanted.plain()), "created_at": now}
    (view_id,) = conn.execute(insert(saved_views).values(**values)).inserted_primary_key or (0,)
    return int(view_id)


def find_view(conn: Connection, address: str, view_id: int) -> View | None:
    """Return one of somebody's own views, None where there is none."""
    own = address_hash(keyring_of(conn), address)
    return next(iter(_views(conn, own, saved_views.c.id == view_id)), None)


def named_views(conn: Connection, address: str) -> list[View]:
    """Return somebody's named views by name."""
    views = _views(conn, address_hash(keyring_of(conn), address))
    return sorted((view for view in views if view.name), key=lambda view: view.name.casefold())


def name_view(conn: Connection, address: str, view_id: int, name: str) -> bool:
    """Give one of somebody's own views a name. False where there is no such view."""
    own = address_hash(keyring_of(conn), address)
    named = update(saved_views).where(saved_views.c.id == view_id, saved_views.c.address_hash == own)
    return conn.execute(named.values(name=name)).rowcount == 1


def forget_view(conn: Connection, address: str, view_id: int) -> bool:
    """Forget one of somebody's own views. False where there is no such view."""
    own = address_hash(keyring_of(conn), address)
    gone = delete(saved_views).where(saved_views.c.id == view_id, saved_views.c.address_hash == own)
    return conn.execute(gone).rowcount == 1


def _views(conn: Connection, own: str, *where: ColumnElement[bool]) -> list[View]:
    """Return the views that can be read: one that can no longer be meant shuts nobody out of the rest."""
    views = []
    for row in _rows(conn, own, *where):
        with suppress(ValueError):
            views.append(View(row["id"], row["name"], Wanted.read(json.loads(row["query"]))))
    return views


def _rows(conn: Connection, own: str, *where: ColumnElement[bool]) -> Sequence[RowMapping]:
    rows = conn.execute(select(saved_views).where(saved_views.c.address_hash == own, *where))
    return rows.mappings().all()
