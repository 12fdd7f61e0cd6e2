"""Tokens from Microsoft, by msal: for the school's app, and for somebody who has logged in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msal

from triage.mail.oauth.http import Exchange
from triage.mail.oauth.values import DeviceCode, Microsoft, Token
from triage.mail.oauth.words import refused
from triage.mail.token_error import TokenError


def as_app(app: Microsoft, http: Exchange, now: datetime) -> Token:
    """Return a token for all mailboxes that the app may open (client credentials). Raises TokenError."""
    client = _client(app, http, msal.ConfidentialClientApplication, _credential(app))
    said = _asked(app, client.acquire_token_for_client, [f"{app.resource}/.default"])
    return _token(app, said, http, now)


def renewed(app: Microsoft, http: Exchange, refresh: str, now: datetime) -> Token:
    """Return a token for a login, and what the next one is had for. Raises TokenError."""
    client = _client(app, http, msal.PublicClientApplication)
    said = _asked(app, client.acquire_token_by_refresh_token, refresh, _scopes(app))
    found = _token(app, said, http, now, login=True)
    # A provider that gives no new one lets the old one be used again (RFC 6749 section 6).
    return found if found.refresh else Token(found.value, found.expires_at, refresh)


def begin_login(app: Microsoft, http: Exchange) -> DeviceCode:
    """Begin a login for a mailbox: return where to go, and the code (RFC 8628). Raises TokenError."""
    client = _client(app, http, msal.PublicClientApplication)
    flow = _asked(app, client.initiate_device_flow, _scopes(app))
    if not all(isinstance(flow.get(key), str) for key in ("user_code", "verification_uri", "device_code")):
        raise refused(_host(app), flow, http.skew, login=True)
    return DeviceCode(flow["verification_uri"], flow["user_code"], flow)


def finish_login(app: Microsoft, http: Exchange, begun: DeviceCode, clock: Callable[[], datetime]) -> Token:
    """Wait until somebody has logged in, or the code has run out. Raises TokenError."""
    client = _client(app, http, msal.PublicClientApplication)
    said = _asked(app, client.acquire_token_by_device_flow, dict(begun.flow))
    if said.get("error") == "authorization_pending":
        said = {"error": "expired_token"}
    found = _token(app, said, http, clock(), login=True)
    if not found.refresh:
        raise TokenError(
            "refused", f"{_host(app)} gave nothing to renew the login with: allow offline_access"
        )
    return found


def _client(app: Microsoft, http: Exchange, kind: Any, credential: Any = None) -> Any:  # noqa: ANN401 - msal has no types
    """Return msal's client, which asks nobody but the authority of the settings."""
    return _asked(
        app,
        kind,
        app.client_id,
        client_credential=credential,
        authority=f"{app.authority}/{app.tenant}",
        instance_discovery=False,
        http_client=http,
        token_cache=msal.TokenCache(),
    )


def _asked(app: Microsoft, do: Any, *given: Any, **more: Any) -> Any:  # noqa: ANN401 - msal has no types
    """Have msal do something. Raises TokenError for whatever it raises: its text may hold what was sent."""
    try:
        return do(*given, **more)
    except TokenError:
        raise
    except Exception as error:  # noqa: BLE001 - an answer can break a library anywhere, and its text is not ours
        if isinstance(error, ValueError) and "tenant name" in str(error):
            raise refused(_host(app), {"error": "invalid_tenant"}, 0) from None
        if app.certificate and isinstance(error, ValueError | TypeError):
            words = (
                "the certificate cannot be used: oauth.certificate_file holds it with its private key (PEM)"
            )
            raise TokenError("refused", words) from None
        words = f"{_host(app)}: its answer could not be understood ({type(error).__name__})"
        raise TokenError("unreachable", words) from None


def _credential(app: Microsoft) -> Any:  # noqa: ANN401 - msal has no types
    if app.certificate is None:
        return app.secret
    return {"private_key": app.certificate, "public_certificate": app.certificate}


def _scopes(app: Microsoft) -> list[str]:
    """Return what a login is for; msal adds the right to be renewed."""
    resource = app.resource.replace("outlook.office365.com", "outlook.office.com")
    return [f"{resource}/IMAP.AccessAsUser.All", f"{resource}/SMTP.Send"]


def _token(app: Microsoft, said: Any, http: Exchange, now: datetime, *, login: bool = False) -> Token:  # noqa: ANN401
    value = said.get("access_token")
    if not isinstance(value, str):
        raise refused(_host(app), said, http.skew, login=login)
    refresh = said.get("refresh_token")
    lasts = timedelta(seconds=int(said.get("expires_in", 3600)))
    return Token(value, now + lasts, refresh if isinstance(refresh, str) else None)


def _host(app: Microsoft) -> str:
    return urlsplit(app.authority).hostname or app.authority
