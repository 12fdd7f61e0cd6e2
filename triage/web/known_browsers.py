"""The browsers in which somebody has signed in before: there they do not wait for what strangers failed.

All of a school may come from one address. Without this, a pupil who types a wrong password now and then would
keep the safeguarding lead waiting for as long as they like.
"""

import re
import secrets
from hmac import compare_digest

from starlette.requests import HTTPConnection
from starlette.responses import Response

from triage.store.accounts import Account
from triage.store.addresses import normalised
from triage.store.keys import Keyring
from triage.web.cookies import Cookies

TOKEN_BYTES = 32
MOST = 8
"""People of one browser who are remembered: it may stand in a staff room."""

# The browser's own token, and for each of its people a keyed digest: nobody can be read out of it.
_KNOWN = re.compile(rf"([\w-]{{43}})((?:\.[0-9a-f]{{64}}){{1,{MOST}}})", re.ASCII)


class KnownBrowsers:
    """Marks browsers, and finds the mark of an account again.

    A mark holds for one password: after a new one all browsers are strangers, but that in which it was set.
    So whoever learnt an old password has nothing of the marks that it gained them.
    """

    def __init__(self, keyring: Keyring, cookies: Cookies) -> None:
        self._keyring = keyring
        self._cookies = cookies

    def token(self, request: HTTPConnection, account: Account | None) -> str:
        """Return what stands for a browser in which the owner of an account has signed in, "" for others."""
        token, marks = self._read(request)
        if not token or account is None or account.password is None:
            return ""
        right = self._mark(token, account.address, account.password)
        return token if any(compare_digest(mark, right) for mark in marks) else ""

    def remember(self, request: HTTPConnection, answer: Response, address: str, password: str | None) -> None:
        """Mark the browser: the owner of ``address`` has shown the ``password`` of this hash there."""
        if password is None:
            return
        token, marks = self._read(request)
        token = token or secrets.token_urlsafe(TOKEN_BYTES)
        mark = self._mark(token, address, password)
        others = [each for each in marks if each != mark]
        self._cookies.keep_known(answer, ".".join([token, mark, *others][: 1 + MOST]))

    def _read(self, request: HTTPConnection) -> tuple[str, list[str]]:
        found = _KNOWN.fullmatch(self._cookies.known(request))
        return (found[1], found[2][1:].split(".")) if found else ("", [])

    def _mark(self, token: str, address: str, password: str) -> str:
        return self._keyring.digest("known browser", token, normalised(address), password)
