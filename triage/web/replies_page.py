"""The stop button: whether automatic replies go out, who stopped them and why, and how to change that."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from triage.domain.language import APPROVERS
from triage.domain.pages import Page
from triage.domain.visibility import Viewer
from triage.store.switched import switched_on
from triage.store.switches import (
    are_rehearsed,
    lock_replies,
    replies_stopped,
    start_replies,
    stop_replies,
    withheld_since,
)
from triage.web.forms import field, read_form
from triage.web.render import Renderer
from triage.web.sessions import SignedIn

LONGEST_REASON = 200
BY_HAND = "stopped by hand"
STOPPED_ALREADY = (
    "Somebody else has stopped the replies already. They are stopped, with the reason given then; "
    "yours was not kept."
)
CHANGED_MEANWHILE = (
    "This stop is not there any more: somebody else has started the replies, or they were stopped anew. "
    "Nothing was changed: look at the page again."
)


@dataclass(frozen=True, slots=True)
class RepliesPage:
    """The page of the stop button."""

    signed_in: SignedIn
    renderer: Renderer

    def routes(self) -> Sequence[Route]:
        """Return the routes of the stop button."""
        return [
            Route(Page.REPLIES, self.page),
            Route(f"{Page.REPLIES}/stop", self.stop, methods=["POST"]),
            Route(f"{Page.REPLIES}/start", self.start, methods=["POST"]),
        ]

    def page(self, request: Request) -> Response:
        """Show whether replies go out, and since when and why not."""
        who = self.signed_in.viewer_of(request, Page.REPLIES)
        with self.signed_in.database.read() as conn:
            stopped = replies_stopped(conn)
            withheld = 0 if stopped is None else withheld_since(conn, stopped.at)
            rehearsed, on = are_rehearsed(conn), switched_on(conn)
        return self.renderer.page(
            request,
            "replies.html",
            who=who,
            stopped=stopped,
            withheld=withheld,
            rehearsed=rehearsed,
            on=on,
            longest_reason=LONGEST_REASON,
            decides_languages=bool(who.roles & APPROVERS),
        )

    async def stop(self, request: Request) -> Response:
        """Stop every reply. A stop is never refused for want of a reason."""
        who = await run_in_threadpool(self.signed_in.viewer_of, request, Page.REPLIES)
        reason = one_line(field(await read_form(request), "reason"))[:LONGEST_REASON]
        await run_in_threadpool(self._stop, who, reason or BY_HAND)
        return RedirectResponse(Page.REPLIES, status_code=HTTPStatus.SEE_OTHER)

    async def start(self, request: Request) -> Response:
        """Let replies go out again, if it is still the stop that the page has shown."""
        who = await run_in_threadpool(self.signed_in.viewer_of, request, Page.REPLIES)
        shown = field(await read_form(request), "since")
        await run_in_threadpool(self._start, who, shown)
        return RedirectResponse(Page.REPLIES, status_code=HTTPStatus.SEE_OTHER)

    def _stop(self, who: Viewer, reason: str) -> None:
        with self.signed_in.database.write() as conn:
            if not stop_replies(conn, reason, who.address, self.signed_in.clock()):
                raise HTTPException(HTTPStatus.CONFLICT, STOPPED_ALREADY)
            self.signed_in.note(conn, who.address, "replies stopped", "switch")

    def _start(self, who: Viewer, shown: str) -> None:
        with self.signed_in.database.write() as conn:
            # A stop that came after the page was shown may be the breaker's: nobody has looked at that yet.
            held, _ = lock_replies(conn)
            if held is None or held.at.isoformat() != shown:
                raise HTTPException(HTTPStatus.CONFLICT, CHANGED_MEANWHILE)
            start_replies(conn, who.address, self.signed_in.clock())
            self.signed_in.note(conn, who.address, "replies started", "switch")


def one_line(text: str) -> str:
    """Return what somebody typed as one line of printable text."""
    return "".join(char if char.isprintable() else " " for char in text).strip()
