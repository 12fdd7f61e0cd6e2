"""Signing in with accounts of the site's own."""

from collections.abc import Sequence

from anyio import sleep
from starlette.routing import Route

from triage.web.door import Door, page_and_form
from triage.web.own_password import OwnPassword
from triage.web.proving import Proving, Sleep
from triage.web.render import Renderer
from triage.web.second_factor import SecondFactor
from triage.web.sessions import SIGN_IN, SignedIn
from triage.web.sign_in import SignIn

PASSWORD = "/account/password"  # noqa: S105 - an address


def local_door(pause: Sleep = sleep) -> Door:
    """Return the way in by address, password and the code of an app."""

    def routes(signed_in: SignedIn, renderer: Renderer) -> Sequence[Route]:
        proving = Proving(signed_in, pause)
        sign_in = SignIn(signed_in, renderer, proving)
        password = OwnPassword(signed_in, renderer, proving)
        return [
            *page_and_form(SIGN_IN, sign_in.page, sign_in.enter),
            *SecondFactor(signed_in, renderer, proving).routes(),
            *page_and_form(PASSWORD, password.page, password.change),
        ]

    return Door(routes, passwords=True, codes=True)
