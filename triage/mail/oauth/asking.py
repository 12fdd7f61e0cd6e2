"""Asking the provider of a grant. Its library is imported when it is needed: it takes a fifth of a second."""

from collections.abc import Callable
from datetime import datetime

from triage.mail.oauth.http import Exchange
from triage.mail.oauth.values import DeviceCode, Google, Grant, Microsoft, Token
from triage.mail.token_error import TokenError

_NOBODY = "nobody has logged in for this mailbox: run triage login {mailbox}"


def ask(grant: Grant, refresh: str | None, now: datetime) -> Token:
    """Return a new token. ``refresh`` is what a login left for it. Raises TokenError."""
    with Exchange(grant.provider) as http:
        if isinstance(grant.provider, Google):
            from triage.mail.oauth import google  # noqa: PLC0415 - see above

            return google.as_mailbox(grant.provider, http, grant.mailbox, now)
        from triage.mail.oauth import microsoft  # noqa: PLC0415 - see above

        if not grant.by_login:
            return microsoft.as_app(grant.provider, http, now)
        if refresh is None:
            raise TokenError("refused", _NOBODY.format(mailbox=grant.mailbox))
        return microsoft.renewed(grant.provider, http, refresh, now)


def begin_login(app: Microsoft) -> DeviceCode:
    """Begin a login for a mailbox. Raises TokenError."""
    from triage.mail.oauth import microsoft  # noqa: PLC0415 - see above

    with Exchange(app) as http:
        return microsoft.begin_login(app, http)


def finish_login(app: Microsoft, begun: DeviceCode, clock: Callable[[], datetime]) -> Token:
    """Wait until somebody has logged in. Raises TokenError."""
    from triage.mail.oauth import microsoft  # noqa: PLC0415 - see above

    with Exchange(app) as http:
        return microsoft.finish_login(app, http, begun, clock)
