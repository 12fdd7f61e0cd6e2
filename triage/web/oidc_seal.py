"""What a sign-in must remember while the browser is at the provider: sealed, in the browser's own cookie.

A sealed value is good for ten minutes and for one use. The uses are remembered in this process, and not in a
table, because they are the second of two walls: whoever replays a sealed value also needs a code that the
provider has not yet taken, given for that very nonce and PKCE verifier, and a provider takes each code once
(RFC 6749 section 4.1.2). After a restart, or in another process, that wall alone stands.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from secrets import token_urlsafe

from triage.store.keys import Keyring, KeyringError
from triage.web.oidc_values import OidcError, Refusal
from triage.web.paths import own_path

GOOD_FOR = timedelta(minutes=10)
LONGEST = 4_096
"""Characters of a cookie, and so of a sealed value."""

_PURPOSE = "sign-in by OpenID Connect, 1"  # another number when the fields of Pending change
_DIGEST = 64


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in under way. ``began`` in seconds; ``again``: the provider asks even who is signed in there."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    callback: str = field(repr=False)
    return_to: str = field(repr=False)
    again: bool
    began: float


class Seals:
    """Begins what is pending, seals it, opens it again, and takes it once."""

    def __init__(self, keyring: Keyring, clock: Callable[[], datetime]) -> None:
        self._keyring = keyring
        self._clock = clock
        self._used: dict[str, float] = {}

    def begin(self, callback: str, return_to: str, *, again: bool) -> Pending:
        """Return a sign-in that begins now, with chance of its own."""
        return Pending(
            state=token_urlsafe(32),
            nonce=token_urlsafe(32),
            verifier=token_urlsafe(48),  # 64 characters; RFC 7636 section 4.1 asks for 43 to 128
            callback=callback,
            return_to=own_path(return_to),
            again=again,
            began=self._clock().timestamp(),
        )

    def seal(self, pending: Pending) -> str:
        """Return it encrypted, as text for a cookie."""
        # The digest says what it is for: the same keyring encrypts what strangers write.
        text = json.dumps(asdict(pending))
        return self._keyring.encrypt(self._keyring.digest(_PURPOSE, text) + text).decode("ascii")

    def open(self, sealed: str) -> Pending:
        """Return what was sealed. Raises OidcError when it is not ours, or not of the last ten minutes."""
        if not sealed or len(sealed) > LONGEST:
            raise _begin_again("there is no cookie of a sign-in that was begun here")
        try:
            plain = self._keyring.decrypt(sealed.encode())
        except (KeyringError, UnicodeError):
            raise _begin_again("the cookie is not ours") from None
        digest, text = plain[:_DIGEST], plain[_DIGEST:]
        if not same(digest, self._keyring.digest(_PURPOSE, text)):
            raise _begin_again("the cookie is not of a sign-in")
        pending = Pending(**json.loads(text))
        if self._clock().timestamp() - pending.began >= GOOD_FOR.total_seconds():
            raise _begin_again("it was begun too long ago")
        return pending

    def use(self, pending: Pending) -> None:
        """Take what is pending, once. Raises OidcError the second time."""
        now = self._clock().timestamp()
        self._used = {state: until for state, until in self._used.items() if until > now}
        if pending.state in self._used:
            raise _begin_again("it was finished already")
        self._used[pending.state] = pending.began + GOOD_FOR.total_seconds()


def same(one: str, other: str) -> bool:
    """Compare two secrets, in a time that tells nothing of them."""
    return compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def _begin_again(reason: str) -> OidcError:
    return OidcError(Refusal.BEGIN_AGAIN, f"the sign-in: {reason}")
