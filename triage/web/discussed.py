"""What was closed as already under discussion, as a page says it: until when it raises no other flag."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from triage.domain.visibility import Viewer
from triage.store.discussion import discussed_until
from triage.store.flags import FlagRow
from triage.web.sessions import SignedIn


@dataclass(frozen=True, slots=True)
class Discussed:
    """A flag that keeps others away, on which case, and until which day."""

    flag_id: int
    case_id: int
    until: str


def discussed(conn: Connection, who: Viewer, rows: Sequence[FlagRow], signed_in: SignedIn) -> list[Discussed]:
    """Return which flags of a page keep others away, of those that ``who`` may close."""
    found = discussed_until(conn, who, [row.id for row in rows], signed_in.clock())
    zone = signed_in.school.calendar.zone
    days = {flag_id: until.astimezone(zone) for flag_id, until in found.items()}
    return [Discussed(row.id, row.case_id, f"{days[row.id]:%-d %b %Y}") for row in rows if row.id in days]
