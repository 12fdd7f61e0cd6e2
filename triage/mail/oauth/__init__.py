"""Tokens for signing in to mailboxes (OAuth 2.0), had from Microsoft or Google by their own libraries.

Nothing here is kept: see ``triage.tokens``.
"""

from triage.mail.oauth.asking import ask, begin_login, finish_login
from triage.mail.oauth.values import DeviceCode, Google, Grant, Microsoft, Provider, Token
from triage.mail.token_error import TokenError

__all__ = [
    "DeviceCode",
    "Google",
    "Grant",
    "Microsoft",
    "Provider",
    "Token",
    "TokenError",
    "ask",
    "begin_login",
    "finish_login",
]
