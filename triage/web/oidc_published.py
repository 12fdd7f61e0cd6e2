"""What a provider publishes about itself: where it is asked, and the keys that its tokens are signed with."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from authlib.oidc.discovery import get_well_known_url
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from triage.web.oidc_http import ClientFactory, asking, fetch
from triage.web.oidc_values import OidcError, ProviderValues, Refusal, is_secure

KEPT = timedelta(hours=1)
"""How long both documents count: a key that the provider has taken back is not believed for longer."""

KEY_TYPES = ("RSA", "EC")
METHODS = ("client_secret_post", "client_secret_basic")
"""Post first: providers differ in how the other writes a secret's special characters (RFC 6749, 2.3.1)."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is used of a discovery document. ``names_issuer``: answers carry ``iss`` (RFC 9207)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    client_authentication: str
    names_issuer: bool


class Published:
    """A provider's documents, fetched when they are needed and kept for an hour."""

    def __init__(
        self, values: ProviderValues, clock: Callable[[], datetime], open_client: ClientFactory
    ) -> None:
        self._values = values
        self._clock = clock
        self._open = open_client
        self._metadata: tuple[Metadata, datetime] | None = None
        self._keys: tuple[KeySet, datetime] | None = None

    async def metadata(self) -> Metadata:
        """Return the provider's metadata. Raises OidcError when they cannot be had or are another's."""
        if self._metadata is None or self._clock() >= self._metadata[1]:
            document = await self._fetch("the discovery document", discovery_address(self._values.issuer))
            self._metadata = (read_metadata(document, self._values), self._clock() + KEPT)
        return self._metadata[0]

    async def keys(self, *, anew: bool = False) -> KeySet:
        """Return the provider's keys, fetched ``anew`` if asked to. Raises OidcError."""
        if anew or self._keys is None or self._clock() >= self._keys[1]:
            document = await self._fetch("the keys", (await self.metadata()).jwks_uri)
            self._keys = (read_keys(document), self._clock() + KEPT)
        return self._keys[0]

    async def _fetch(self, what: str, url: str) -> dict[str, Any]:
        async with asking(what, self._values), self._open(self._values) as client:
            return await fetch(client, url)


def discovery_address(issuer: str) -> str:
    """Return where an issuer's document lies: OpenID Connect Discovery, section 4."""
    return str(get_well_known_url(issuer, external=True))


def read_metadata(document: Mapping[str, Any], values: ProviderValues) -> Metadata:
    """Return what is used of a discovery document. Raises OidcError when it is another's or not safe."""
    if document.get("issuer") != values.issuer:
        raise _unusable("its issuer is not the one of the settings, to the letter")
    return Metadata(
        authorization_endpoint=_endpoint(document, "authorization_endpoint", values),
        token_endpoint=_endpoint(document, "token_endpoint", values),
        jwks_uri=_endpoint(document, "jwks_uri", values),
        client_authentication=values.client_authentication or _offered(document),
        names_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


def read_keys(document: Mapping[str, Any]) -> KeySet:
    """Return the keys of a document that can verify; others are passed over, as RFC 7517 section 5 asks."""
    given = document.get("keys")
    keys: list[Key] = []
    for each in given if isinstance(given, list) else []:
        if isinstance(each, dict) and each.get("kty") in KEY_TYPES:
            with suppress(JoseError, ValueError, TypeError):
                keys.append(JWKRegistry.import_key(each))
    if not keys:
        raise OidcError(Refusal.UNAVAILABLE, "the keys: there is none that can be used")
    return KeySet(keys)


def _endpoint(document: Mapping[str, Any], name: str, values: ProviderValues) -> str:
    url = document.get(name)
    if not isinstance(url, str) or not is_secure(url):
        raise _unusable(f"{name} is missing or not https")
    # A provider out there has no business with what listens on this machine.
    if url.startswith("http:") and not values.issuer.startswith("http:"):
        raise _unusable(f"{name} is not https")
    return url


def _offered(document: Mapping[str, Any]) -> str:
    """Return how the secret is shown; a document that does not say means "basic" (Discovery, section 3)."""
    said = document.get("token_endpoint_auth_methods_supported")
    offered = said if isinstance(said, list) else ["client_secret_basic"]
    for method in METHODS:
        if method in offered:
            return method
    raise _unusable("the provider takes no client secret")


def _unusable(why: str) -> OidcError:
    return OidcError(Refusal.UNAVAILABLE, f"the discovery document: {why}")
