"""Flags as their viewer may be shown them: one that they may see can stand for a topic that they may not."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from sqlalchemy import Connection, select

from triage.domain.visibility import Viewer, as_seen, scope
from triage.store.flags import FlagRow
from triage.store.tables import mailboxes, messages


def rows_seen(conn: Connection, who: Viewer, rows: Iterable[FlagRow]) -> tuple[FlagRow, ...]:
    """Return flags in the scope of ``who`` with no topic that they may not see."""
    every, within = tuple(rows), scope(who)
    boxes = mailboxes_of(conn, {row.case_id for row in every if row.flag.joined})
    return tuple(
        replace(row, flag=as_seen(within, row.flag, boxes.get(row.case_id, frozenset()))) for row in every
    )


def mailboxes_of(conn: Connection, case_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """Return in which mailboxes the messages of some cases lie: addresses in lower case."""
    if not case_ids:
        return {}
    lay = select(messages.c.case_id, messages.c.mailbox_id).where(messages.c.case_id.in_(case_ids)).distinct()
    placed = conn.execute(lay).all()
    known = select(mailboxes.c.id, mailboxes.c.address).where(
        mailboxes.c.id.in_({row.mailbox_id for row in placed})
    )
    addresses = {row.id: row.address.lower() for row in conn.execute(known)}
    found: dict[int, set[str]] = defaultdict(set)
    for row in placed:
        found[row.case_id].add(addresses[row.mailbox_id])
    return {case: frozenset(boxes) for case, boxes in found.items()}
