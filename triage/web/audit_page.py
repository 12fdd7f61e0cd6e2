"""The page of the audit: who saw and did what, in ids, for the data protection officer and administrators."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from itertools import groupby
from typing import Self
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from triage.domain.pages import Page
from triage.domain.visibility import Viewer
from triage.store.audit import AT_ONCE, Line
from triage.store.audit_search import MENTION, PAGE, Found, Sought, actions_known, openable, search
from triage.web.forms import field, read_form
from triage.web.ids import number_of
from triage.web.render import Renderer
from triage.web.sessions import SignedIn
from triage.web.spreadsheet import MARK, as_csv

LONGEST = 254
NOT_UNDERSTOOD = "That cannot be looked for. Go back and look at the days."
COLUMNS = ("When", "Who", "What was done", "On what")

Piece = tuple[str, int | None]
"""A part of what a line is about, and the case to which it leads."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form holds: parts of names and words, and days in the school's zone, both included."""

    person: str = ""
    action: str = ""
    thing: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def read(cls, form: FormData) -> Self:
        """Read a form."""
        return cls(*(field(form, each.name).strip()[:LONGEST] for each in fields(cls)))

    def sought(self, zone: ZoneInfo) -> Sought:
        """Return the search that is meant. Raises HTTPException for days that cannot be."""
        since, until = _day(self.since), _day(self.until)
        if since and until and until < since:
            raise HTTPException(HTTPStatus.BAD_REQUEST, NOT_UNDERSTOOD)
        thing = f"case {self.thing}" if self.thing.isascii() and self.thing.isdecimal() else self.thing
        after = until and until + timedelta(days=1)
        return Sought(self.person, self.action, thing, _midnight(since, zone), _midnight(after, zone))


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as the page shows it: under its day, with the cases that its viewer may open as links."""

    time: str
    line: Line
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """The audit in pages, the search in it, and its lines as a file; each look is itself a line.

    Whom somebody looks for is a person: so a search is sent as a form, and never stands in an address.
    """

    signed_in: SignedIn
    renderer: Renderer

    def routes(self) -> Sequence[Route]:
        """Return the routes of the page."""
        return [
            Route(Page.AUDIT, self.page),
            Route(Page.AUDIT, self.search, methods=["POST"]),
            Route(f"{Page.AUDIT}/lines.csv", self.file, methods=["POST"]),
        ]

    def page(self, request: Request) -> Response:
        """Show the newest lines, or those before a line."""
        who = self.signed_in.viewer_of(request, Page.AUDIT)
        return self._page(request, who, Asked(), number_of(request.query_params.get("before", "0")))

    async def search(self, request: Request) -> Response:
        """Show the lines that a form asks for."""
        who = await run_in_threadpool(self.signed_in.viewer_of, request, Page.AUDIT)
        form = await read_form(request)
        before = number_of(field(form, "before") or "0")
        return await run_in_threadpool(self._page, request, who, Asked.read(form), before)

    async def file(self, request: Request) -> Response:
        """Return every line that a form asks for as a file for a spreadsheet (RFC 4180), few in memory."""
        who = await run_in_threadpool(self.signed_in.viewer_of, request, Page.AUDIT)
        return await run_in_threadpool(self._file, who, Asked.read(await read_form(request)))

    def _page(self, request: Request, who: Viewer, asked: Asked, before: int) -> Response:
        with self.signed_in.database.read() as conn:
            found = search(conn, who, asked.sought(self._zone), before or None, PAGE)
            may_open = openable(conn, who, found.lines)
            known = actions_known(conn)
        self._note(who, "audit viewed")
        return self.renderer.page(
            request,
            "audit.html",
            who=who,
            asked=asked,
            everything=asked == Asked(),
            days=self._by_day(found, may_open),
            found=found,
            is_newest=not before,
            known=known,
            longest=LONGEST,
            hidden=asdict(asked),
        )

    def _file(self, who: Viewer, asked: Asked) -> Response:
        sought = asked.sought(self._zone)
        self._note(who, "audit downloaded")
        today = self.signed_in.clock().astimezone(self._zone).date()
        return StreamingResponse(
            self._rows(who, sought),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="audit-{today.isoformat()}.csv"'},
        )

    def _rows(self, who: Viewer, sought: Sought) -> Iterator[str]:
        """Yield the file in pieces, each read in a short transaction of its own."""
        yield MARK + as_csv([COLUMNS])
        before: int | None = None
        while True:
            with self.signed_in.database.read() as conn:
                found = search(conn, who, sought, before, AT_ONCE)
            yield as_csv([self._row(line) for line in found.lines])
            if found.before is None:
                return
            before = found.before

    def _row(self, line: Line) -> Sequence[str]:
        at = line.at.astimezone(self._zone).isoformat(sep=" ", timespec="seconds")
        return at, line.actor, line.action, line.object

    def _by_day(self, found: Found, may_open: frozenset[int]) -> list[tuple[date, list[Shown]]]:
        def day(line: Line) -> date:
            return line.at.astimezone(self._zone).date()

        return [
            (each, [self._shown(line, may_open) for line in lines])
            for each, lines in groupby(found.lines, day)
        ]

    def _shown(self, line: Line, may_open: frozenset[int]) -> Shown:
        at = line.at.astimezone(self._zone)
        return Shown(f"{at:%H:%M}", line, pieces(line.object, may_open))

    def _note(self, who: Viewer, what: str) -> None:
        with self.signed_in.database.write() as conn:
            self.signed_in.note(conn, who.address, what, "audit")

    @property
    def _zone(self) -> ZoneInfo:
        return self.signed_in.school.calendar.zone


def pieces(object_: str, may_open: frozenset[int]) -> list[Piece]:
    """Take apart what a line is about, so that each case that may be opened can be a link."""
    found, at = list[Piece](), 0
    for mention in MENTION.finditer(object_):
        for number in re.finditer(r"\d+", mention[2]) if mention[1] == "case" else ():
            start = mention.start(2) + number.start()
            if int(number[0]) in may_open:
                found += [(object_[at:start], None), (number[0], int(number[0]))]
                at = start + len(number[0])
    return [*found, (object_[at:], None)]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise HTTPException(HTTPStatus.BAD_REQUEST, NOT_UNDERSTOOD) from None


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), zone)
