"""Tokens from Google, by google-auth: a service account that stands for a mailbox (RFC 7523)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from google.auth.exceptions import GoogleAuthError, RefreshError
from google.oauth2 import service_account

from triage.mail.oauth.http import Exchange
from triage.mail.oauth.values import Google, Token
from triage.mail.oauth.words import refused
from triage.mail.token_error import TokenError

_NO_KEY = "the service account's key file cannot be used: take the JSON file as Google gave it"


def as_mailbox(google: Google, http: Exchange, mailbox: str, now: datetime) -> Token:
    """Return a token for one mailbox. Raises TokenError."""
    account, token_uri = _account(google)
    try:
        credentials = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
            account, scopes=[google.scope], subject=mailbox
        )
        credentials.refresh(http)
    except TokenError:
        raise
    except RefreshError as error:
        raise refused(urlsplit(token_uri).hostname or token_uri, _said(error), http.skew) from None
    except (ValueError, GoogleAuthError) as error:
        raise TokenError("refused", f"{_NO_KEY} ({type(error).__name__})") from None
    if not isinstance(credentials.token, str) or credentials.expiry is None:
        words = f"{urlsplit(token_uri).hostname}: its answer could not be understood"
        raise TokenError("unreachable", words)
    # The library reckons by the machine's clock, in UTC and without saying so.
    lasts = credentials.expiry.replace(tzinfo=UTC) - datetime.now(UTC)
    return Token(credentials.token, now + max(lasts, timedelta()))


def _account(google: Google) -> tuple[dict[str, Any], str]:
    """Return the account as the library reads it, and where its tokens are had."""
    try:
        found = json.loads(google.account)
    except ValueError:
        raise TokenError("refused", _NO_KEY) from None
    if not isinstance(found, dict):
        raise TokenError("refused", _NO_KEY)
    token_uri = google.token_uri or str(found.get("token_uri", ""))
    if urlsplit(token_uri).scheme != "https":
        # What is sent there is as good as the key for an hour.
        words = (
            "its token_uri is no https address: take the JSON file as Google gave it, or set oauth.token_uri"
        )
        raise TokenError("refused", f"the service account's key file cannot be used: {words}")
    return found | {"token_uri": token_uri}, token_uri


def _said(error: RefreshError) -> Any:  # noqa: ANN401 - what the provider has said, as the library hands it on
    return next((one for one in error.args if isinstance(one, dict)), {})
