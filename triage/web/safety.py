"""What every answer of the site carries, and which forms it does not take."""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from triage.web.form_tokens import FIELD, FormTokens, fits
from triage.web.forms import MOST_FIELDS
from triage.web.site import Site

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    # Not "no-referrer": with that a browser names the origin of our own forms "null" (Fetch, section 3.2).
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STATIC = "/static/"
OF_A_FILE = {
    "Cache-Control": "no-cache"
}  # it tells nothing: kept, and each time asked whether it still holds
ONLY_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}  # RFC 6797, section 7.2: by https alone

READING = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_FORM = 16_384

Fault = tuple[HTTPStatus, str]
FOREIGN: Fault = (
    HTTPStatus.FORBIDDEN,
    "This form was not sent from this page. Nothing was changed. Open the page again and send it there.",
)
LAPSED: Fault = (
    HTTPStatus.FORBIDDEN,
    "This page lay open too long, or you have signed in or out since. Nothing was changed. Open it again.",
)
NO_FORM: Fault = (HTTPStatus.BAD_REQUEST, "The browser sent something that cannot be understood.")


class SafeHeaders:
    """Sets the safe headers on every answer, whoever gives it."""

    def __init__(self, app: ASGIApp, *, secure: bool = False) -> None:
        self._app = app
        self._headers = HEADERS | (ONLY_HTTPS if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with safe headers on its answer."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                is_file = scope["path"].startswith(STATIC)
                MutableHeaders(scope=message).update(self._headers | (OF_A_FILE if is_file else {}))
            await send(message)

        await self._app(scope, receive, send_safely)


class OwnForms:
    """Refuses a form that another site has sent, or another program's page on this machine.

    A form must come from the site's own address and hold the token that was made for this browser; either
    would do, and each keeps safe what the other may one day let through.
    """

    def __init__(
        self, app: ASGIApp, site: Site, tokens: FormTokens, refuse: Callable[[Request, Fault], Response]
    ) -> None:
        self._app = app
        self._site = site
        self._tokens = tokens
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on unless it is a foreign form. Pages find the token in ``request.state``."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Of this request alone, whatever a server may share: a page finds here who sends it.
        request = Request(dict(scope, state=dict(scope.get("state", {}))), receive)
        expected = self._tokens.expected(request)
        request.state.form_token = expected
        if request.method in READING:
            await self._app(request.scope, receive, send)
            return
        fault = self._fault(request) or await _token_fault(request, expected)
        if fault is None:
            await self._app(request.scope, _again(await request.body(), receive), send)
        else:
            await self._refuse(request, fault)(request.scope, receive, send)

    def _fault(self, request: Request) -> Fault | None:
        """Tell what is wrong with a form before it is read."""
        headers = request.headers
        # Browsers name the origin of every form that is sent (Fetch, section 3.2).
        if not self._site.is_own(headers.get("origin", ""), headers.get("host", "")):
            return FOREIGN
        length = headers.get("content-length", "")
        return None if length.isdecimal() and int(length) <= LARGEST_FORM else NO_FORM


async def _token_fault(request: Request, expected: str) -> Fault | None:
    try:
        given = dict(parse_qsl((await request.body()).decode("latin-1"), max_num_fields=MOST_FIELDS))
    except ValueError:
        return NO_FORM
    return None if fits(given.get(FIELD, ""), expected) else LAPSED


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read already once more."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
