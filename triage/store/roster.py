"""The roster in the database: replaced whole, read whole."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Table, delete, func, insert, select

from triage.domain.roster import Guardian, Pupil, Roster
from triage.domain.roster_rows import RosterError
from triage.store.keys import Keyring
from triage.store.tables import guardian_pupils, guardians, pupils, roster_imports

# One pupil in so many may leave between two imports; more is a wrong or a broken file.
REMOVED_AT_MOST = 5


class RosterShrinksError(RosterError):
    """An import that would take more pupils off the roster than a school loses; nothing was changed."""

    def __init__(self, source: str, removed: int, known: int) -> None:
        words = (
            f"it would remove {removed} of {known} pupils, more than a fifth, so nothing was changed; "
            "if they have really left, or the ids are new ones, import it with --force"
        )
        super().__init__(source, None, words)
        self.removed = removed
        self.known = known


def replace_roster(
    conn: Connection, keyring: Keyring, roster: Roster, source: str, now: datetime, *, force: bool = False
) -> bool:
    """Make the stored roster the given one. False when it was the same already; the import is noted anyway.

    ``source`` names the file for people. Either all is replaced or nothing. Raises RosterShrinksError when
    more than a fifth of the stored pupils are not in the new roster, unless ``force`` is true.
    """
    if not force:
        _refuse_shrinking(conn, roster, source)
    content = _content(keyring, roster)
    changed = content != _stored_content(conn)
    if changed:
        _rewrite(conn, roster)
    conn.execute(
        insert(roster_imports).values(
            imported_at=now,
            source=source,
            content=content,
            pupils=len(roster.pupils),
            guardians=len(roster.guardians),
        )
    )
    return changed


def _refuse_shrinking(conn: Connection, roster: Roster, source: str) -> None:
    known = set(conn.execute(select(pupils.c.id)).scalars())
    removed = known - roster.pupils.keys()
    if len(removed) * REMOVED_AT_MOST > len(known):
        raise RosterShrinksError(source, len(removed), len(known))


def load_roster(conn: Connection) -> Roster:
    """Return the stored roster, an empty one when none was ever imported."""
    known = [Pupil(**row) for row in conn.execute(select(pupils).order_by(pupils.c.id)).mappings()]
    return Roster(known, _guardians(conn))


def roster_imported_at(conn: Connection) -> datetime | None:
    """Return when the roster was last imported, None when never."""
    moment: datetime | None = conn.execute(select(func.max(roster_imports.c.imported_at))).scalar_one()
    return moment


def pupils_by_year(conn: Connection) -> dict[int, int]:
    """Return how many pupils each year has, the lowest first."""
    counted = select(pupils.c.year, func.count()).group_by(pupils.c.year).order_by(pupils.c.year)
    return {row[0]: row[1] for row in conn.execute(counted)}


def _content(keyring: Keyring, roster: Roster) -> str:
    known = sorted((asdict(pupil) for pupil in roster.pupils.values()), key=lambda pupil: str(pupil["id"]))
    families = sorted((asdict(one) for one in roster.guardians), key=lambda one: str(one["id"]))
    return keyring.digest("roster", json.dumps([known, families]))


def _stored_content(conn: Connection) -> str | None:
    last = select(roster_imports.c.content).order_by(roster_imports.c.id.desc()).limit(1)
    return conn.execute(last).scalar_one_or_none()


def _rewrite(conn: Connection, roster: Roster) -> None:
    for table in (guardian_pupils, guardians, pupils):
        conn.execute(delete(table))
    _insert(conn, pupils, [asdict(pupil) for pupil in roster.pupils.values()])
    _insert(conn, guardians, [_plain(guardian) for guardian in roster.guardians])
    _insert(conn, guardian_pupils, [care for guardian in roster.guardians for care in _care(guardian)])


def _insert(conn: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    if rows:
        conn.execute(insert(table), rows)


def _plain(guardian: Guardian) -> dict[str, object]:
    return {name: value for name, value in asdict(guardian).items() if name != "pupils"}


def _care(guardian: Guardian) -> Iterator[dict[str, object]]:
    for position, pupil in enumerate(dict.fromkeys(guardian.pupils)):
        yield {"guardian_id": guardian.id, "pupil_id": pupil, "position": position}


def _guardians(conn: Connection) -> Iterator[Guardian]:
    care: dict[str, list[str]] = {}
    order = (guardian_pupils.c.guardian_id, guardian_pupils.c.position)
    for row in conn.execute(select(guardian_pupils).order_by(*order)).mappings():
        care.setdefault(row["guardian_id"], []).append(row["pupil_id"])
    for row in conn.execute(select(guardians).order_by(guardians.c.id)).mappings():
        yield Guardian(**row, pupils=tuple(care.get(row["id"], ())))
