"""The token in every form: only a page that was made for this browser has it."""

from hmac import compare_digest

from starlette.requests import HTTPConnection

from triage.store.keys import Keyring
from triage.store.sessions import Session
from triage.web.cookies import Cookies

FIELD = "form_token"


class FormTokens:
    """Form tokens, each a keyed digest: nothing of a session or a cookie can be learnt from it.

    Every form goes with the session, whatever that session's own token is meanwhile: a page that lies open in
    one tab is not made useless by a code that is given in another. The sign-in form, and whoever has none,
    goes with what the browser was given before it signed in.
    """

    def __init__(self, keyring: Keyring, cookies: Cookies) -> None:
        self._keyring = keyring
        self._cookies = cookies

    def of_session(self, session: Session) -> str:
        """Return the token for the forms of a session: the same from its beginning to its end."""
        return self._keyring.digest("form", f"{session.id} {session.created_at.isoformat()}")

    def of_stranger(self, request: HTTPConnection) -> str:
        """Return the token for a form of a browser that has no session, "" when none would be right."""
        before = self._cookies.before(request)
        return self.of_before(before) if before else ""

    def of_before(self, before: str) -> str:
        """Return the token for the sign-in form of a browser that was given this before."""
        return self._keyring.digest("form before", before)


def fits(given: str, expected: str) -> bool:
    """Tell whether a form's token is the one expected, in a time that tells nothing."""
    return bool(expected) and compare_digest(given.encode(), expected.encode())
