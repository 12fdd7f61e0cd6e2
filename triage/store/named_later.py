"""What an answer to our reply changes on its case: the child is filled in or put right, and flags move.

A flag that nobody has taken moves to the head of the right year. One that somebody has taken stays with them,
and its history says so; so does one that would come to a head of year whom the messages name. What is closed
stays closed.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from triage.domain.model import Route
from triage.domain.named_later import Told, names_anybody, pupils_after
from triage.domain.visibility import is_closely_kept
from triage.store.flagging import note_event, open_like, raise_flag
from triage.store.flags import DROPPED, OPEN, FlagRow, flag_row
from triage.store.records import add_pupils
from triage.store.tables import case_pupils, decisions, flags, pupils

FILLED, MOVED, NAMED, UNCLEAR = "routed", "moved", "named another", "named unclearly"


def join(conn: Connection, case_id: int, told: Told, now: datetime) -> None:
    """Fill in or put right the child of a case, and lead its open flags to those whose year it is.

    Source: the order of docs/decisions/0015.
    """
    rows = _open(conn, case_id)
    if told.unclear:
        for row in rows:
            note_event(conn, row.id, UNCLEAR, now)
        return
    left = _change_pupils(conn, case_id, told)
    if told.year is None:
        return
    years = _years(conn, case_id)
    for row in rows:
        if row.flag.year is None:
            _fill_in(conn, row, told, now)
        elif left and row.flag.year not in years:
            _put_right(conn, row, told, now)


def is_flagged(conn: Connection, case_id: int) -> bool:
    """Tell whether a case has a flag that stands: then its messages are kept whole."""
    found = select(flags.c.id).where(flags.c.case_id == case_id, flags.c.state != DROPPED)
    return conn.execute(found.limit(1)).first() is not None


def is_met(conn: Connection, case_id: int, origin: str) -> bool:
    """Tell whether a copy of a message has joined a case before: what it tells has been told."""
    met = select(decisions.c.id).where(decisions.c.case_id == case_id, decisions.c.origin == origin)
    return conn.execute(met.limit(1)).first() is not None


def _open(conn: Connection, case_id: int) -> list[FlagRow]:
    """Return the open flags of a case, locked against whoever takes or closes one now."""
    every = select(flags).where(flags.c.case_id == case_id).order_by(flags.c.id).with_for_update()
    return [row for row in map(flag_row, conn.execute(every).mappings()) if row.state == OPEN]


def _change_pupils(conn: Connection, case_id: int, told: Told) -> bool:
    """Change the pupils of a case, and tell whether one has left it."""
    there = select(case_pupils.c.pupil_id).where(case_pupils.c.case_id == case_id)
    kept = any(is_closely_kept(row.flag) for row in _standing(conn, case_id))
    leaving, joining = pupils_after(list(conn.execute(there).scalars()), told, closely_kept=kept)
    conn.execute(
        delete(case_pupils).where(case_pupils.c.case_id == case_id, case_pupils.c.pupil_id.in_(leaving))
    )
    add_pupils(conn, [(case_id, pupil) for pupil in sorted(joining)])
    return bool(leaving)


def _standing(conn: Connection, case_id: int) -> list[FlagRow]:
    found = select(flags).where(flags.c.case_id == case_id, flags.c.state != DROPPED)
    return [flag_row(row) for row in conn.execute(found).mappings()]


def _years(conn: Connection, case_id: int) -> frozenset[int]:
    """Return the years of the pupils of a case, as the roster has them."""
    found = select(pupils.c.year).join(case_pupils, case_pupils.c.pupil_id == pupils.c.id)
    return frozenset(conn.execute(found.where(case_pupils.c.case_id == case_id)).scalars())


def _fill_in(conn: Connection, row: FlagRow, told: Told, now: datetime) -> None:
    """Give a flag "year unknown" its year; to who has taken it, only if it stays theirs to see."""
    if _is_taken_by_another(row, told):
        note_event(conn, row.id, NAMED, now)
    elif _set_year(conn, row, told):
        note_event(conn, row.id, FILLED, now, reason="year told")


def _put_right(conn: Connection, row: FlagRow, told: Told, now: datetime) -> None:
    """Move a flag that went to the head of another year; where it is taken the right head gets one too."""
    if row.flag.route is not Route.HEAD_OF_YEAR:
        _set_year(conn, row, told)
    elif _would_name_its_reader(conn, row.case_id, told):
        note_event(conn, row.id, NAMED, now)
    elif _is_taken_by_another(row, told):
        note_event(conn, row.id, NAMED, now)
        raise_flag(conn, row.case_id, replace(row.flag, year=told.year), now, origin=f"flag {row.id}")
    elif _set_year(conn, row, told):
        note_event(conn, row.id, MOVED, now, reason=f"from year {row.flag.year}")


def _set_year(conn: Connection, row: FlagRow, told: Told) -> bool:
    """Give an open flag a year; not where a like one of that year is open on its case already."""
    if open_like(conn, row.case_id, replace(row.flag, year=told.year)) is not None:
        return False
    # Whoever is about to do something with it has seen it as another year's: their form is an older version.
    changed = update(flags).where(flags.c.id == row.id)
    conn.execute(changed.values(year=told.year, version=flags.c.version + 1))
    return True


def _is_taken_by_another(row: FlagRow, told: Told) -> bool:
    heads = {head.address for head in told.heads}
    return (
        row.flag.route is Route.HEAD_OF_YEAR and bool(row.holder) and (row.holder or "").lower() not in heads
    )


def _would_name_its_reader(conn: Connection, case_id: int, told: Told) -> bool:
    texts = select(decisions.c.classified).where(decisions.c.case_id == case_id)
    return names_anybody(told.heads, [text or "" for text in conn.execute(texts).scalars()])
