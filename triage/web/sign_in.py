"""Signing in by address and password."""

import secrets
from dataclasses import dataclass
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from triage.web.form_tokens import FormTokens
from triage.web.forms import field, read_form
from triage.web.paths import own_path
from triage.web.proving import Proving, Refused
from triage.web.render import Renderer
from triage.web.sessions import NotSignedInError, SignedIn

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class SignIn:
    """The page with the form, and what becomes of it."""

    signed_in: SignedIn
    renderer: Renderer
    proving: Proving

    def page(self, request: Request) -> Response:
        """Ask for address and password; whoever is signed in goes on at once."""
        to = own_path(request.query_params.get("to", ""))
        try:
            self.signed_in.begun(request)
        except NotSignedInError:
            return sign_in_page(self.signed_in, self.renderer, request, "sign_in.html", to=to)
        return RedirectResponse(to, status_code=HTTPStatus.SEE_OTHER)

    async def enter(self, request: Request) -> Response:
        """Open a session if address and password are right; if not, say so and ask again."""
        form = await read_form(request)
        address, to = field(form, "address").strip(), own_path(field(form, "to"))
        proved = await self.proving.prove(request, address, field(form, "password"))
        if isinstance(proved, Refused):
            answer = sign_in_page(
                self.signed_in,
                self.renderer,
                request,
                "sign_in.html",
                to=to,
                status=proved.status,
                said=proved.said,
                address=address,
            )
            answer.headers.update(proved.headers)
            return answer
        begun = await run_in_threadpool(self.signed_in.begin, request, proved.address, to)
        self.proving.remember(request, begun, proved.address, proved.password)
        return begun


def sign_in_page(
    signed_in: SignedIn,
    renderer: Renderer,
    request: Request,
    name: str,
    *,
    status: int = 200,
    **context: object,
) -> Response:
    """Return a page with the form at /sign-in, and the cookie that its token goes with."""
    before = signed_in.cookies.before(request) or secrets.token_urlsafe(TOKEN_BYTES)
    tokens = FormTokens(signed_in.database.keyring, signed_in.cookies)
    request.state.form_token = tokens.of_before(before)
    page = renderer.page(request, name, status=status, **({"said": "", "address": ""} | context))
    signed_in.cookies.keep_before(page, before)
    return page
