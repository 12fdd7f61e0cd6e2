"""Who an ID token is about: address, name, groups, and when there was a second factor. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from triage.web.oidc_token import asked_at
from triage.web.oidc_values import Claims, OidcError, ProviderValues, Refusal

SECOND_FACTOR = frozenset(
    {
        "mfa",  # amr: RFC 8176 section 2
        "https://refeds.org/profile/mfa",  # acr: of schools' and universities' federations
        "http://schemas.openid.net/pape/policies/2007/06/multi-factor",  # acr: PAPE
    }
)
"""What says, by a standard, that more than one factor was shown."""

LONGEST_NAME = 100
_ADDRESS = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")


def claims_of(token: Mapping[str, Any], values: ProviderValues, now: datetime) -> Claims:
    """Return who has signed in, from verified claims. Raises OidcError for a stranger or for no address."""
    _refuse_elsewhere(token, values)
    return Claims(
        address=_address(token, values),
        name=_name(token.get("name")),
        groups=_texts(token.get(values.groups_claim)),
        second_factor_at=_second_factor_at(token, values, now),
    )


def groups_left_out(token: Mapping[str, Any], values: ProviderValues) -> bool:
    """Tell whether the groups of somebody in too many are left out (Microsoft, above 200)."""
    names = token.get("_claim_names")
    elsewhere = isinstance(names, dict) and values.groups_claim in names
    return elsewhere or (token.get("hasgroups") is True and values.groups_claim not in token)


def _second_factor_at(token: Mapping[str, Any], values: ProviderValues, now: datetime) -> datetime | None:
    """Return when it was given: a token of now may tell of one of this morning, which shows nobody today."""
    said = _texts(token.get("amr")) | _texts(token.get("acr")) | _texts(token.get("acrs"))
    strong = SECOND_FACTOR | set(values.second_factor_values)
    return asked_at(token, now) if values.believe_second_factor and said & strong else None


def _refuse_elsewhere(token: Mapping[str, Any], values: ProviderValues) -> None:
    for claim, wanted in (("tid", values.tenant), ("hd", values.hosted_domain)):
        if wanted and token.get(claim) != wanted:
            raise OidcError(Refusal.ELSEWHERE, f"the ID token: {claim} is not the one of the settings")


def _address(token: Mapping[str, Any], values: ProviderValues) -> str:
    said = token.get(values.address_claim)
    if not isinstance(said, str):
        raise _no_address(f"the claim {values.address_claim} is missing")
    # ASCII before lower case: the Kelvin sign becomes a "k", and with it a stranger somebody else.
    if not said.isascii() or not _ADDRESS.fullmatch(said.lower()):
        raise _no_address(f"the claim {values.address_claim} is not an email address")
    if not _proven(token, values):
        raise _no_address("the address is not verified (email_verified, or xms_edov of Microsoft)")
    return said.lower()


def _proven(token: Mapping[str, Any], values: ProviderValues) -> bool:
    """Tell whether the provider has verified the address; these claims speak of ``email`` and of no other."""
    if values.address_claim != "email":
        return True
    marks = [token[claim] for claim in ("email_verified", "xms_edov") if claim in token]
    if not marks:
        return not values.address_needs_proof
    # The standard has true; some providers write it as text or as a number.
    return all(mark is True or mark in ("true", "1") or (mark == 1 and type(mark) is int) for mark in marks)


def _name(said: object) -> str:
    """Return a name without what cannot be seen: marks that turn the direction of a line among it."""
    text = said if isinstance(said, str) else ""
    return "".join(char for char in text if char.isprintable()).strip()[:LONGEST_NAME]


def _texts(said: object) -> frozenset[str]:
    """Return the texts of a claim that may be one text, or a list, or anything."""
    if isinstance(said, str):
        return frozenset({said})
    listed = said if isinstance(said, list) else []
    return frozenset(each for each in listed if isinstance(each, str))


def _no_address(why: str) -> OidcError:
    return OidcError(Refusal.NO_ADDRESS, f"the ID token: {why}")
