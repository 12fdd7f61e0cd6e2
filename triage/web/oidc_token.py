"""The ID token: whether the provider signed it, for this site, for this sign-in, and just now.

OpenID Connect Core, section 3.1.3.7. joserfc verifies the signature, Authlib the claims.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from triage.web.oidc_seal import Pending
from triage.web.oidc_values import OidcError, ProviderValues, Refusal

ALGORITHMS = ("RS256", "PS256", "ES256")
"""What a provider signs with its private key. Never "none"; never HS256, whose key both sides hold."""

LEEWAY = 60
"""Seconds by which the clocks of provider and school may differ."""


class UnknownKeyError(Exception):
    """The token names a key that the provider has not published, or had not when we looked."""


def verify(
    tokens: Mapping[str, Any], keys: KeySet, values: ProviderValues, pending: Pending, now: datetime
) -> Mapping[str, Any]:
    """Return the claims of the ID token. Raises UnknownKeyError, and OidcError for any other fault."""
    try:
        claims = _signed(tokens.get("id_token"), keys)
        _validate(claims, tokens, values, pending, now)
    except InvalidKeyIdError:
        raise UnknownKeyError from None
    except ClaimError as error:
        raise _refused(f"{error.error} ({error.claim})") from None
    except JoseError as error:
        raise _refused(error.error) from None
    except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
        # What the libraries raise for a token that is not one, or whose claims are of no such kind.
        raise _refused(type(error).__name__) from None
    return dict(claims)


def _signed(token: object, keys: KeySet) -> CodeIDToken:
    """Return the claims of a token that one of the keys has signed."""
    if not isinstance(token, str):
        raise _refused("there is none")
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    decoded = jwt.decode(token, keys, registry=registry)
    return CodeIDToken(decoded.claims, decoded.header)


def _validate(
    claims: CodeIDToken,
    tokens: Mapping[str, Any],
    values: ProviderValues,
    pending: Pending,
    now: datetime,
) -> None:
    claims.options = {
        "iss": {"essential": True, "value": values.issuer},
        "aud": {"essential": True, "value": values.client_id},
    }
    claims.params = {
        "client_id": values.client_id,
        "nonce": pending.nonce,
        "access_token": tokens.get("access_token"),
    }
    claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    # Authlib lets further audiences pass with an azp; Core has them refused unless they are trusted.
    if claims["aud"] not in (values.client_id, [values.client_id]):
        raise _refused("it is for others too (aud)")
    if pending.again:
        _asked_again(claims, pending, now)


def asked_at(claims: Mapping[str, Any], now: datetime) -> datetime | None:
    """Return when the provider asked the person who they are (``auth_time``), at the latest now.

    None where it does not say so, or names a moment to come.
    """
    asked = claims.get("auth_time")
    if isinstance(asked, bool) or not isinstance(asked, int | float):
        return None
    # Said so that "not a number" is none, nor thousandths of a second, which would be a time to come.
    if not 0 <= asked <= now.timestamp() + LEEWAY:
        return None
    return min(datetime.fromtimestamp(asked, UTC), now)


def _asked_again(claims: CodeIDToken, pending: Pending, now: datetime) -> None:
    """Refuse a token of somebody whom the provider did not ask anew; ``auth_time`` is required then (2.)."""
    asked = asked_at(claims, now)
    if asked is None:
        raise _refused("it does not say when the person was asked (auth_time)")
    if asked.timestamp() < pending.began - LEEWAY:
        raise _refused("the person was not asked anew (auth_time)")


def _refused(why: str) -> OidcError:
    return OidcError(Refusal.NOT_ACCEPTED, f"the ID token: {why}")
