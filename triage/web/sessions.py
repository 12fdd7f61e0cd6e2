"""Who sends a request, by the session of the browser; beginning, confirming and ending it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from triage.domain.granted import BY_GROUP
from triage.domain.pages import Page, may_open
from triage.domain.school import Role, School
from triage.domain.second_factor import is_fresh
from triage.domain.visibility import Viewer, viewer
from triage.store import audit, sessions
from triage.store.db import Database
from triage.store.sessions import Session
from triage.web.by_itself import asks_by_itself
from triage.web.cookies import Cookies
from triage.web.paths import HOME, asked_path, own_path, with_way_back
from triage.web.site import Site

SIGN_IN = "/sign-in"
CODE = "/sign-in/code"


class NotSignedInError(Exception):
    """The browser has no session, or one that is over."""


class SecondFactorError(Exception):
    """The second factor is asked for, at first or again; ``to`` is where to go when it is given."""

    def __init__(self, to: str) -> None:
        super().__init__("the second factor is asked for")
        self.to = to


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The sessions of one site. What asks the database is called in a thread."""

    database: Database
    school: School
    clock: Callable[[], datetime]
    site: Site

    @property
    def cookies(self) -> Cookies:
        """The cookies by which the site knows a browser."""
        return Cookies(secure=self.site.is_secure)

    def viewer(self, request: Request) -> Viewer:
        """Return whose view a request takes. Raises NotSignedInError, SecondFactorError."""
        return self._viewer(self.session(request))

    def known(self, request: Request) -> Viewer | None:
        """Return whose view a request takes if that is known already: this asks nothing of the database.

        None for a request of which it is not, and where a form of a page would not be taken.
        """
        session: Session | None = getattr(request.state, "session", None)
        if session is None or session.awaits_code or not getattr(request.state, "form_token", ""):
            return None
        return self._viewer(session)

    def viewer_of(self, request: Request, page: Page) -> Viewer:
        """Return whose view of a page a request takes; for others there is no such page.

        Raises NotSignedInError, SecondFactorError, HTTPException.
        """
        who = self.viewer(request)
        if not may_open(who, page):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return who

    def session(self, request: Request) -> Session:
        """Return the session of a request. Raises NotSignedInError, SecondFactorError."""
        session = self.begun(request)
        if session.awaits_code:
            raise SecondFactorError(asked_path(request))
        return session

    def begun(self, request: Request) -> Session:
        """Return the session of a request, also while the second factor is awaited.

        Raises NotSignedInError.
        """
        known: Session | None = getattr(request.state, "session", None)
        if known is None:
            known = self._find(self.cookies.session(request), is_used=not asks_by_itself(request))
            request.state.session = known
        return known

    def look(self, request: Request) -> None:
        """Go on only while the session of a request holds; to look is not to use it.

        Raises NotSignedInError.
        """
        token = self.cookies.session(request)
        with self.database.read() as conn:
            if sessions.find_session(conn, token, self.clock(), self.site.limits) is None:
                raise NotSignedInError

    def ask_again(self, request: Request, *, to: str | None = None, sending: bool = False) -> None:
        """Go on only if the second factor was given a short while ago; ``sending`` is for a form.

        Once it is known who sends the request, this asks nothing of the database. Raises SecondFactorError,
        which leads back to the page asked for, or to ``to``.
        """
        given_at = self.session(request).second_factor_at
        if not is_fresh(given_at, self.clock(), self.site.second_factor, sending=sending):
            raise SecondFactorError(asked_path(request) if to is None else to)

    def begin(
        self,
        request: Request,
        address: str,
        to: str = HOME,
        *,
        roles: Iterable[Role] = (),
        second_factor_at: datetime | None = None,
    ) -> Response:
        """Sign in whoever has proved to be ``address``, and send the browser to the path that it asked for.

        ``roles`` come beside those of the settings; ``second_factor_at`` is when it was given, if with the
        proof.
        """
        now = self.clock()
        with self.database.write() as conn:
            sessions.purge_sessions(conn, now, self.site.limits)
            self._end_former(conn, request, now)
            number, token = sessions.open_session(
                conn, address, now, roles=roles, second_factor_at=second_factor_at
            )
            self.note(conn, address, "signed in", f"session {number}")
            if is_fresh(second_factor_at, now, self.site.second_factor):
                self.note(conn, address, "second factor given", f"session {number}")
        return self.sent_on(token, to)

    def confirm(self, conn: Connection, session: Session) -> str:
        """Note in a transaction that the second factor was given; returns the session's new token."""
        self.note(conn, session.address, "second factor given", f"session {session.id}")
        return sessions.note_second_factor(conn, session.id, self.clock())

    def sent_on(self, token: str, to: str) -> Response:
        """Give the browser the new token of its session, and send it to a path of this site."""
        answer = RedirectResponse(own_path(to), status_code=HTTPStatus.SEE_OTHER)
        self.cookies.keep_session(answer, token)
        return answer

    def end(self, request: Request) -> Response:
        """Sign out, and lead to where one signs in; also whoever is signed out already."""
        with self.database.write() as conn:
            self._end_former(conn, request, self.clock())
        answer = RedirectResponse(SIGN_IN, status_code=HTTPStatus.SEE_OTHER)
        self.cookies.drop_session(answer)
        return answer

    def note(self, conn: Connection, actor: str, action: str, object_: str) -> None:
        """Write a line of the audit."""
        audit.append(conn, self.database.keyring, self.clock(), actor, action, object_=object_)

    def _viewer(self, session: Session) -> Viewer:
        who = viewer(self.school, session.address)
        # It may be older than the rule of what a group can stand for.
        return replace(who, roles=who.roles | (session.roles & BY_GROUP))

    def _find(self, token: str, *, is_used: bool) -> Session:
        if not token:
            raise NotSignedInError
        now = self.clock()
        with self.database.read() as conn:
            found = sessions.find_session(conn, token, now, self.site.limits)
        if found is None:
            raise NotSignedInError
        if is_used and sessions.is_due(found, now):
            with self.database.write() as conn:
                sessions.note_seen(conn, found, now)
        return found

    def _end_former(self, conn: Connection, request: Request, now: datetime) -> None:
        """End the session that a browser had until now: nobody holds two."""
        token = self.cookies.session(request)
        former = sessions.find_session(conn, token, now, self.site.limits) if token else None
        if former is not None:
            sessions.end_session(conn, former.id, former.address)
            self.note(conn, former.address, "signed out", f"session {former.id}")


def ask_to_sign_in(request: Request, _error: Exception) -> Response:
    """Send the browser to where one signs in, and from there to the page that it asked for."""
    return RedirectResponse(with_way_back(SIGN_IN, asked_path(request)), status_code=HTTPStatus.SEE_OTHER)


def ask_for_second_factor(_request: Request, error: Exception) -> Response:
    """Send the browser to where the second factor is given, and from there back."""
    assert isinstance(error, SecondFactorError)  # noqa: S101 - registered for this alone; tells the type checker
    return RedirectResponse(with_way_back(CODE, error.to), status_code=HTTPStatus.SEE_OTHER)
