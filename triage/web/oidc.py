"""Sign-in by OpenID Connect: the authorisation code flow with PKCE, state and nonce.

Authlib speaks the protocol and joserfc verifies; what is here is the order of the steps, and what is refused.
"""

import json
import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from authlib.integrations.httpx_client import AsyncOAuth2Client

from triage.store.keys import Keyring
from triage.web.oidc_claims import claims_of, groups_left_out
from triage.web.oidc_http import ClientFactory, asking, open_client, refused_by_provider
from triage.web.oidc_published import Metadata, Published
from triage.web.oidc_seal import Pending, Seals, same
from triage.web.oidc_token import UnknownKeyError, verify
from triage.web.oidc_values import Begun, Finished, OidcError, ProviderValues, Refusal

log = logging.getLogger(__name__)

LONGEST_CODE = 4_096
_CONTEXT = re.compile(r"c\d{1,2}")


class Provider:
    """One provider, for as long as the site runs. ``clock`` gives the aware time of now."""

    def __init__(
        self,
        values: ProviderValues,
        keyring: Keyring,
        clock: Callable[[], datetime],
        client: ClientFactory = open_client,
    ) -> None:
        self._values = values
        self._clock = clock
        self._open = client
        self._seals = Seals(keyring, clock)
        self._published = Published(values, clock, client)

    async def begin(self, callback_address: str, return_to: str = "/", *, again: bool = False) -> Begun:
        """Begin a sign-in that comes back to ``callback_address`` and ends at the path ``return_to``.

        ``again`` has the provider ask even somebody who is signed in there. The caller keeps ``sealed`` in a
        cookie of the same browser. Raises OidcError when the provider cannot be asked.
        """
        metadata = await self._published.metadata()
        pending = self._seals.begin(callback_address, return_to, again=again)
        async with self._client(metadata) as client:
            url, _ = client.create_authorization_url(
                metadata.authorization_endpoint,
                state=pending.state,
                code_verifier=pending.verifier,
                nonce=pending.nonce,
                redirect_uri=pending.callback,
                scope=" ".join(self._values.scopes),
                **self._wishes(again=again),
            )
        return Begun(str(url), self._seals.seal(pending))

    async def finish(self, params: Mapping[str, str], sealed: str) -> Finished:
        """Finish a sign-in with what the provider has sent by the browser, and what the cookie kept.

        Raises OidcError when anything does not fit. Either way it cannot be finished a second time.
        """
        pending = self._seals.open(sealed)
        if not same(params.get("state", ""), pending.state):
            raise OidcError(Refusal.BEGIN_AGAIN, "the answer: its state is not that of the cookie")
        self._seals.use(pending)
        metadata = await self._published.metadata()
        code = self._code(params, metadata)
        tokens = await self._exchange(code, pending, metadata)
        token = await self._verified(tokens, pending)
        if groups_left_out(token, self._values):
            log.warning("sign-in: the provider left out the groups of somebody who is in too many")
        claims = claims_of(token, self._values, self._clock())
        if pending.again and self._values.believe_second_factor and claims.second_factor_at is None:
            # Without this the page that asked for it would ask again, and again.
            raise OidcError(Refusal.ONE_FACTOR, "the ID token: no second factor (amr, acr, acrs)")
        return Finished(claims, pending.return_to)

    def _client(self, metadata: Metadata) -> AsyncOAuth2Client:
        client = self._open(self._values)
        client.token_endpoint_auth_method = metadata.client_authentication
        return client

    def _wishes(self, *, again: bool) -> dict[str, str]:
        """Return what is asked beyond the standard's minimum; a provider that knows none of it ignores it."""
        wishes = {"prompt": "login", "max_age": "0"} if again else {}
        if self._values.hosted_domain:
            wishes["hd"] = self._values.hosted_domain
        if self._values.believe_second_factor and self._values.second_factor_values:
            wishes |= _strength(self._values.second_factor_values)
        return wishes

    def _code(self, params: Mapping[str, str], metadata: Metadata) -> str:
        """Return the code of an answer that comes from this provider and reports no error."""
        issuer = params.get("iss")
        if issuer is None and metadata.names_issuer:
            raise _not_accepted("it does not name its issuer, as the provider has announced (RFC 9207)")
        if issuer is not None and issuer != self._values.issuer:
            raise _not_accepted("it names another issuer (RFC 9207)")
        if "error" in params:
            raise refused_by_provider(params["error"], "the answer")
        code = params.get("code", "")
        if not code or len(code) > LONGEST_CODE:
            raise _not_accepted("it holds no code")
        return code

    async def _exchange(self, code: str, pending: Pending, metadata: Metadata) -> dict[str, Any]:
        async with asking("the token endpoint", self._values), self._client(metadata) as client:
            return dict(
                await client.fetch_token(
                    metadata.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    redirect_uri=pending.callback,
                    code_verifier=pending.verifier,
                )
            )

    async def _verified(self, tokens: Mapping[str, Any], pending: Pending) -> Mapping[str, Any]:
        """Return the ID token's claims; for a key that is not known the keys are fetched anew, once."""
        now = self._clock()
        try:
            return verify(tokens, await self._published.keys(), self._values, pending, now)
        except UnknownKeyError:
            keys = await self._published.keys(anew=True)
        try:
            return verify(tokens, keys, self._values, pending, now)
        except UnknownKeyError:
            raise OidcError(Refusal.NOT_ACCEPTED, "the ID token: its key is not the provider's") from None


def _strength(wanted: tuple[str, ...]) -> dict[str, str]:
    """Return how a second factor is asked for: as the standard has it, and by an authentication context.

    Microsoft checks such a context, "c1", only when it is asked for as a claim.
    """
    contexts = [value for value in wanted if _CONTEXT.fullmatch(value)]
    plain = [value for value in wanted if value not in contexts]
    asked = {"acr_values": " ".join(plain)} if plain else {}
    if contexts:
        asked["claims"] = json.dumps({"id_token": {"acrs": {"essential": True, "value": contexts[0]}}})
    return asked


def _not_accepted(why: str) -> OidcError:
    return OidcError(Refusal.NOT_ACCEPTED, f"the answer: {why}")
