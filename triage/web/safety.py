"""What every answer of the page carries, and which forms it does not take."""

from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    # Not "no-referrer": with that a browser names the origin of our own forms "null" (Fetch, section 3.2).
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class SafeHeaders:
    """Sets the safe headers on every answer, whoever gives it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with safe headers on its answer."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, send_safely)


class OwnForms:
    """Refuses a form that another site has sent, or another program's page on this machine."""

    def __init__(self, app: ASGIApp, refuse: Callable[[Request], Response]) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on unless it is a foreign form."""
        foreign = scope["type"] == "http" and scope["method"] == "POST" and not _from_here(scope)
        await (self._refuse(Request(scope)) if foreign else self._app)(scope, receive, send)


def _from_here(scope: Scope) -> bool:
    """Tell whether a form came from our own page: browsers name the origin of every POST."""
    headers = Headers(scope=scope)
    origin = headers.get("origin", "")
    return "//" in origin and origin.partition("//")[2] == headers.get("host")
