"""Whether a safeguarding flag is open on a person: asked before a decision, and before a reply leaves."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, exists, or_, select

from triage.domain.model import Topic
from triage.store.tables import case_pupils, cases, flags


def open_safeguarding(
    conn: Connection, sender_hash: str | None, *, pupils: Collection[str] = (), case_id: int | None = None
) -> bool:
    """Tell whether a safeguarding flag is open on a sender, on one of some pupils, or on a case."""
    about = exists().where(case_pupils.c.case_id == flags.c.case_id, case_pupils.c.pupil_id.in_(pupils))
    any_of: list[ColumnElement[bool]] = [cases.c.sender_hash == sender_hash, flags.c.case_id == case_id]
    found = (
        select(flags.c.id)
        .join(cases, cases.c.id == flags.c.case_id)
        .where(flags.c.state == "open", flags.c.topic == Topic.SAFEGUARDING.value)
        .where(or_(*any_of, *([about] if pupils else [])))
    )
    return conn.execute(found.limit(1)).first() is not None
