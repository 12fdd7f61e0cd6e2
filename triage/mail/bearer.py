"""Signing in with a token: the frames of OAUTHBEARER and XOAUTH2, for IMAP and SMTP alike.

A token is a password for an hour, so it travels under TLS or not at all (RFC 7628 section 4).
"""

import json
from collections.abc import Collection
from typing import Literal, Protocol

from triage.mail.words import readable

Mechanism = Literal["OAUTHBEARER", "XOAUTH2"]
UNDER_TLS = 'a token is sent under TLS alone (RFC 7628): set security to "tls" or "starttls"'
NO_TOKENS = "the server offers no sign-in by token (OAUTHBEARER, XOAUTH2); set auth, or ask its administrator"
REFUSED = (
    "a token that is had and refused is for another audience (oauth.resource), "
    "or the app lacks a permission or its right to this mailbox"
)
REFUSED_LOGIN = (
    "whoever has logged in may not open this mailbox, or the token is for another audience (oauth.resource): "
    "run triage login again, as the mailbox itself or as somebody who may open it"
)
_LAST = {"OAUTHBEARER": "\x01", "XOAUTH2": ""}


class Tokens(Protocol):
    """Gives tokens for one account, and raises TokenError when none can be had.

    ``proof`` is what they are given for in the end; it is a secret. ``refusal`` says in words what it means
    when a mail server refuses one that was given.
    """

    @property
    def refusal(self) -> str:
        """Return it."""
        ...

    @property
    def proof(self) -> str:
        """Return it."""
        ...

    def current(self) -> str:
        """Return the token to sign in with."""
        ...

    def another(self, refused: str) -> str | None:
        """Return another one than the token that a server has refused, None where that one is new."""
        ...


class Bearer:
    """One sign-in, as what answers the server's challenges: the frame, then what ends a refusal.

    The second challenge is the server's report of an error, which must be answered before it says no
    (RFC 7628 section 3.2.3; S1). ``report`` tells what it said.
    """

    def __init__(self, mechanism: Mechanism, username: str, token: str, where: tuple[str, int]) -> None:
        self._frames = iter([_FRAMES[mechanism](username, token, where)])
        self._last = _LAST[mechanism]
        self.report = ""

    def __call__(self, challenge: bytes | None = None, /) -> str:
        """Return the next frame, unencoded."""
        frame = next(self._frames, None)
        if frame is not None:
            return frame
        self.report = _report(challenge or b"")
        return self._last


def mechanism(offered: Collection[str]) -> Mechanism | None:
    """Return the way to sign in that a server offers, the standard one first; None where there is none."""
    names = {name.upper() for name in offered}
    return "OAUTHBEARER" if "OAUTHBEARER" in names else "XOAUTH2" if "XOAUTH2" in names else None


def _xoauth2(username: str, token: str, _: tuple[str, int]) -> str:
    """Write the frame of S2 of the standards."""
    return f"user={username}\x01auth=Bearer {token}\x01\x01"


def _oauthbearer(username: str, token: str, where: tuple[str, int]) -> str:
    """Write the frame of RFC 7628 section 3.1 with the header of RFC 5801 section 4."""
    name = username.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={name},\x01host={where[0]}\x01port={where[1]}\x01auth=Bearer {token}\x01\x01"


_FRAMES = {"OAUTHBEARER": _oauthbearer, "XOAUTH2": _xoauth2}


def _report(challenge: bytes) -> str:
    """Return status and scope of an error report (RFC 7628 section 3.2.2), "" for what is none."""
    try:
        found = json.loads(challenge)
    except ValueError:
        return ""
    if not isinstance(found, dict):
        return ""
    said = (f"{key} {found[key]}" for key in ("status", "scope") if isinstance(found.get(key), str))
    return readable(", ".join(said))
