"""Tokens for the checks: asked for anew, so that what was put right at a provider shows at once.

The service keeps tokens on record and waits with the next question after a refusal; a check does neither.
Only what somebody's login gave is taken from the record: nowhere else is it to be had.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from triage.bootstrap import open_record
from triage.mail.bearer import REFUSED, Tokens
from triage.mail.oauth import Grant, Token, ask
from triage.settings import Settings, SettingsError
from triage.settings.servers import Give
from triage.store.db import Database
from triage.store.errors import StoreError
from triage.store.keys import KeyringError
from triage.tokens import TokenKeeper

Ask = Callable[[Grant, str | None, datetime], Token]


@dataclass(frozen=True, slots=True)
class Anew:
    """Tokens of the school's own app, each asked for once in a check; ``kept`` holds them, by their grant."""

    grant: Grant
    clock: Callable[[], datetime]
    ask: Ask
    kept: dict[tuple[str, ...], Token] = field(repr=False)

    @property
    def proof(self) -> str:
        """What they are given for in the end."""
        return self.grant.provider.proof

    @property
    def refusal(self) -> str:
        """What it means when a mail server refuses one."""
        return REFUSED

    def current(self) -> str:
        """Return the token to sign in with. Raises TokenError."""
        if self.grant.key not in self.kept:
            self.kept[self.grant.key] = self.ask(self.grant, None, self.clock())
        return self.kept[self.grant.key].value

    @property
    def had(self) -> Token | None:
        """The token that was had in this check, None where none was asked for or given."""
        return self.kept.get(self.grant.key)

    def another(self, refused: str) -> str | None:  # noqa: ARG002 - as whoever signs in calls it
        """Return None: it is new."""
        return None


@contextmanager
def tokens_for(settings: Settings, clock: Callable[[], datetime], ask: Ask = ask) -> Iterator[Give]:
    """Give tokens while checks are made; the record is opened when a login's are asked for."""
    kept: dict[tuple[str, ...], Token] = {}
    keepers: list[TokenKeeper] = []

    def give(grant: Grant) -> Tokens:
        if not grant.by_login:
            return Anew(grant, clock, ask, kept)
        if not keepers:
            keepers.append(TokenKeeper(_record(settings, grant.mailbox), clock))
        return keepers[0].of(grant)

    try:
        yield give
    finally:
        for keeper in keepers:
            keeper.database.close()


def _record(settings: Settings, mailbox: str) -> Database:
    try:
        return open_record(settings)
    except (StoreError, KeyringError) as error:
        raise SettingsError(f"{mailbox}: its login is on record, which cannot be opened: {error}") from None
