"""Flags as a page lists them: with what may be shown of their messages, and which stand together."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection
from starlette.requests import Request

from triage.domain.model import Topic, Trouble
from triage.domain.repeats import WEEK, Raised, together
from triage.domain.second_factor import is_fresh, is_wanted
from triage.domain.visibility import Access, Viewer, closing, is_closely_kept, is_held_back, scope
from triage.store.beside import Beside
from triage.store.flags import FlagRow, ids_within
from triage.store.queue import Entry
from triage.web.by_itself import asks_by_itself
from triage.web.sessions import SignedIn

VIEWED, REFRESHED = "words viewed", "words refreshed"
Clauses = Callable[[Topic | Trouble], str]


def no_clause(_topic: Topic | Trouble) -> str:
    """Return no sentence of any guidance."""
    return ""


@dataclass(frozen=True, slots=True)
class Line:
    """A flag as a page shows it. ``tickable`` ones can be closed without opening them.

    ``held_back`` ones are left to those who may know all of the case. ``others`` are those that stand with
    it, the same thing to do; ``recent`` whether all came this week.
    """

    row: FlagRow
    beside: Beside
    tickable: bool
    overdue: bool
    clause: str
    held_back: bool = False
    others: tuple["Line", ...] = ()
    recent: bool = False

    @property
    def whole(self) -> tuple["Line", ...]:
        """This line and those that stand with it."""
        return (self, *self.others)

    @property
    def can_ring(self) -> bool:
        """Whether it is known whom to ring, or about whom."""
        return bool(self.beside.contacts or self.beside.pupils)

    @property
    def messages(self) -> int:
        """How many messages it stands for."""
        return len({line.row.case_id for line in self.whole})

    @property
    def ticks(self) -> str:
        """Return what a form sends to close it with all that stand with it, each as it was shown."""
        return " ".join(f"{line.row.id}.{line.row.version}" for line in self.whole)


@dataclass(frozen=True, slots=True)
class Lines:
    """Makes the lines of a page. ``clauses`` gives the sentence of the guidance that a flag serves."""

    signed_in: SignedIn
    clauses: Clauses

    def of(self, conn: Connection, request: Request, who: Viewer, entries: Sequence[Entry]) -> list[Line]:
        """Return a line for each entry."""
        closable = ids_within(conn, scope(closing(who)), [each.row.id for each in entries])
        return [self._line(request, each, closable) for each in entries]

    def note_words(self, request: Request, who: Viewer, lines: Iterable[Line]) -> None:
        """Write into the audit of which cases words were shown to somebody, in one line a page.

        What a page was given by itself is there too, under its own name: nobody is known to have looked.
        """
        cases = sorted({line.row.case_id for line in lines if line.beside.access is not Access.NONE})
        if cases:
            shown = " ".join(str(case) for case in cases)
            action = REFRESHED if asks_by_itself(request) else VIEWED
            with self.signed_in.database.write() as conn:
                self.signed_in.note(conn, who.address, action, f"cases {shown}")

    def _line(self, request: Request, entry: Entry, closable: frozenset[int]) -> Line:
        flag, now = entry.row.flag, self.signed_in.clock()
        given_at = self.signed_in.session(request).second_factor_at
        wanted = entry.beside.closely_kept or is_wanted([flag])
        shut = wanted and not is_fresh(given_at, now, self.signed_in.site.second_factor)
        theirs = entry.row.id in closable and entry.row.state == "open"
        held_back = theirs and is_held_back(flag, kept_from=entry.beside.kept_from)
        return Line(
            row=entry.row,
            # What is safeguarding is read on its own page, which asks for the second factor.
            beside=Beside() if shut else entry.beside,
            tickable=theirs and not held_back and not is_closely_kept(flag),
            overdue=flag.deadline is not None and flag.deadline < now and entry.row.state == "open",
            clause=self.clauses(flag.topic),
            held_back=held_back,
        )


def grouped(lines: Sequence[Line], now: datetime) -> list[Line]:
    """Return lines with the repeats of a week folded into the first of them, which is the most pressing.

    Only what its viewer may read and close stands with anything: never a safeguarding matter, nor what else
    was found in its message.
    """
    return [
        _group([lines[place] for place in places], now)
        for places in together([_raised(line) for line in lines])
    ]


def _group(members: Sequence[Line], now: datetime) -> Line:
    recent = all(now - line.row.created_at <= WEEK for line in members)
    return replace(members[0], others=tuple(members[1:]), recent=recent)


def _raised(line: Line) -> Raised | None:
    if line.beside.closely_kept or not (line.tickable and line.beside.sender):
        return None
    return Raised(
        flag=line.row.flag,
        at=line.row.created_at,
        pupils=frozenset(pupil.id for pupil in line.beside.pupils),
        sender=line.beside.sender,
        sender_kind=line.beside.sender_kind,
    )
