"""How a case stands when somebody does something with one of its flags, asked in the same transaction."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from triage.domain.by_hand import Place
from triage.domain.model import Flag
from triage.domain.school import School
from triage.domain.visibility import Access, Viewer, is_held_back, is_kept_from, text_access
from triage.store.flags import DROPPED, FlagRow, flag_row
from triage.store.tables import cases, decisions, flags, mailboxes, messages


@dataclass(frozen=True, slots=True)
class Standing:
    """Every flag that was ever raised on a case, the mailboxes where its message lay, and when it came.

    ``mailboxes`` are addresses in lower case.
    """

    rows: tuple[FlagRow, ...]
    mailboxes: frozenset[str]
    received: datetime

    @property
    def every(self) -> tuple[Flag, ...]:
        """All flags, those too that were dropped: whom one was about still does not see the case."""
        return tuple(row.flag for row in self.rows)

    def access(self, who: Viewer) -> Access:
        """Return how much of the text somebody may read."""
        return text_access(who, self._raised, self.mailboxes)

    def holds_back(self, who: Viewer, flag: Flag) -> bool:
        """Tell whether one of its flags is not for somebody to close, because of what stands beside it."""
        return is_held_back(flag, kept_from=is_kept_from(who, self._raised, self.mailboxes))

    def place(self, school: School, year: int | None) -> Place:
        """Return where a flag for a year is raised by hand."""
        about = frozenset(flag.about.lower() for flag in self.every if flag.about)
        return Place(school, self.received, year, self.mailboxes, about, self.every)

    @property
    def _raised(self) -> tuple[Flag, ...]:
        return tuple(row.flag for row in self.rows if row.state != DROPPED)


def standing(conn: Connection, case_id: int) -> Standing:
    """Return how a case stands now."""
    rows = conn.execute(select(flags).where(flags.c.case_id == case_id).order_by(flags.c.id)).mappings()
    lay = select(mailboxes.c.address).join(messages).where(messages.c.case_id == case_id)
    return Standing(
        rows=tuple(flag_row(row) for row in rows),
        mailboxes=frozenset(address.lower() for address in conn.execute(lay).scalars()),
        received=_received(conn, case_id),
    )


def _received(conn: Connection, case_id: int) -> datetime:
    """Return when the newest message of a case came; what could not be read came when it was met."""
    newest = select(func.max(decisions.c.received_at)).where(decisions.c.case_id == case_id)
    met = select(cases.c.created_at).where(cases.c.id == case_id)
    found: datetime = conn.execute(newest).scalar() or conn.execute(met).scalar_one()
    return found
