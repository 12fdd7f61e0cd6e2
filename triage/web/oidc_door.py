"""Signing in at the school's provider: the way in, what its groups grant, and the second factor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from triage.domain.granted import granted, group_roles
from triage.domain.school import Role
from triage.store import accounts
from triage.web.door import Door
from triage.web.oidc import Provider
from triage.web.oidc_routes import AGAIN, BEGIN, OidcRoutes
from triage.web.oidc_values import Claims, OidcError, ProviderValues, Refusal
from triage.web.paths import own_path, with_way_back
from triage.web.render import Renderer
from triage.web.second_factor import SecondFactor
from triage.web.sessions import CODE, SIGN_IN, NotSignedInError, SignedIn


def oidc_door(values: ProviderValues, by_group: Mapping[str, Role]) -> Door:
    """Return the way in by a provider; ``by_group`` holds the roles that its groups stand for.

    Where the provider's word on the second factor is not believed, the site asks for a code of its own.
    """

    def routes(signed_in: SignedIn, renderer: Renderer) -> Sequence[BaseRoute]:
        entry = OidcEntry(signed_in, renderer, by_group)
        provider = Provider(values, signed_in.database.keyring, signed_in.clock)
        believed = [Route(CODE, entry.again)]
        return [
            Route(SIGN_IN, entry.page),
            *OidcRoutes(provider, renderer, entry.site, entry.enter).routes(),
            *(believed if values.believe_second_factor else SecondFactor(signed_in, renderer).routes()),
        ]

    return Door(routes, codes=not values.believe_second_factor)


@dataclass(frozen=True, slots=True)
class OidcEntry:
    """The page from which one goes to the provider, and what becomes of who comes back."""

    signed_in: SignedIn
    renderer: Renderer
    by_group: Mapping[str, Role]

    def page(self, request: Request) -> Response:
        """Show the way to the provider; whoever is signed in goes on at once.

        It is a page of its own, so that who has signed out is not signed in again by the provider.
        """
        to = own_path(request.query_params.get("to", ""))
        try:
            self.signed_in.begun(request)
        except NotSignedInError:
            return self.renderer.page(request, "oidc_sign_in.html", way=with_way_back(BEGIN, to))
        return RedirectResponse(to, status_code=HTTPStatus.SEE_OTHER)

    def again(self, request: Request) -> Response:
        """Have the provider ask anew, where a site with codes of its own asks for one."""
        way = with_way_back(AGAIN, own_path(request.query_params.get("to", "")))
        return RedirectResponse(way, status_code=HTTPStatus.SEE_OTHER)

    def enter(self, request: Request, claims: Claims, to: str) -> Response:
        """Open a session for somebody who has business here. Raises OidcError for anybody else."""
        school, address = self.signed_in.school, claims.address
        self._refuse_shut_out(address)
        if granted(school, address, claims.groups, self.by_group) is None:
            raise OidcError(Refusal.NOBODY_HERE, "neither the settings nor a group give a role")
        roles = group_roles(school, address, claims.groups, self.by_group)
        given_at = claims.second_factor_at
        return self.signed_in.begin(request, address, to, roles=roles, second_factor_at=given_at)

    def site(self, request: Request) -> str:
        """Return the address of this site: that of the settings, or that on this machine which was asked."""
        return self.signed_in.site.address or f"{request.url.scheme}://{request.url.netloc}"

    def _refuse_shut_out(self, address: str) -> None:
        with self.signed_in.database.read() as conn:
            account = accounts.find_account(conn, address)
        if account is None or account.disabled_at is None:
            return
        with self.signed_in.database.write() as conn:
            self.signed_in.note(conn, address, "sign-in failed", f"account {account.id}")
        raise OidcError(Refusal.NOBODY_HERE, f"account {account.id} is shut out")
