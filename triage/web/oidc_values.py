"""What sign-in by OpenID Connect is made of: how the provider is reached, and what comes of asking it.

Nothing here shows a secret, a token or who somebody is in its repr.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from http import HTTPStatus
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Refusal(Enum):
    """Why nobody is signed in: the status of the page and what it says to the person."""

    BEGIN_AGAIN = (
        HTTPStatus.BAD_REQUEST,
        "This sign-in was begun too long ago or in another window, or it is finished already. Begin again.",
    )
    DENIED = (
        HTTPStatus.FORBIDDEN,
        "The sign-in was cancelled, or the account may not use this site. You are not signed in.",
    )
    NOT_ACCEPTED = (
        HTTPStatus.FORBIDDEN,
        "The sign-in service's answer was not accepted. You are not signed in. Tell the administrator.",
    )
    ELSEWHERE = (
        HTTPStatus.FORBIDDEN,
        "This is the account of another organisation. Sign in with the account that the school gave you.",
    )
    ONE_FACTOR = (
        HTTPStatus.FORBIDDEN,
        "The sign-in service did not say that you gave a second factor. Tell the administrator.",
    )
    NOBODY_HERE = (
        HTTPStatus.FORBIDDEN,
        "Your account is good, but it has no business on this site. If it should, ask the administrator.",
    )
    NO_ADDRESS = (
        HTTPStatus.FORBIDDEN,
        "The sign-in service did not confirm your email address. Tell the administrator.",
    )
    UNAVAILABLE = (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The sign-in service gives no proper answer now. Try again in a few minutes.",
    )

    def __init__(self, status: HTTPStatus, words: str) -> None:
        self.status = status
        self.words = words


class OidcError(Exception):
    """Nobody is signed in. Its text is for the person, ``reason`` for the log; neither holds a secret."""

    def __init__(self, refusal: Refusal, reason: str) -> None:
        super().__init__(refusal.words)
        self.refusal = refusal
        self.reason = reason

    @property
    def status(self) -> HTTPStatus:
        """The status of the page that says so."""
        return self.refusal.status


@dataclass(frozen=True, slots=True)
class ProviderValues:
    """A provider, and what the school asks of those whom it signs in.

    ``tenant`` and ``hosted_domain`` are what the claims ``tid`` (Microsoft) and ``hd`` (Google) must say, ""
    for anything. With ``address_needs_proof`` an address counts only when the provider says that it is
    verified; without, unless it says that it is not. ``second_factor_values`` are further words of ``amr``,
    ``acr`` and ``acrs`` that stand for a second factor, which counts only if ``believe_second_factor``.
    ``client_authentication`` is "" for what the provider offers. ``timeout`` is in seconds, for each answer.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    address_claim: str = "email"
    address_needs_proof: bool = False
    groups_claim: str = "groups"
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    tenant: str = ""
    hosted_domain: str = ""
    believe_second_factor: bool = False
    second_factor_values: tuple[str, ...] = ()
    client_authentication: str = ""
    timeout: float = 10.0


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in under way: where to send the browser, and what its cookie keeps until it is back."""

    url: str = field(repr=False)
    sealed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Claims:
    """Who has signed in, by the provider's proof. The address is in lower case, the name "" if it gives none.

    ``second_factor_at`` is when a second factor was given: None unless the provider says that there was one,
    and when, and the settings believe it.
    """

    address: str = field(repr=False)
    name: str = field(repr=False, default="")
    groups: frozenset[str] = field(repr=False, default=frozenset())
    second_factor_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """A sign-in that is done: who it is, and the path of this site at which they began."""

    claims: Claims
    return_to: str = field(repr=False)


def is_secure(url: str) -> bool:
    """Tell whether an address is https, or http on this very machine, and holds nobody's name or password."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port  # a port that is no number raises
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url and "@" not in parts.netloc
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    return bool(host) and plain and secure
