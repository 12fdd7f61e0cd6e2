"""The token in every form: only a page that was made for this browser has it."""

from hmac import compare_digest

from starlette.requests import HTTPConnection

from triage.store.keys import Keyring
from triage.web.cookies import Cookies

FIELD = "form_token"
SIGN_IN = "/sign-in"


class FormTokens:
    """Form tokens, each the keyed digest of a cookie: nothing of the cookie can be learnt from it.

    Every form goes with the session. The sign-in form, and whoever has none, goes with what the browser was
    given before it signed in.
    """

    def __init__(self, keyring: Keyring, cookies: Cookies) -> None:
        self._keyring = keyring
        self._cookies = cookies

    def expected(self, request: HTTPConnection) -> str:
        """Return the token that this form of this browser must hold, "" when none would be right."""
        session = self._cookies.session(request)
        if session and request.scope["path"] != SIGN_IN:
            return self._keyring.digest("form", session)
        before = self._cookies.before(request)
        return self.of_before(before) if before else ""

    def of_before(self, before: str) -> str:
        """Return the token for the sign-in form of a browser that was given this before."""
        return self._keyring.digest("form before", before)


def fits(given: str, expected: str) -> bool:
    """Tell whether a form's token is the one expected, in a time that tells nothing."""
    return bool(expected) and compare_digest(given.encode(), expected.encode())
