"""Proving who one is by password: the throttle first, then the costly comparison, in a thread of its own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from math import ceil

from anyio import CapacityLimiter, sleep, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from triage.store import accounts, passwords, throttle
from triage.store.accounts import Account
from triage.store.throttle import Turn
from triage.web.known_browsers import KnownBrowsers
from triage.web.sessions import SignedIn

AT_ONCE = 2  # each takes 64 MiB and a processor; who comes meanwhile stands in line, and the pages go on

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Refused:
    """A proof that was not taken: what to say, and the seconds to wait, 0 for none."""

    said: str
    seconds: int = 0

    @property
    def status(self) -> HTTPStatus:
        """The status of the page that says so."""
        return HTTPStatus.TOO_MANY_REQUESTS if self.seconds else HTTPStatus.FORBIDDEN

    @property
    def headers(self) -> dict[str, str]:
        """What goes with it: when to come back (RFC 6585, section 4)."""
        return {"Retry-After": str(self.seconds)} if self.seconds else {}


WRONG_PASSWORD = Refused("The address or the password is not right.")


class Proving:
    """Compares passwords for one site. ``pause`` waits, for what is answered more slowly."""

    def __init__(self, signed_in: SignedIn, pause: Sleep = sleep) -> None:
        self._signed_in = signed_in
        self._database = signed_in.database
        self._known = KnownBrowsers(self._database.keyring, signed_in.cookies)
        self._pause = pause
        self._limiter = CapacityLimiter(AT_ONCE)

    async def prove(self, request: Request, address: str, password: str) -> Account | Refused:
        """Return the account of an address if the password is right.

        Whether there is no such account, or it is disabled, or the password is wrong: it takes as long, and
        the answer is the same.
        """
        client = client_address(request)
        turn, account, browser = await run_in_threadpool(self._turn, request, address, client)
        if turn.wait:
            return too_soon(turn.wait)
        if turn.pause:
            await self._pause(turn.pause.total_seconds())
        kept = None if account is None or account.disabled_at else account.password
        right = await self._compare(kept, password)
        if account is None or kept is None or not right:
            await run_in_threadpool(self._note_failure, account, client)
            return WRONG_PASSWORD
        renewed = await self.hashed(password) if passwords.is_old(kept) else None
        await run_in_threadpool(self._accept, account, client, browser, renewed)
        return replace(account, password=renewed or kept)

    def remember(self, request: Request, answer: Response, address: str, password: str | None) -> None:
        """Let the browser be known by which somebody has come in with the password of this hash."""
        self._known.remember(request, answer, address, password)

    async def hashed(self, password: str) -> str:
        """Return the hash of a new password."""
        return await to_thread.run_sync(passwords.hashed, password, limiter=self._limiter)

    async def _compare(self, kept: str | None, password: str) -> bool:
        return await to_thread.run_sync(passwords.matches, kept, password, limiter=self._limiter)

    def _turn(self, request: Request, address: str, client: str) -> tuple[Turn, Account | None, str]:
        """Return whether a try is taken, of which account, and what stands for a browser of its owner's."""
        with self._database.write() as conn:
            account = accounts.find_account(conn, address)
            browser = self._known.token(request, account)
            now = self._signed_in.clock()
            return throttle.try_password(conn, address, client, now, browser=browser), account, browser

    def _note_failure(self, account: Account | None, client: str) -> None:
        """Write who failed; of an address that is unknown no word: it may be somebody's password."""
        with self._database.write() as conn:
            if account is not None:
                self._signed_in.note(conn, account.address, "sign-in failed", f"account {account.id}")
            elif throttle.is_worth_a_line(conn, client, self._signed_in.clock()):
                self._signed_in.note(conn, "unknown", "sign-in failed", "account")

    def _accept(self, account: Account, client: str, browser: str, renewed: str | None) -> None:
        with self._database.write() as conn:
            throttle.forgive_password(conn, account.address, client, browser=browser)
            if renewed is not None:
                accounts.set_password(conn, account.id, renewed, instead_of=account.password)


def too_soon(wait: timedelta) -> Refused:
    """Say how long to wait after failures."""
    seconds = max(1, ceil(wait.total_seconds()))
    unit = "second" if seconds == 1 else "seconds"
    return Refused(f"That failed too often. Wait {seconds} {unit}, then try again.", seconds)


def client_address(request: Request) -> str:
    """Return the address from which a request comes, as a proxy that is believed tells it."""
    return request.client.host if request.client else ""
