"""Tokens as all processes share them: on record, renewed before they run out, by one at a time.

1. A token on record that is good for a while yet is used as it is.
2. Else whoever comes first takes a lease, asks the provider outside of any transaction, and writes token,
   expiry and what the next is had for (it may be another each time) in one transaction.
3. Who comes meanwhile uses the old token while it is good, or waits for the new one.
4. A provider that refuses is asked again after a wait that grows (decision 0022), or when the app's proof is
   another; one that cannot be reached, or wants to be asked less, sooner. The old token serves while it can,
   and as long as it does any provider is asked often.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.mail.bearer import REFUSED, REFUSED_LOGIN
from triage.mail.oauth import Grant, Token, ask
from triage.mail.token_error import Kind, TokenError
from triage.store import refused as refused_logins
from triage.store import tokens
from triage.store.db import Database
from triage.store.mailboxes import release_lease, take_lease
from triage.store.tokens import TokenRow
from triage.token_record import LEASE, Asked, give_back, lease_of, put_token, write_failure, write_token

log = logging.getLogger(__name__)

EARLY = timedelta(minutes=10)
"""So long before its end a token is renewed: clocks differ by minutes, and a look takes some."""

LAST = timedelta(seconds=30)
"""So long before its end a token is used no more, whether there is another or not."""

FORCED = timedelta(minutes=1)
"""So long a token that was renewed because a server refused it is not renewed for that reason again."""

_PATIENCE = 30.0
_LOOK = 0.1

Ask = Callable[[Grant, str | None, datetime], Token]


@dataclass(frozen=True, slots=True)
class TokensOf:
    """The tokens of one grant, as whoever logs in asks for them."""

    keeper: "TokenKeeper"
    grant: Grant

    @property
    def proof(self) -> str:
        """What they are given for in the end."""
        return self.grant.provider.proof

    @property
    def refusal(self) -> str:
        """What it means when a mail server refuses one."""
        return REFUSED_LOGIN if self.grant.by_login else REFUSED

    def current(self) -> str:
        """Return the token to sign in with. Raises TokenError, StoreError."""
        return self.keeper.current(self.grant)

    def another(self, refused: str) -> str | None:
        """Return another than the refused one, None where that is new. Raises TokenError, StoreError."""
        return self.keeper.another(self.grant, refused)


@dataclass(frozen=True, slots=True)
class TokenKeeper:
    """Keeps tokens on record. Any thread of any process may ask.

    ``pauses`` are the seconds between tries to write a token down.
    """

    database: Database
    clock: Callable[[], datetime]
    ask: Ask = ask
    holder: str = field(default_factory=lambda: secrets.token_hex(8))
    pauses: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0)

    def of(self, grant: Grant) -> TokensOf:
        """Return the tokens of a grant; none is asked for yet."""
        return TokensOf(self, grant)

    def current(self, grant: Grant) -> str:
        """Return a token that is good for a while. Raises TokenError, StoreError."""
        row = self._row(grant)
        if row is not None and row.access and not _is_due(row, self.clock()):
            return row.access
        return self._renewed(grant, None)

    def another(self, grant: Grant, refused: str) -> str | None:
        """Return another token than one that a mail server has refused; None where that is another already.

        Raises TokenError, StoreError.
        """
        row, now = self._row(grant), self.clock()
        forced = row.forced_at if row else None
        if row and row.access == refused and forced and now - FORCED < forced <= now:
            return None
        return self._renewed(grant, refused)

    def log_in(self, grant: Grant, token: Token) -> None:
        """Write down what a login for a mailbox gave. Raises StoreError."""
        with self.database.write() as conn:
            put_token(conn, tokens.name_of(conn, grant.key), grant, token, self.clock(), logged_in=True)

    def keep(self, grant: Grant, token: Token) -> None:
        """Write down a token that is known to be good: its renewal is well. Raises StoreError."""
        with self.database.write() as conn:
            put_token(conn, tokens.name_of(conn, grant.key), grant, token, self.clock())

    def waits(self, grant: Grant) -> bool:
        """Tell whether there is trouble after which the provider is asked later. Raises StoreError."""
        row = self._row(grant)
        return row is not None and row.retry_at is not None

    def _renewed(self, grant: Grant, refused: str | None) -> str:
        """Return a token of another's renewal, or of our own; the old one where that fails and it is good."""
        until = time.monotonic() + _PATIENCE
        holder = f"{self.holder}:{threading.get_ident()}"
        while True:
            with self.database.write() as conn:
                name = tokens.name_of(conn, grant.key)
                ours = take_lease(conn, lease_of(name), holder, LEASE)
                # Read under the lease: whoever held it before may just have renewed.
                row = tokens.read_token(conn, name)
                found = self._usable(row, refused)
                well = found is not None and row is not None and not _is_due(row, self.clock())
                asks = ours and not well and self._may_ask(conn, grant, row)
                if ours and not asks:
                    release_lease(conn, lease_of(name), holder)
            if asks:
                return self._ask(Asked(grant, name, row, refused, holder))
            if ours or found is not None:
                return _or_raise(found, row)
            if time.monotonic() > until:
                raise TokenError("throttled", "another process has been renewing the token for too long")
            time.sleep(_LOOK)

    def _ask(self, asked: Asked) -> str:
        """Ask the provider, under our lease, and write down what came of it."""
        database, before = self.database, asked.before
        try:
            token = self.ask(asked.grant, before.refresh if before else None, self.clock())
        except TokenError as error:
            log.warning("a token cannot be renewed: %s %s", error.kind, error.code)
            row = write_failure(database, asked, error, self.clock(), self.pauses)
            found = self._usable(row, asked.refused)
            if found is None:
                raise
            return found
        except BaseException:
            give_back(database, asked)
            raise
        row = write_token(database, asked, token, self.clock(), self.pauses)
        return self._usable(row, asked.refused) or token.value

    def _row(self, grant: Grant) -> TokenRow | None:
        with self.database.read() as conn:
            return tokens.read_token(conn, tokens.name_of(conn, grant.key))

    def _usable(self, row: TokenRow | None, refused: str | None) -> str | None:
        """Return the token on record while it is good, and not the one that was refused."""
        if row is None or row.access is None or row.expires_at is None or row.access == refused:
            return None
        return row.access if self.clock() < row.expires_at - _last(row) else None

    def _may_ask(self, conn: Connection, grant: Grant, row: TokenRow | None) -> bool:
        """Tell whether the provider may be asked now. A moment too far ahead was written by a wrong clock."""
        if row is None or row.retry_at is None or row.mark != tokens.mark_of(conn, grant.provider.proof):
            return True
        return not self.clock() < row.retry_at <= self.clock() + refused_logins.LONGEST


def _or_raise(found: str | None, row: TokenRow | None) -> str:
    """Return the old token while it is good. Raises TokenError with what was said when there was none."""
    if found is not None:
        return found
    assert row is not None  # noqa: S101 - for the type checker: who was never asked may be
    when = f"{row.retry_at:%H:%M} UTC, or as soon as its secret is another" if row.retry_at else "once more"
    kinds: dict[str | None, Kind] = {"throttled": "throttled", "unreachable": "unreachable"}
    words = f"{row.words}; the provider is asked again at {when}"
    raise TokenError(kinds.get(row.kind, "refused"), words, row.code or "")


def _is_due(row: TokenRow, now: datetime) -> bool:
    """Tell whether a token is to be renewed: well before its end, or after two thirds of a short life."""
    if row.expires_at is None or row.obtained_at is None:
        return True
    return now >= row.expires_at - min(EARLY, (row.expires_at - row.obtained_at) / 3)


def _last(row: TokenRow) -> timedelta:
    assert row.expires_at is not None  # noqa: S101 - for the type checker: those that have a token have it
    life = row.expires_at - row.obtained_at if row.obtained_at else LAST
    return min(LAST, life / 10)
