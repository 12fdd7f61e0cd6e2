"""Asking the provider of a grant. What that takes is imported only then: it costs a fifth of a second."""

from collections.abc import Callable
from datetime import datetime

from triage.mail.oauth.values import DeviceCode, Google, Grant, Microsoft, Token
from triage.mail.token_error import TokenError

# ruff: noqa: PLC0415 - see above


def ask(grant: Grant, refresh: str | None, now: datetime) -> Token:
    """Return a new token. ``refresh`` is what a login left for it. Raises TokenError."""
    from triage.mail.oauth.http import Exchange

    if grant.by_login and refresh is None:
        words = f"nobody has logged in for this mailbox: run triage login {grant.mailbox}"
        raise TokenError("refused", words)
    with Exchange(grant.provider) as http:
        if isinstance(grant.provider, Google):
            from triage.mail.oauth import google

            return google.as_mailbox(grant.provider, http, grant.mailbox, now)
        from triage.mail.oauth import microsoft

        if refresh is not None and grant.by_login:
            return microsoft.renewed(grant.provider, http, refresh, now)
        return microsoft.as_app(grant.provider, http, now)


def begin_login(app: Microsoft) -> DeviceCode:
    """Begin a login for a mailbox. Raises TokenError."""
    from triage.mail.oauth import microsoft
    from triage.mail.oauth.http import Exchange

    with Exchange(app) as http:
        return microsoft.begin_login(app, http)


def finish_login(app: Microsoft, begun: DeviceCode, clock: Callable[[], datetime]) -> Token:
    """Wait until somebody has logged in. Raises TokenError."""
    from triage.mail.oauth import microsoft
    from triage.mail.oauth.http import Exchange

    with Exchange(app, within=None) as http:
        return microsoft.finish_login(app, http, begun, clock)
