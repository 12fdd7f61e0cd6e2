"""What of a message is shown on a page of its own: how it was laid out, all its text, the reply's bytes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from triage.domain import second_factor
from triage.domain.visibility import Access, Viewer
from triage.store.cases import CaseView, Letter, SentReply, read_case, read_html
from triage.web.ids import path_id
from triage.web.message_html import framed
from triage.web.render import Renderer
from triage.web.sessions import SignedIn

VIEWED = "text viewed"
NO_MESSAGE = "There is no such message, or none that you may read."

_Seen = TypeVar("_Seen")


@dataclass(frozen=True, slots=True)
class MessagePages:
    """Pages that are opened from a case, each for whoever may read all of its text."""

    signed_in: SignedIn
    renderer: Renderer

    def routes(self) -> Sequence[Route]:
        """Return the routes of the pages."""
        return [
            Route("/cases/{case:int}/messages/{message:int}", self.laid_out),
            Route("/cases/{case:int}/messages/{message:int}/text", self.text),
            Route("/cases/{case:int}/sent/{action:int}", self.sent),
        ]

    def laid_out(self, request: Request) -> Response:
        """Show a message with the headings, lists and tables that its sender gave it, and nothing else."""
        number = path_id(request, "message", NO_MESSAGE)

        def found(conn: Connection, view: CaseView) -> tuple[str, bool] | None:
            letter = _letter(view, number)
            html = read_html(conn, letter) if letter is not None and letter.laid_out else None
            return None if html is None else (html.source, html.cut)

        who, view, (source, cut) = self._opened(request, f"message {number}", found)
        return self.renderer.page(
            request, "laid_out.html", who=who, case=view.id, document=framed(source), cut=cut
        )

    def text(self, request: Request) -> Response:
        """Give all the text of a message, as plain text."""
        number = path_id(request, "message", NO_MESSAGE)
        _, _, letter = self._opened(request, f"message {number}", lambda _, view: _letter(view, number))
        return PlainTextResponse(f"{letter.subject}\n\n{letter.text}\n")

    def sent(self, request: Request) -> Response:
        """Give what a sender was sent as a file, byte for byte."""
        number = path_id(request, "action", NO_MESSAGE)

        def found(_: Connection, view: CaseView) -> SentReply | None:
            return next((sent for sent in view.sent if sent.id == number), None)

        _, view, reply = self._opened(request, f"action {number}", found)
        named = {"Content-Disposition": f'attachment; filename="case-{view.id}-reply.eml"'}
        return Response(reply.raw, media_type="message/rfc822", headers=named)

    def _opened(
        self, request: Request, what: str, find: Callable[[Connection, CaseView], _Seen | None]
    ) -> tuple[Viewer, CaseView, _Seen]:
        """Return who asks, the case and what is looked for in it, with a line in the audit.

        Raises HTTPException where there is none, and what asks to sign in or for the second factor.
        """
        who = self.signed_in.viewer(request)
        with self.signed_in.database.write() as conn:
            view = read_case(conn, who, path_id(request, "case", NO_MESSAGE))
            if view is None or view.access is not Access.FULL:
                raise HTTPException(HTTPStatus.NOT_FOUND, NO_MESSAGE)
            if second_factor.is_wanted(row.flag for row in view.flags):
                self.signed_in.ask_again(request)
            found = find(conn, view)
            if found is None:
                raise HTTPException(HTTPStatus.NOT_FOUND, NO_MESSAGE)
            self.signed_in.note(conn, who.address, VIEWED, f"case {view.id} {what}")
        return who, view, found


def _letter(view: CaseView, number: int) -> Letter | None:
    return next((letter for letter in view.letters if letter.id == number), None)
