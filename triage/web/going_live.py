"""Going live: what the rehearsals came to, whether it is time to go, and to whom replies go.

The headteacher decides, the safeguarding leads read along, the administrator sees numbers. Single messages
are on a page of their own, which each look at is in the audit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from triage.domain.going_live import Standing, answers
from triage.domain.pages import Page
from triage.domain.phone_calls import ASSUMED, Line
from triage.domain.quoting import FOLDED
from triage.domain.school import Role
from triage.domain.switched import SwitchedOn
from triage.domain.visibility import Viewer, keeps_records
from triage.store.rehearsals import (
    Doubtful,
    Kept,
    forget_least_certain,
    last_rehearsals,
    least_certain,
    number_kept,
)
from triage.store.roster import pupils_by_year, roster_imported_at
from triage.store.switched import Choice, last_choice, switch_on
from triage.store.switches import lock_replies, replies_stopped
from triage.store.watched import TROUBLE, watched
from triage.web.forms import field, read_form
from triage.web.message_pages import VIEWED
from triage.web.rehearsal_shown import shown
from triage.web.render import Renderer
from triage.web.replies_page import LONGEST_REASON, one_line
from triage.web.sessions import SignedIn

LEAST_CERTAIN = f"{Page.GOING_LIVE}/least-certain"
MOST_EARLIER = 6
MAYBE_CRUDE = 0.2
EVERY, SOME = "every", "some"
NO_REASON = "Say why: the choice is kept with its reason, for whoever asks later."
NO_CHOICE = "Choose every year or some of them, and every part or some of them."
CHOSEN_MEANWHILE = (
    "Somebody else has chosen meanwhile. Nothing was changed: look at the page again, then choose."
)
NO_REHEARSAL = "No rehearsal was kept yet."
NONE_KEPT = "No messages of a rehearsal are kept."


@dataclass(frozen=True, slots=True)
class GoingLive:
    """The page Going live, and that of the messages about which the software was least certain."""

    signed_in: SignedIn
    renderer: Renderer

    def routes(self) -> Sequence[Route]:
        """Return the routes of the pages."""
        return [
            Route(Page.GOING_LIVE, self.page),
            Route(f"{Page.GOING_LIVE}/rehearsal", self.rehearsal),
            Route(LEAST_CERTAIN, self.least_certain),
            Route(f"{LEAST_CERTAIN}/forget", self.forget, methods=["POST"]),
            Route(f"{Page.GOING_LIVE}/switch", self.switch, methods=["POST"]),
        ]

    def page(self, request: Request) -> Response:
        """Show the checklist, what is switched on, and the last rehearsals in numbers."""
        who = self.signed_in.viewer_of(request, Page.GOING_LIVE)
        ready, school, now = self.signed_in.site.ready, self.signed_in.school, self.signed_in.clock()
        with self.signed_in.database.read() as conn:
            kept = last_rehearsals(conn, MOST_EARLIER)
            asked = answers(ready, self._standing(conn, kept), now)
            choice, years = last_choice(conn), pupils_by_year(conn)
            doubtful = number_kept(conn, kept[0].id) if kept and reads(who) else 0
        on = SwitchedOn() if choice is None else choice.on
        return self.renderer.page(
            request,
            "going_live.html",
            who=who,
            answers=asked,
            missing=sum(not each.go for each in asked),
            live=ready.live,
            choice=choice,
            on=on,
            years=sorted({*years, *(on.years or ())}),
            parts=sorted({*ready.parts, *(on.parts or ())}),
            decides=decides(who),
            doubtful=doubtful,
            last=kept[0] if kept else None,
            shown=shown(kept[0].figures, school) if kept else None,
            earlier=kept[1:],
            longest_reason=LONGEST_REASON,
        )

    def rehearsal(self, request: Request) -> Response:
        """Show what the last rehearsal came to in plots and tables."""
        who = self.signed_in.viewer_of(request, Page.GOING_LIVE)
        with self.signed_in.database.read() as conn:
            kept = last_rehearsals(conn, 1)
        if not kept:
            raise HTTPException(HTTPStatus.NOT_FOUND, NO_REHEARSAL)
        return self.renderer.page(
            request,
            "rehearsal.html",
            who=who,
            last=kept[0],
            shown=shown(kept[0].figures, self.signed_in.school),
            lines=Line,
            assumed=ASSUMED,
        )

    def least_certain(self, request: Request) -> Response:
        """Show the least certain messages to those who may read them, with a line in the audit."""
        who = self._allowed(request, reads)
        self.signed_in.ask_again(request)
        with self.signed_in.database.write() as conn:
            kept = last_rehearsals(conn, 1)
            found = least_certain(conn, kept[0].id) if kept else []
            if not found:
                raise HTTPException(HTTPStatus.NOT_FOUND, NONE_KEPT)
            self.signed_in.note(conn, who.address, VIEWED, f"rehearsal {kept[0].id}")
        return self.renderer.page(
            request,
            "least_certain.html",
            who=who,
            last=kept[0],
            found=found,
            decides=decides(who),
            is_crude=is_crude,
        )

    async def forget(self, request: Request) -> Response:
        """Remove the single messages of the rehearsals; the numbers stay."""
        who = await run_in_threadpool(self._allowed, request, decides)
        await run_in_threadpool(self._forget, who)
        return RedirectResponse(Page.GOING_LIVE, status_code=HTTPStatus.SEE_OTHER)

    async def switch(self, request: Request) -> Response:
        """Choose to which years, and with which parts, replies go out."""
        who = await run_in_threadpool(self._allowed, request, decides)
        form = await read_form(request)
        reason = one_line(field(form, "reason"))[:LONGEST_REASON]
        if not reason:
            raise HTTPException(HTTPStatus.BAD_REQUEST, NO_REASON)
        await run_in_threadpool(self._switch, who, chosen(form), reason, field(form, "since"))
        return RedirectResponse(f"{Page.GOING_LIVE}#switches", status_code=HTTPStatus.SEE_OTHER)

    def _allowed(self, request: Request, may: Callable[[Viewer], bool]) -> Viewer:
        who = self.signed_in.viewer_of(request, Page.GOING_LIVE)
        if not may(who):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return who

    def _standing(self, conn: Connection, kept: Sequence[Kept]) -> Standing:
        owners = (address for _, address in self.signed_in.school.owners)
        boxes = watched(conn, owners, self.signed_in.clock())
        return Standing(
            pupils=sum(pupils_by_year(conn).values()),
            roster_at=roster_imported_at(conn),
            rehearsed_at=kept[0].at if kept else None,
            figures=kept[0].figures if kept else None,
            troubled=sum(box.reading in TROUBLE for box in boxes),
            stopped=replies_stopped(conn) is not None,
        )

    def _forget(self, who: Viewer) -> None:
        with self.signed_in.database.write() as conn:
            if forget_least_certain(conn):
                self.signed_in.note(conn, who.address, "rehearsed messages removed", "rehearsals")

    def _switch(self, who: Viewer, on: SwitchedOn, reason: str, seen: str) -> None:
        with self.signed_in.database.write() as conn:
            lock_replies(conn)
            if seen != since(last_choice(conn)):
                raise HTTPException(HTTPStatus.CONFLICT, CHOSEN_MEANWHILE)
            switch_on(conn, on, reason, who.address, self.signed_in.clock())
            self.signed_in.note(conn, who.address, "replies switched on", "switch")


def decides(who: Viewer) -> bool:
    """Tell whether somebody decides to whom replies go."""
    return Role.HEADTEACHER in who.roles


def reads(who: Viewer) -> bool:
    """Tell whether somebody may read the messages of a rehearsal; nothing closely kept is among them."""
    return decides(who) or keeps_records(who)


def is_crude(one: Doubtful) -> bool:
    """Tell whether a message may hold abusive or indecent words, which nobody is shown unasked."""
    return any(one.scores.get(topic.value, 0.0) >= MAYBE_CRUDE for topic in FOLDED)


def since(choice: Choice | None) -> str:
    """Return what stands for a choice in a form, "" while nobody has chosen."""
    return "" if choice is None else choice.at.isoformat()


def chosen(form: FormData) -> SwitchedOn:
    """Return what a form switches on. Raises HTTPException where it does not say."""
    named = (field(form, "which-years"), field(form, "which-parts"))
    if not set(named) <= {EVERY, SOME}:
        raise HTTPException(HTTPStatus.BAD_REQUEST, NO_CHOICE)
    years = frozenset(int(year) for year in _texts(form, "year") if year.isdecimal() and len(year) < 3)  # noqa: PLR2004
    parts = frozenset(_texts(form, "part"))
    return SwitchedOn(years=None if named[0] == EVERY else years, parts=None if named[1] == EVERY else parts)


def _texts(form: FormData, name: str) -> list[str]:
    return [value for value in form.getlist(name) if isinstance(value, str)]
