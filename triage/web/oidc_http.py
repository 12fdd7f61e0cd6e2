"""How the provider is asked: for so long, for so much, without following it elsewhere.

Whatever it does, the person gets a page in words and the log one line without its words.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from triage.web.errors import place_of
from triage.web.oidc_values import OidcError, ProviderValues, Refusal

LARGEST_ANSWER = 262_144
"""Bytes; the keys of a large provider are about 30,000, the tokens of a person in 200 groups about 15,000."""

ERRORS = frozenset(
    {
        *("access_denied", "invalid_client", "invalid_grant", "invalid_request", "invalid_scope"),
        *("server_error", "temporarily_unavailable", "unauthorized_client", "unsupported_grant_type"),
        *("unsupported_response_type", "account_selection_required", "consent_required"),
        *("interaction_required", "login_required"),
    }
)
"""RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core section 3.1.2.6: what may be repeated in the log."""

_OF_THE_PERSON = {"access_denied", "login_required", "consent_required", "interaction_required"}
_OF_THE_SETTINGS = {"invalid_client", "unauthorized_client"}

ClientFactory = Callable[[ProviderValues], AsyncOAuth2Client]


class AnswerError(ValueError):
    """An answer that is not read: too long, compressed, or not a JSON object."""


def open_client(values: ProviderValues) -> AsyncOAuth2Client:
    """Return a client for one conversation; it trusts the authorities of this machine and uses its proxy."""
    return AsyncOAuth2Client(
        client_id=values.client_id,
        client_secret=values.client_secret,
        code_challenge_method="S256",
        verify=_authorities(),
        timeout=values.timeout,
        follow_redirects=False,
        # An answer that unpacks to a thousand times its length cannot be measured on the way.
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [_limit]},
    )


@lru_cache(maxsize=1)
def _authorities() -> ssl.SSLContext:
    """Return the context of all conversations: each of its own costs 20 ms."""
    return ssl.create_default_context()


async def fetch(client: AsyncOAuth2Client, url: str) -> dict[str, Any]:
    """Return the JSON object at an address. Raises AnswerError and what the HTTP client raises."""
    answer = await client.request("GET", url, withhold_token=True)
    if answer.status_code != httpx2.codes.OK:
        raise AnswerError
    document = answer.json()
    if not isinstance(document, dict):
        raise AnswerError
    return document


@asynccontextmanager
async def asking(what: str, values: ProviderValues) -> AsyncIterator[None]:
    """Give the provider its time, and turn whatever goes wrong into an OidcError that names ``what``."""
    try:
        # The client's own limit is for each read: one byte a second would never reach it.
        async with asyncio.timeout(values.timeout):
            yield
    except OidcError:
        raise
    except OAuthError as error:
        raise refused_by_provider(error.error, what) from None
    except Exception as error:  # noqa: BLE001 - an answer can break a library anywhere, and it is not ours to trust
        reason = f"{what}: {type(error).__name__} at {place_of(error)}"
        raise OidcError(Refusal.UNAVAILABLE, reason) from None


def refused_by_provider(code: object, what: str) -> OidcError:
    """Return what an error code of the provider means; one that no standard knows is not repeated."""
    known = code if isinstance(code, str) and code in ERRORS else "another error"
    reason = f"{what}: the provider said {known}"
    if known in _OF_THE_PERSON:
        return OidcError(Refusal.DENIED, reason)
    if known == "invalid_grant":
        return OidcError(Refusal.BEGIN_AGAIN, reason)
    if known in _OF_THE_SETTINGS:
        reason += "; are client_id and client_secret those of the provider, and not expired?"
    return OidcError(Refusal.UNAVAILABLE, reason)


async def _limit(answer: httpx2.Response) -> None:
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise AnswerError
    assert isinstance(answer.stream, httpx2.AsyncByteStream)  # noqa: S101 - of an async client; tells the type checker
    answer.stream = _Limited(answer.stream)


class _Limited(httpx2.AsyncByteStream):
    """An answer that is read no further than it may be long."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        length = 0
        async for piece in self._stream:
            length += len(piece)
            if length > LARGEST_ANSWER:
                raise AnswerError
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
