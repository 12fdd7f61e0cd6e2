"""The site's cookies. None names a person, and all are kept from scripts and other sites."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

BEFORE_SECONDS = 3600
KNOWN_SECONDS = 365 * 24 * 3600


class Cookies:
    """How the cookies are called and set.

    By https their names begin with ``__Host-``: then no neighbouring site can put one of its own there
    (RFC 6265bis, section 4.1.3.2).
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        self._session = "__Host-triage" if secure else "triage"
        self._before = f"{self._session}-before"
        self._known = f"{self._session}-known"
        self._hidden = f"{self._session}-hidden"

    def session(self, request: HTTPConnection) -> str:
        """Return the token of the session, "" when there is none."""
        return request.cookies.get(self._session, "")

    def before(self, request: HTTPConnection) -> str:
        """Return what a browser was given before it signed in, "" when there is nothing."""
        return request.cookies.get(self._before, "")

    def known(self, request: HTTPConnection) -> str:
        """Return by what a browser is known in which somebody has signed in, "" when there is nothing."""
        return request.cookies.get(self._known, "")

    def hidden(self, request: HTTPConnection) -> str:
        """Return for which session a browser hides words and names, "" for none."""
        return request.cookies.get(self._hidden, "")

    def keep_session(self, answer: Response, token: str) -> None:
        """Keep a session's token until the browser is closed, and drop what was given before."""
        self._set(answer, self._session, token)
        self._set(answer, self._before, "", 0)

    def keep_before(self, answer: Response, token: str) -> None:
        """Keep a token for the hour in which somebody may sign in."""
        self._set(answer, self._before, token, BEFORE_SECONDS)

    def keep_known(self, answer: Response, value: str) -> None:
        """Keep for a year by what a browser is known; signing out does not end it."""
        self._set(answer, self._known, value, KNOWN_SECONDS)

    def keep_hidden(self, answer: Response, session: str) -> None:
        """Keep until the browser is closed that words and names are hidden for a session."""
        self._set(answer, self._hidden, session)

    def drop_session(self, answer: Response) -> None:
        """Take the session's token back."""
        self._set(answer, self._session, "", 0)

    def drop_hidden(self, answer: Response) -> None:
        """Show words and names again."""
        self._set(answer, self._hidden, "", 0)

    def _set(self, answer: Response, name: str, value: str, max_age: int | None = None) -> None:
        # Lax and not Strict: a link in a notice must find the session that is open.
        answer.set_cookie(
            name, value, max_age=max_age, path="/", secure=self._secure, httponly=True, samesite="lax"
        )
