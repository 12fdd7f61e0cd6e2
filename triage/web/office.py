"""The office's page: who is absent today, who is collected otherwise, and whom to ring about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from http import HTTPStatus
from itertools import pairwise

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from triage.domain.hours import last_closing
from triage.domain.pages import Page
from triage.domain.proof import Proof
from triage.domain.resolutions import Resolution
from triage.domain.school import Role
from triage.domain.visibility import Viewer
from triage.store.absences import AbsenceList, Told, find_absence, read_absences
from triage.store.workflow import Change, ChangedMeanwhileError, resolve
from triage.web.forms import field, read_form
from triage.web.ids import number_of, path_id
from triage.web.render import Renderer
from triage.web.sessions import SignedIn

NOT_ON_LIST = "There is no such line on the list, or none that can be ticked here."
MEANWHILE = (
    "Somebody else has rung about this, or changed it, since your page was shown. "
    "Nothing of yours was written: open the list again to see it."
)
_NOT_VERIFIED = ("sender not verified", "senders not verified")
_NOT_KNOWN = ("child not known", "children not known")
_LEADS = frozenset({Role.SAFEGUARDING_LEAD, Role.DEPUTY_SAFEGUARDING_LEAD})


@dataclass(frozen=True, slots=True)
class OfficePages:
    """The absence list, and its tick "rung"."""

    signed_in: SignedIn
    renderer: Renderer

    def routes(self) -> Sequence[Route]:
        """Return the routes of the office's page."""
        return [
            Route(Page.OFFICE, self.page),
            Route(f"{Page.OFFICE}/{{flag:int}}/rung", self.rung, methods=["POST"]),
        ]

    def page(self, request: Request) -> Response:
        """Show the list as it stands now; what it shows of messages is a line of the audit."""
        who, now = self.signed_in.viewer_of(request, Page.OFFICE), self.signed_in.clock()
        with self.signed_in.database.read() as conn:
            found = read_absences(conn, who, *self._day(now))
        self._note_words(who, found)
        return self.renderer.page(
            request,
            "office.html",
            who=who,
            list=found,
            now=now,
            summary=summary(found),
            following=_following(found),
            is_lead=bool(who.roles & _LEADS),
            by_telephone=Resolution.BY_TELEPHONE.value,
        )

    async def rung(self, request: Request) -> Response:
        """Close a line as dealt with by telephone, and go on with the next one."""
        who = await run_in_threadpool(self.signed_in.viewer_of, request, Page.OFFICE)
        form = await read_form(request)
        flag, version = path_id(request, "flag", NOT_ON_LIST), number_of(field(form, "version"))
        await run_in_threadpool(self._close, who, flag, version)
        following = field(form, "next")
        place = f"#line-{number_of(following)}" if following else ""
        return RedirectResponse(f"{Page.OFFICE}{place}", status_code=HTTPStatus.SEE_OTHER)

    def _close(self, who: Viewer, flag: int, version: int) -> None:
        change = Change(flag, version, who.address, self.signed_in.clock())
        with self.signed_in.database.write() as conn:
            if find_absence(conn, who, flag) is None:
                raise HTTPException(HTTPStatus.NOT_FOUND, NOT_ON_LIST)
            try:
                resolve(conn, change, Resolution.BY_TELEPHONE.value, "")
            except ChangedMeanwhileError:
                raise HTTPException(HTTPStatus.CONFLICT, MEANWHILE) from None

    def _day(self, now: datetime) -> tuple[datetime, datetime]:
        """Return since when mail counts to the list of today, and when today began."""
        calendar = self.signed_in.school.calendar
        today = now.astimezone(calendar.zone).date()
        midnight = datetime.combine(today, time(), calendar.zone)
        return last_closing(today, calendar) or midnight, midnight

    def _note_words(self, who: Viewer, found: AbsenceList) -> None:
        """Write into the audit of which cases somebody has seen words, in one line a page."""
        cases = sorted({told.row.case_id for told in found.every if not told.is_closed_to_office})
        if cases:
            shown = " ".join(str(case) for case in cases)
            with self.signed_in.database.write() as conn:
                self.signed_in.note(conn, who.address, "words viewed", f"cases {shown}")


def summary(found: AbsenceList) -> tuple[str, ...]:
    """Say in a few words each how much there is on the list; what there is none of is left out."""
    shown = [told for told in found.waiting if not told.is_closed_to_office]
    collections = sum(told.is_collection for told in found.urgent)
    counts = (
        (len(found.today), "absent", "absent"),
        (collections, "change of collection", "changes of collection"),
        (len(found.urgent) - collections, "other urgent matter", "other urgent matters"),
        (len(found.earlier), "still open from before", "still open from before"),
        (_messages(told for told in shown if told.proof is not Proof.VERIFIED), *_NOT_VERIFIED),
        (_messages(told for told in shown if not told.is_child_known), *_NOT_KNOWN),
        (len(found.done), "done", "done"),
    )
    return tuple(f"{number} {one if number == 1 else many}" for number, one, many in counts if number)


def _messages(lines: Iterable[Told]) -> int:
    """Count messages: one that tells of an absence and of something urgent has two lines."""
    return len({told.row.case_id for told in lines})


def _following(found: AbsenceList) -> dict[int, int]:
    """Return the line that comes after each one on the page, so that a tick does not lose one's place."""
    return dict(pairwise(told.row.id for told in found.waiting))
