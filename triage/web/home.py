"""Where everybody begins: on the page on which their work is."""

from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from triage.domain.pages import first_page
from triage.web.sessions import SignedIn


@dataclass(frozen=True, slots=True)
class Home:
    """The bare address of the site."""

    signed_in: SignedIn

    def lead(self, request: Request) -> Response:
        """Lead to the first page of whoever is signed in."""
        who = self.signed_in.viewer(request)
        has_mailbox = self.signed_in.school.watches(who.address)
        return RedirectResponse(first_page(who, has_mailbox=has_mailbox), status_code=HTTPStatus.SEE_OTHER)
