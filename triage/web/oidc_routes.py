"""The addresses of sign-in by OpenID Connect: where it begins, and where the provider sends people back."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from triage.web.oidc import Provider
from triage.web.oidc_seal import GOOD_FOR
from triage.web.oidc_values import Claims, OidcError, Refusal
from triage.web.render import Renderer

log = logging.getLogger(__name__)

BEGIN = "/sign-in/oidc"
AGAIN = "/sign-in/oidc/again"
CALLBACK = "/sign-in/oidc/callback"
COOKIE = "sign-in"


@dataclass(frozen=True, slots=True)
class OidcRoutes:
    """Sign-in at a provider, to be mounted in the site.

    ``address`` gives the site's own address as browsers have it, "https://triage.oakfield.example": the
    provider knows it. ``signed_in`` makes the session, in a thread, and answers with the page or the redirect
    that comes next, or raises OidcError; its arguments are the request, who it is, and the path at which they
    began.
    """

    provider: Provider
    renderer: Renderer
    address: Callable[[Request], str]
    signed_in: Callable[[Request, Claims, str], Response]

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(BEGIN, self.begin, methods=["GET"]),
            Route(AGAIN, self.begin_again, methods=["GET"]),
            Route(CALLBACK, self.finish, methods=["GET"]),
        ]

    async def begin(self, request: Request) -> Response:
        """Send the browser to the provider; ``?to=`` is where to go afterwards."""
        return await self._begun(request, again=False)

    async def begin_again(self, request: Request) -> Response:
        """Send the browser to the provider, to be asked anew though one is signed in."""
        return await self._begun(request, again=True)

    async def _begun(self, request: Request, *, again: bool) -> Response:
        to = request.query_params.get("to", "/")
        try:
            begun = await self.provider.begin(self._site(request) + CALLBACK, to, again=again)
        except OidcError as error:
            return self._refused(request, error)
        answer = RedirectResponse(begun.url, status_code=HTTPStatus.SEE_OTHER)
        self._remember(request, answer, begun.sealed)
        return answer

    async def finish(self, request: Request) -> Response:
        """Take the browser back, and forget what it kept: it is good for one answer."""
        try:
            answer = await self._finished(request)
        except OidcError as error:
            answer = self._refused(request, error)
        self._remember(request, answer, "")
        return answer

    async def _finished(self, request: Request) -> Response:
        given = request.query_params.multi_items()
        params = dict(given)
        if len(params) < len(given):
            # RFC 6749 section 3.1: none may be there twice; two readers would take two different ones.
            raise OidcError(Refusal.NOT_ACCEPTED, "the answer: a parameter is there twice")
        finished = await self.provider.finish(params, request.cookies.get(self._cookie(request), ""))
        return await run_in_threadpool(self.signed_in, request, finished.claims, finished.return_to)

    def _refused(self, request: Request, error: OidcError) -> Response:
        log.warning("nobody was signed in: %s", error.reason)
        return self.renderer.page(
            request, "error.html", status=error.status, title="Not signed in", said=str(error)
        )

    def _site(self, request: Request) -> str:
        return self.address(request).rstrip("/")

    def _is_secure(self, request: Request) -> bool:
        return self._site(request).startswith("https:")

    def _cookie(self, request: Request) -> str:
        """Return the cookie's name: with ``__Host-`` no neighbouring site can put one of its own there."""
        return f"__Host-{COOKIE}" if self._is_secure(request) else COOKIE

    def _remember(self, request: Request, answer: Response, sealed: str) -> None:
        """Set the cookie, or take it back with "". Lax: it is the provider's site that sends people here."""
        answer.set_cookie(
            self._cookie(request),
            sealed,
            max_age=int(GOOD_FOR.total_seconds()) if sealed else 0,
            path="/",
            secure=self._is_secure(request),
            httponly=True,
            samesite="lax",
        )
