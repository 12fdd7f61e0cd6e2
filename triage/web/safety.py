"""What every answer of the site carries, and which forms it does not take."""

from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from triage.store.errors import StoreError
from triage.store.keys import KeyringError
from triage.store.own_links import PATH
from triage.store.sessions import Session
from triage.web.errors import Errors
from triage.web.form_tokens import FIELD, FormTokens, fits
from triage.web.forms import MOST_FIELDS
from triage.web.sessions import SIGN_IN, NotSignedInError, SignedIn
from triage.web.site import Site
from triage.web.written import keep_written

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

BY_LINK = f"/{PATH}/"
"""Where the links of a digest lead: each is a keyed hash that no other site can know."""

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

    def __init__(self, app: ASGIApp, signed_in: SignedIn, tokens: FormTokens, errors: Errors) -> None:
        self._app = app
        self._signed_in = signed_in
        self._tokens = tokens
        self._errors = errors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on unless it is a foreign form. Pages find the token in ``request.state``."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Of this request alone, whatever a server may share: a page finds here who sends it.
        request = Request(dict(scope, state=dict(scope.get("state", {}))), receive)
        if request.method in READING:
            request.state.form_token = self._expected(request, getattr(request.state, "session", None))
            await self._app(request.scope, receive, send)
            return
        refused = await self._refused(request)
        if refused is None:
            await self._app(request.scope, _again(await request.body(), receive), send)
        else:
            await refused(request.scope, receive, send)

    async def _refused(self, request: Request) -> Response | None:
        """Return the answer to a form that is not taken, None to one that is."""
        fault = _fault(request, self._signed_in.site)
        if fault is not None:
            return self._errors.refused_form(request, fault)
        if request.scope["path"].startswith(BY_LINK):
            return None  # whoever has the link may do what it does, from whatever browser
        try:
            fields = await _fields(request)
            keep_written(request, fields)
            session = await run_in_threadpool(self._session, request)
        except ValueError:
            return self._errors.refused_form(request, NO_FORM)
        except (NotSignedInError, StoreError, KeyringError) as error:
            return self._errors.sender_unknown(request, error)
        expected = request.state.form_token = self._expected(request, session)
        return None if fits(fields.get(FIELD, ""), expected) else self._errors.refused_form(request, LAPSED)

    def _session(self, request: Request) -> Session | None:
        """Return the session that a form goes with, None for the form of a browser that has none.

        Raises NotSignedInError, StoreError, KeyringError.
        """
        if request.scope["path"] == SIGN_IN or not self._signed_in.cookies.session(request):
            return None
        return self._signed_in.begun(request)

    def _expected(self, request: Request, session: Session | None) -> str:
        return self._tokens.of_stranger(request) if session is None else self._tokens.of_session(session)


def _fault(request: Request, site: Site) -> Fault | None:
    """Tell what is wrong with a form before it is read."""
    headers = request.headers
    # Browsers name the origin of every form that is sent (Fetch, section 3.2).
    if not site.is_own(headers.get("origin", ""), headers.get("host", "")):
        return FOREIGN
    length = headers.get("content-length", "")
    return None if length.isdecimal() and int(length) <= LARGEST_FORM else NO_FORM


async def keep_what_was_written(request: Request, site: Site) -> None:
    """Keep the words of a form that is refused before it is looked at, if it was sent from this site."""
    if request.method not in READING and _fault(request, site) is None:
        with suppress(ValueError):
            keep_written(request, await _fields(request))


async def _fields(request: Request) -> Mapping[str, str]:
    """Return the fields of a form. Raises ValueError for what is none."""
    return dict(parse_qsl((await request.body()).decode("latin-1"), max_num_fields=MOST_FIELDS))


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
