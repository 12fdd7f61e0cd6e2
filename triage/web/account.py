"""One's own account: where one is signed in, and signing out."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from triage.store import accounts, sessions
from triage.web.door import Door
from triage.web.ids import LARGEST_ID
from triage.web.render import Renderer
from triage.web.sessions import SignedIn

ACCOUNT = "/account"


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """The page of one's own account; ``door`` tells whether password and code are kept here."""

    signed_in: SignedIn
    renderer: Renderer
    door: Door

    def routes(self) -> Sequence[Route]:
        """Return the routes of the page and of what can be done on it."""
        return [
            Route(ACCOUNT, self.page),
            Route("/account/sessions/{session:int}/end", self.end, methods=["POST"]),
            Route("/account/sessions/end", self.end_others, methods=["POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
        ]

    def page(self, request: Request) -> Response:
        """Show where one is signed in."""
        session = self.signed_in.session(request)
        with self.signed_in.database.read() as conn:
            now, limits = self.signed_in.clock(), self.signed_in.site.limits
            account = accounts.find_account(conn, session.address)
            open_now = sessions.list_sessions(conn, now, limits, session.address)
        return self.renderer.page(
            request,
            "account.html",
            who=self.signed_in.viewer(request),
            has_password=self.door.passwords and account is not None and account.password is not None,
            has_code=account is not None and account.has_code,
            codes=self.door.codes,
            sessions=open_now,
            this=session.id,
        )

    def end(self, request: Request) -> Response:
        """End one session of one's own; one that is over already, or somebody else's, stays as it is."""
        own, number = self.signed_in.session(request), int(request.path_params["session"])
        if number == own.id:
            return self.signed_in.end(request)
        with self.signed_in.database.write() as conn:
            if number <= LARGEST_ID and sessions.end_session(conn, number, own.address):
                self.signed_in.note(conn, own.address, "session ended", f"session {number}")
        return _back()

    def end_others(self, request: Request) -> Response:
        """End every session of one's own but this one."""
        own = self.signed_in.session(request)
        with self.signed_in.database.write() as conn:
            if sessions.end_sessions(conn, own.address, but=own.id):
                self.signed_in.note(conn, own.address, "sessions ended", f"all but session {own.id}")
        return _back()

    def sign_out(self, request: Request) -> Response:
        """Sign out."""
        return self.signed_in.end(request)


def _back() -> Response:
    return RedirectResponse(ACCOUNT, status_code=HTTPStatus.SEE_OTHER)
