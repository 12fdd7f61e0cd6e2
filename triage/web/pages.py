"""The pages. Who sees what is asked of the store and ``domain/visibility.py``, never of a template."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from triage.domain import second_factor
from triage.domain.resolutions import LONGEST_NOTE, Resolution
from triage.domain.visibility import Access, Viewer, closing, scope
from triage.store import audit
from triage.store.cases import CaseView, read_case
from triage.store.db import Database
from triage.store.flags import OPEN, RESOLVED, FlagRow, flag_events, ids_within, resolve_flag
from triage.store.queue import find_flag
from triage.web.forms import field, read_form
from triage.web.highlight import marked
from triage.web.ids import path_id
from triage.web.render import Renderer
from triage.web.sessions import SignedIn

REASONS = tuple(each.value for each in Resolution)

NO_CASE = "There is no such case, or none that you may see."
NO_FLAG = "There is no such flag, or none that you may see."
CLOSED = "This flag is resolved already. What you wrote was not kept: see the case for who resolved it."
NOT_YOURS = "This flag is for somebody else to resolve."


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of one school's queue. Each runs in a thread, because the database waits."""

    database: Database
    signed_in: SignedIn
    clock: Callable[[], datetime]
    renderer: Renderer

    def case(self, request: Request) -> Response:
        """Show one case: why it is flagged, the words that show it, what became of it."""
        who = self.signed_in.viewer(request)
        with self.database.write() as conn:
            view = read_case(conn, who, path_id(request, "case", NO_CASE))
            if view is None:
                raise HTTPException(404, NO_CASE)
            self._ask_again(request, view.flags)
            if view.access is not Access.NONE:
                self._note_view(conn, who, view)
            events = {row.id: flag_events(conn, row.id) for row in view.flags}
            mine = _mine(conn, who, view.flags)
        return self.renderer.page(
            request,
            "case.html",
            who=who,
            view=view,
            letters=[marked(letter) for letter in view.letters],
            events=events,
            mine=mine,
            reasons=REASONS,
            longest_note=LONGEST_NOTE,
            now=self.clock(),
        )

    async def resolve(self, request: Request) -> Response:
        """Close a flag of the viewer's queue with a reason."""
        who = await run_in_threadpool(self.signed_in.viewer, request)
        form = await read_form(request)
        reason, note = field(form, "reason"), field(form, "note").strip()
        if reason not in REASONS:
            raise HTTPException(400, "Choose a reason. The flag is still open.")
        if len(note) > LONGEST_NOTE:
            raise HTTPException(
                400, f"The note is longer than {LONGEST_NOTE} characters. The flag is still open."
            )
        flag_id = path_id(request, "flag", NO_FLAG)
        case_id = await run_in_threadpool(self._resolve, request, who, flag_id, reason, note)
        return RedirectResponse(f"/cases/{case_id}#flag-{flag_id}", status_code=303)

    def _resolve(self, request: Request, who: Viewer, flag_id: int, reason: str, note: str) -> int:
        now, keyring = self.clock(), self.database.keyring
        with self.database.write() as conn:
            row = _open_flag(conn, who, flag_id)
            self._ask_again(request, [row], to=f"/cases/{row.case_id}")
            closed = resolve_flag(
                conn, keyring, flag_id, actor=who.address, reason=reason, note=note, now=now
            )
            if not closed:
                raise HTTPException(409, CLOSED)
        return row.case_id

    def _ask_again(self, request: Request, seen: Sequence[FlagRow], to: str | None = None) -> None:
        """Ask for the second factor again before what is safeguarding or an allegation."""
        if second_factor.is_wanted(row.flag for row in seen):
            self.signed_in.ask_again(request, to=to, sending=request.method == "POST")

    def _note_view(self, conn: Connection, who: Viewer, view: CaseView) -> None:
        now, keyring = self.clock(), self.database.keyring
        audit.append(conn, keyring, now, who.address, "text viewed", object_=f"case {view.id}")


def _mine(conn: Connection, who: Viewer, seen: Sequence[FlagRow]) -> frozenset[int]:
    """Return which of the flags that are shown a viewer may resolve."""
    return ids_within(conn, scope(closing(who)), [row.id for row in seen if row.state == OPEN])


def _open_flag(conn: Connection, who: Viewer, flag_id: int) -> FlagRow:
    """Return the flag to resolve. Raises HTTPException; of what a viewer may not see it says nothing."""
    row = find_flag(conn, closing(who), flag_id)
    if row is not None and row.state == OPEN:
        return row
    seen = find_flag(conn, who, flag_id)
    if seen is None or seen.state not in {OPEN, RESOLVED}:
        raise HTTPException(404, NO_FLAG)
    if seen.state == RESOLVED:
        raise HTTPException(409, CLOSED)
    raise HTTPException(403, NOT_YOURS)
