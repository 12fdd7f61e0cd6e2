"""People with accounts: their passwords, their telephones, and a clock that can be set."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

import pyotp

from tests.store.builders import NOW
from tests.web.site import Browser, Site
from triage.store import accounts, audit, passwords
from triage.store.db import Database
from triage.web.local_door import local_door

LEAD, YEAR_8 = "safe@oakfield.example", "year8@oakfield.example"
PASSWORD = "four plain short words"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@cache
def kept(password: str = PASSWORD) -> str:
    """A password as it is kept; made once, because that is slow on purpose."""
    return passwords.hashed(password)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Let so much time go by."""
        self.now += timedelta(**by)


@dataclass
class School:
    """A site where people sign in by password, and what happened there."""

    database: Database
    clock: Clock = field(default_factory=Clock)
    pauses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site = Site(self.database, door=local_door(self._pause), clock=self.clock)

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def add(self, address: str = YEAR_8, *, code: bool = False) -> None:
        """Give somebody an account, with a second factor if asked."""
        long_ago = self.clock.now - timedelta(days=1)
        with self.database.write() as conn:
            number = accounts.add_account(conn, address, kept(), long_ago)
            if code:
                assert accounts.confirm_totp(conn, number, SECRET, self.code(long_ago), long_ago)

    def code(self, at: datetime | None = None) -> str:
        """What the telephone shows."""
        return pyotp.TOTP(SECRET).at(at or self.clock.now)

    def browser(self, client: str = "192.0.2.7") -> Browser:
        """A browser of nobody yet."""
        return self.site.open(client=client)

    def signed_in(self, address: str = YEAR_8) -> Browser:
        """A browser that has given address and password."""
        browser = self.browser()
        assert browser.sign_in(address=address, password=PASSWORD).status_code == 303
        return browser

    def with_code(self, address: str = LEAD) -> Browser:
        """A browser that has given its code too."""
        browser = self.signed_in(address)
        assert self.give(browser, self.code()).status_code == 303
        return browser

    def give(self, browser: Browser, code: str, to: str = "/"):
        """Send the form that asks for a code."""
        return browser.post("/sign-in/code", data={"code": code, "to": to}, page="/sign-in/code")

    def account(self, address: str = YEAR_8) -> accounts.Account | None:
        """The account of an address."""
        with self.database.read() as conn:
            return accounts.find_account(conn, address)

    def audit(self) -> list[tuple[str, str, str]]:
        """Every line of the audit, whose chain must hold."""
        with self.database.read() as conn:
            assert audit.verify(conn, self.database.keyring) is None
            return [(line.actor, line.action, line.object) for line in audit.lines(conn)]
