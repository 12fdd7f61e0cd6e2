"""The page of the queue: what waits, for how long one will sit there, and what can be done with one key."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby, pairwise
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from triage.domain.model import Severity, Topic, Trouble
from triage.domain.pages import Page, may_open
from triage.domain.resolutions import ORDINARY, Resolution, resolutions_for
from triage.domain.search import Wanted
from triage.domain.visibility import Viewer, is_closely_kept, scope
from triage.store import queue, views
from triage.store.flags import RESOLVED, FlagRow
from triage.store.queue import COUNTED, PAGE, QueuePage
from triage.store.switches import replies_stopped
from triage.store.views import View
from triage.store.workflow import Change, ChangedMeanwhileError, reopen, resolve
from triage.web.forms import field, read_form
from triage.web.hiding import hide, is_hiding
from triage.web.ids import LARGEST_PAGE, number_of, page_number, path_id
from triage.web.lines import Clauses, Line, Lines, grouped
from triage.web.render import Renderer, words
from triage.web.sessions import SignedIn

MINUTES_A_FLAG = 2
TIERS = {
    Severity.IMMEDIATE: "Now",
    Severity.HIGH: "Today, before anything else",
    Severity.REVIEW: "With your queue",
}
LONGEST_NAME = 60
NO_VIEW = "There is no such view of yours."
NO_SUCH_SEARCH = "That cannot be searched for. Go back and look at the dates and the year."
MEANWHILE = "Somebody else has changed this flag since your page was shown. Nothing of yours was written."
NONE_TICKED = "Tick what you want to close."
NO_REASON = "Choose a reason."
TAKEN_BACK = "Taken back at once: closed by mistake."


@dataclass(frozen=True, slots=True)
class Told:
    """What the queue says of a form that was sent there, "" for nothing; ``undo`` is what opens it again.

    What could not be done is given back: the values ``ticked``, and the reason.
    """

    said: str = ""
    is_done: bool = True
    ticked: frozenset[str] = frozenset()
    reason: str = ""
    undo: str = ""


@dataclass(frozen=True, slots=True)
class QueuePages:
    """The queue, its search, its views, and closing several flags at once.

    ``clauses`` gives the sentence of the school's guidance that a flag serves.
    """

    signed_in: SignedIn
    renderer: Renderer
    clauses: Clauses

    @property
    def _lines(self) -> Lines:
        return Lines(self.signed_in, self.clauses)

    def routes(self) -> Sequence[Route]:
        """Return the routes of the queue."""
        return [
            Route("/flags", self.page),
            Route("/flags/search", self.search, methods=["POST"]),
            Route("/flags/hide", self.hide, methods=["POST"]),
            Route("/flags/undo", self.undo, methods=["POST"]),
            Route("/flags/resolve", self.resolve_ticked, methods=["POST"]),
            Route("/flags/{flag:int}/rang", self.rang, methods=["POST"]),
            Route("/views/{view:int}/name", self.name_view, methods=["POST"]),
            Route("/views/{view:int}/forget", self.forget_view, methods=["POST"]),
        ]

    def page(self, request: Request) -> Response:
        """Show a page of the queue, the most pressing first, and what has just been closed there."""
        who, asked = self.signed_in.viewer(request), request.query_params
        with self.signed_in.database.read() as conn:
            told = _told(conn, who, asked)
        return self._show(request, who, asked.get("view", ""), page_number(request), told)

    def _show(self, request: Request, who: Viewer, asked: str, number: int, told: Told) -> Response:
        zone = self.signed_in.school.calendar.zone
        with self.signed_in.database.read() as conn:
            view = self._view(conn, who, asked)
            wanted = view.wanted if view else Wanted()
            found = queue.read_queue(conn, who, wanted, zone, number)
            flags = self._lines.of(conn, request, who, found.entries)
            named = views.named_views(conn, who.address)
            totals, stopped = queue.totals(conn, scope(who)), replies_stopped(conn)
        hidden = is_hiding(self.signed_in, request)
        if not hidden:
            self._lines.note_words(request, who, flags)
        lines = grouped(flags, self.signed_in.clock())
        return self.renderer.page(
            request,
            "queue.html",
            status=HTTPStatus.OK if told.is_done else HTTPStatus.BAD_REQUEST,
            who=who,
            told=told,
            following={one.row.id: after.row.id for one, after in pairwise(lines)},
            headline=headline(found, wanted, len(lines)),
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
            reasons=_reasons(lines),
            named=named,
            totals=totals,
            stopped=stopped,
            hidden=hidden,
            has_own_mail=may_open(who, Page.OWN_MAIL) and self.signed_in.school.watches(who.address),
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

    async def hide(self, request: Request) -> Response:
        """Hide words and names in the queue, or show them again, for this session."""
        await run_in_threadpool(self.signed_in.viewer, request)
        form = await read_form(request)
        return hide(self.signed_in, request, _place(form), on=bool(field(form, "hide")))

    async def resolve_ticked(self, request: Request) -> Response:
        """Close the ticked flags with one reason; what somebody changed meanwhile stays as it is."""
        who = await run_in_threadpool(self.signed_in.viewer, request)
        form = await read_form(request)
        ticked = list(_ticked(form, "flag"))
        reason = field(form, "reason")
        if not (ticked and reason):
            told = Told(NO_REASON if ticked else NONE_TICKED, False, frozenset(_values(form, "flag")), reason)
            number = min(max(1, number_of(field(form, "page") or "1")), LARGEST_PAGE)
            return await run_in_threadpool(self._show, request, who, field(form, "view"), number, told)
        left = await run_in_threadpool(self._resolve_each, who, ticked, reason)
        if left:
            raise HTTPException(HTTPStatus.CONFLICT, _left_open(len(ticked), left))
        return _to(_place(form, closed=len(ticked)))

    async def rang(self, request: Request) -> Response:
        """Close a flag, with those that stand with it, as dealt with by telephone."""
        who = await run_in_threadpool(self.signed_in.viewer, request)
        form = await read_form(request)
        flag = path_id(request, "flag", NO_VIEW), number_of(field(form, "version"))
        both = list(dict.fromkeys([flag, *_ticked(form, "also")]))
        left = await run_in_threadpool(self._resolve_each, who, both, Resolution.BY_TELEPHONE.value)
        if left:
            told = MEANWHILE if len(both) == 1 else _left_open(len(both), left)
            raise HTTPException(HTTPStatus.CONFLICT, told)
        following = request.query_params.get("next", "")
        place = f"#entry-{number_of(following)}" if following else ""
        return _to(_place(form, rang="-".join(str(number) for number, _ in both)) + place)

    async def undo(self, request: Request) -> Response:
        """Open again what has just been closed in the queue."""
        who = await run_in_threadpool(self.signed_in.viewer, request)
        form = await read_form(request)
        closed = list(_ticked(form, "flag"))
        left = await run_in_threadpool(self._reopen_each, who, closed)
        if left or not closed:
            raise HTTPException(HTTPStatus.CONFLICT, MEANWHILE)
        return _to(f"{_place(form)}#entry-{closed[0][0]}")

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

    def _view(self, conn: Connection, who: Viewer, asked: str) -> View | None:
        if not asked:
            return None
        view = views.find_view(conn, who.address, number_of(asked))
        if view is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, NO_VIEW)
        return view

    def _remember(self, who: Viewer, wanted: Wanted) -> int:
        with self.signed_in.database.write() as conn:
            return views.remember(conn, who.address, wanted, self.signed_in.clock())

    def _resolve_each(self, who: Viewer, ticked: Sequence[tuple[int, int]], reason: str) -> int:
        """Close flags that are for ``who`` to close without a note; return how many stayed open."""

        def close(conn: Connection, row: FlagRow, change: Change) -> bool:
            fits = reason in resolutions_for(row.flag)
            if fits:
                resolve(conn, change, reason, "")
            return fits

        return self._each(who, ticked, close)

    def _reopen_each(self, who: Viewer, closed: Sequence[tuple[int, int]]) -> int:
        """Open flags again that are for ``who`` to close without a note; return how many stayed closed."""

        def open_again(conn: Connection, _row: FlagRow, change: Change) -> bool:
            reopen(conn, change, TAKEN_BACK)
            return True

        return self._each(who, closed, open_again)

    def _each(
        self,
        who: Viewer,
        chosen: Sequence[tuple[int, int]],
        act: Callable[[Connection, FlagRow, Change], bool],
    ) -> int:
        """Act on each of some flags in a transaction of its own; return how many stayed as they were.

        ``act`` tells whether it could.
        """
        done, now = 0, self.signed_in.clock()
        for flag_id, version in chosen:
            with self.signed_in.database.write() as conn:
                row = queue.find_closable(conn, who, flag_id)
                if row is None or is_closely_kept(row.flag):
                    continue
                try:
                    done += act(conn, row, Change(flag_id, version, who.address, now))
                except ChangedMeanwhileError:
                    continue
        return len(chosen) - done


def _told(conn: Connection, who: Viewer, asked: QueryParams) -> Told:
    """Return what is said of what was just closed: of flags that are for ``who`` to close, and no others."""
    if asked.get("closed"):
        return Told(f"{number_of(asked['closed'])} closed.")
    numbers = [number_of(each) for each in asked.get("rang", "").split("-")[:PAGE] if each]
    found = (queue.find_closable(conn, who, number) for number in numbers)
    rows = [row for row in found if row and row.state == RESOLVED and not is_closely_kept(row.flag)]
    if not rows:
        return Told()
    several = f", {len(rows)} flags" if len(rows) > 1 else ""
    undo = " ".join(f"{row.id}.{row.version}" for row in rows)
    return Told(f"Closed: {words(rows[0].flag.topic)}, rang home{several}.", undo=undo)


def _reasons(lines: Sequence[Line]) -> list[str]:
    """Return the ways in which anything on a page can be closed without opening it."""
    ways = {way for line in lines if line.tickable for way in resolutions_for(line.row.flag)}
    return [each.value for each in Resolution if each in (ways or ORDINARY)]


def headline(found: QueuePage, wanted: Wanted, things: int) -> str:
    """Say how much there is, and how long it may take: flags that stand together are one thing to do.

    ``things`` is how many lines the page has. Where there are more pages nobody knows yet what on them stands
    together, so the time is the longest that it may be.
    """
    if wanted != Wanted():
        return f"{_count(found.number)} found"
    if not found.number:
        return "Today: nothing waits for you"
    if found.number >= COUNTED:
        return f"Today: {_count(found.number)}"
    if found.last > 1:
        return f"Today: {found.number}, at most {found.number * MINUTES_A_FLAG} minutes"
    to_do = "" if things == found.number else f" flags, {things} thing{'' if things == 1 else 's'} to do"
    return f"Today: {found.number}{to_do}, about {things * MINUTES_A_FLAG} minutes"


def _count(number: int) -> str:
    return f"more than {COUNTED - 1}" if number >= COUNTED else str(number)


def _left_open(ticked: int, left: int) -> str:
    return (
        f"{ticked - left} of {ticked} were closed. The rest are as they were: somebody else has changed them "
        "since your page was shown, or they are closed on their own page, with a note."
    )


def _values(form: FormData, name: str) -> list[str]:
    return [value for value in form.getlist(name) if isinstance(value, str)]


def _ticked(form: FormData, name: str) -> Iterator[tuple[int, int]]:
    """Yield the flags that a form names, each once, with the version that its page has shown."""
    for each in dict.fromkeys(" ".join(_values(form, name)).split()):
        flag, _, version = each.partition(".")
        yield number_of(flag), number_of(version)


def _place(form: FormData, **more: object) -> str:
    """Return the address of the queue from which a form was sent, by numbers alone."""
    asked = {name: number_of(field(form, name)) for name in ("view", "page") if field(form, name)} | more
    return "/flags" + ("?" + urlencode(asked) if asked else "")


def _to(path: str) -> Response:
    return RedirectResponse(path, status_code=HTTPStatus.SEE_OTHER)
