"""The page of the queue: what waits, for how long one will sit there, and what can be done with one key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from triage.domain.model import Severity, Topic, Trouble
from triage.domain.resolutions import ORDINARY, Resolution, resolutions_for
from triage.domain.search import Wanted
from triage.domain.second_factor import is_fresh, is_wanted
from triage.domain.visibility import Viewer, closing, is_closely_kept, scope
from triage.store import queue, views
from triage.store.beside import Beside
from triage.store.flags import FlagRow, ids_within
from triage.store.queue import COUNTED, Entry, QueuePage
from triage.store.switches import replies_stopped
from triage.store.views import View
from triage.store.workflow import Change, ChangedMeanwhileError, resolve
from triage.web.forms import field, read_form
from triage.web.ids import path_id
from triage.web.render import Renderer
from triage.web.sessions import SignedIn

MINUTES_A_FLAG = 2
TIERS = {
    Severity.IMMEDIATE: "Now",
    Severity.HIGH: "Today, before anything else",
    Severity.REVIEW: "With your queue",
}
LONGEST_NAME = 60
LARGEST_PAGE = 10_000
NO_PUPIL = "There is nothing about such a pupil, or nothing that you may see."
NO_VIEW = "There is no such view of yours."
NO_SUCH_SEARCH = "That cannot be searched for. Go back and look at the dates and the year."
MEANWHILE = "Somebody else has changed this flag since your page was shown. Nothing of yours was written."
NONE_TICKED = "No flag was ticked, so nothing was closed."

Clauses = Callable[[Topic | Trouble], str]


def no_clause(_topic: Topic | Trouble) -> str:
    """Return no sentence of any guidance."""
    return ""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as the page shows it. ``tickable`` ones can be closed without opening them."""

    row: FlagRow
    beside: Beside
    tickable: bool
    overdue: bool
    clause: str


@dataclass(frozen=True, slots=True)
class QueuePages:
    """The queue, its search, its views, and closing several flags at once.

    ``clauses`` gives the sentence of the school's guidance that a flag serves.
    """

    signed_in: SignedIn
    renderer: Renderer
    clauses: Clauses

    def routes(self) -> Sequence[Route]:
        """Return the routes of the queue."""
        return [
            Route("/flags", self.page),
            Route("/flags/search", self.search, methods=["POST"]),
            Route("/flags/resolve", self.resolve_ticked, methods=["POST"]),
            Route("/flags/{flag:int}/rang", self.rang, methods=["POST"]),
            Route("/pupils/{pupil}", self.pupil),
            Route("/views/{view:int}/name", self.name_view, methods=["POST"]),
            Route("/views/{view:int}/forget", self.forget_view, methods=["POST"]),
        ]

    def page(self, request: Request) -> Response:
        """Show a page of the queue, the most pressing first."""
        who, number = self.signed_in.viewer(request), _page_number(request)
        zone = self.signed_in.school.calendar.zone
        with self.signed_in.database.read() as conn:
            view = self._view(conn, who, request)
            wanted = view.wanted if view else Wanted()
            found = queue.read_queue(conn, who, wanted, zone, number)
            closable = ids_within(conn, scope(closing(who)), [each.row.id for each in found.entries])
            lines = [self._line(request, each, closable) for each in found.entries]
            named = views.named_views(conn, who.address)
            totals, stopped = queue.totals(conn, scope(who)), replies_stopped(conn)
        self._note_words(who, lines)
        return self.renderer.page(
            request,
            "queue.html",
            who=who,
            headline=headline(found, wanted),
            tiers=[(tier, list(some)) for tier, some in groupby(lines, lambda line: line.row.flag.severity)],
            view=view,
            wanted=wanted,
            page=found.page,
            last=found.last,
            address=f"/flags?view={view.id}&" if view else "/flags?",
            tier_names=TIERS,
            topics=[each.value for each in (*Topic, *Trouble)],
            severities=[each.value for each in Severity],
            years=sorted(who.years) or list(range(7, 14)),
            reasons=[each.value for each in ORDINARY],
            named=named,
            totals=totals,
            stopped=stopped,
        )

    def pupil(self, request: Request) -> Response:
        """Show what waits and what was dealt with about one pupil, as far as the viewer may read it."""
        who, zone = self.signed_in.viewer(request), self.signed_in.school.calendar.zone
        asked = request.path_params["pupil"]
        with self.signed_in.database.read() as conn:
            states = []
            for state in ("open", "resolved"):
                found = queue.read_queue(conn, who, Wanted(state=state, pupil=asked), zone).entries
                closable = ids_within(conn, scope(closing(who)), [each.row.id for each in found])
                states.append((state, [self._line(request, each, closable) for each in found]))
        lines = [line for _, some in states for line in some]
        named = [one for line in lines for one in line.beside.pupils if one.id == asked]
        if not named:
            raise HTTPException(HTTPStatus.NOT_FOUND, NO_PUPIL)
        self._note_words(who, lines)
        return self.renderer.page(
            request, "pupil.html", who=who, pupil=named[0], states=[each for each in states if each[1]]
        )

    async def search(self, request: Request) -> Response:
        """Remember what is looked for, and show it: nothing of it stands in the address."""
        who = await run_in_threadpool(self.signed_in.viewer, request)
        form = await read_form(request)
        try:
            wanted = Wanted.read({name: field(form, name) for name in Wanted.__dataclass_fields__})
        except ValueError:
            raise HTTPException(HTTPStatus.BAD_REQUEST, NO_SUCH_SEARCH) from None
        view = await run_in_threadpool(self._remember, who, wanted)
        return _to(f"/flags?view={view}")

    async def resolve_ticked(self, request: Request) -> Response:
        """Close the ticked flags with one reason; what somebody changed meanwhile stays as it is."""
        who = await run_in_threadpool(self.signed_in.viewer, request)
        form = await read_form(request)
        ticked = [_ticked(value) for value in form.getlist("flag") if isinstance(value, str)]
        if not ticked:
            raise HTTPException(HTTPStatus.BAD_REQUEST, NONE_TICKED)
        left = await run_in_threadpool(self._resolve_each, who, ticked, field(form, "reason"))
        if left:
            raise HTTPException(HTTPStatus.CONFLICT, _left_open(len(ticked), left))
        return _to("/flags")

    async def rang(self, request: Request) -> Response:
        """Close a flag as dealt with by telephone."""
        who = await run_in_threadpool(self.signed_in.viewer, request)
        form = await read_form(request)
        flag = path_id(request, "flag", NO_VIEW), _number(field(form, "version"))
        if await run_in_threadpool(self._resolve_each, who, [flag], Resolution.BY_TELEPHONE.value):
            raise HTTPException(HTTPStatus.CONFLICT, MEANWHILE)
        return _to("/flags")

    async def name_view(self, request: Request) -> Response:
        """Keep a search as a view with a name."""
        who = await run_in_threadpool(self.signed_in.viewer, request)
        form = await read_form(request)
        name, view = field(form, "name").strip()[:LONGEST_NAME], path_id(request, "view", NO_VIEW)
        with self.signed_in.database.write() as conn:
            if not name or not views.name_view(conn, who.address, view, name):
                raise HTTPException(HTTPStatus.NOT_FOUND, NO_VIEW)
        return _to(f"/flags?view={view}")

    def forget_view(self, request: Request) -> Response:
        """Forget a view."""
        who, view = self.signed_in.viewer(request), path_id(request, "view", NO_VIEW)
        with self.signed_in.database.write() as conn:
            if not views.forget_view(conn, who.address, view):
                raise HTTPException(HTTPStatus.NOT_FOUND, NO_VIEW)
        return _to("/flags")

    def _note_words(self, who: Viewer, lines: Sequence[Line]) -> None:
        """Write into the audit of which cases somebody has seen words, in one line a page."""
        cases = sorted({line.row.case_id for line in lines if line.beside.sender})
        if cases:
            shown = " ".join(str(case) for case in cases)
            with self.signed_in.database.write() as conn:
                self.signed_in.note(conn, who.address, "words viewed", f"cases {shown}")

    def _line(self, request: Request, entry: Entry, closable: frozenset[int]) -> Line:
        flag, now = entry.row.flag, self.signed_in.clock()
        given_at = self.signed_in.session(request).second_factor_at
        shut = is_wanted([flag]) and not is_fresh(given_at, now, self.signed_in.site.second_factor)
        return Line(
            row=entry.row,
            # What is safeguarding is read on its own page, which asks for the second factor.
            beside=Beside(entry.beside.access) if shut else entry.beside,
            tickable=entry.row.id in closable and entry.row.state == "open" and not is_closely_kept(flag),
            overdue=flag.deadline is not None and flag.deadline < now and entry.row.state == "open",
            clause=self.clauses(flag.topic),
        )

    def _view(self, conn: Connection, who: Viewer, request: Request) -> View | None:
        asked = request.query_params.get("view", "")
        if not asked:
            return None
        view = views.find_view(conn, who.address, _number(asked))
        if view is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, NO_VIEW)
        return view

    def _remember(self, who: Viewer, wanted: Wanted) -> int:
        with self.signed_in.database.write() as conn:
            return views.remember(conn, who.address, wanted, self.signed_in.clock())

    def _resolve_each(self, who: Viewer, ticked: Sequence[tuple[int, int]], reason: str) -> int:
        """Close flags that are for ``who`` to close without a note; return how many stayed open."""
        closed, now = 0, self.signed_in.clock()
        for flag_id, version in ticked:
            with self.signed_in.database.write() as conn:
                row = queue.find_flag(conn, closing(who), flag_id)
                if row is None or is_closely_kept(row.flag) or reason not in resolutions_for(row.flag):
                    continue
                try:
                    resolve(conn, Change(flag_id, version, who.address, now), reason, "")
                except ChangedMeanwhileError:
                    continue
                closed += 1
        return len(ticked) - closed


def headline(found: QueuePage, wanted: Wanted) -> str:
    """Say how much there is, and how long it may take."""
    if wanted != Wanted():
        return f"{_count(found.number)} found"
    if not found.number:
        return "Today: nothing waits for you"
    if found.number >= COUNTED:
        return f"Today: {_count(found.number)}"
    return f"Today: {found.number}, about {found.number * MINUTES_A_FLAG} minutes"


def _count(number: int) -> str:
    return f"more than {COUNTED - 1}" if number >= COUNTED else str(number)


def _left_open(ticked: int, left: int) -> str:
    return (
        f"{ticked - left} of {ticked} were closed. The rest are as they were: somebody else has changed them "
        "since your page was shown, or they are closed on their own page, with a note."
    )


def _ticked(value: str) -> tuple[int, int]:
    flag, _, version = value.partition(".")
    return _number(flag), _number(version)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(2**31)):
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return int(text)


def _page_number(request: Request) -> int:
    return min(max(1, _number(request.query_params.get("page", "1"))), LARGEST_PAGE)


def _to(path: str) -> Response:
    return RedirectResponse(path, status_code=HTTPStatus.SEE_OTHER)
