"""How many requests are taken from whom in a minute, so that a flood is its sender's loss alone.

Who is signed in is counted by session: a whole school may come from one address. All others are counted by
the address that they come from. The counters are kept in memory, and forgotten when their minute is over.
"""

import time
from collections.abc import Callable
from http import HTTPStatus
from math import ceil

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from triage.domain.throttle import client_of
from triage.store.errors import StoreError
from triage.store.keys import KeyringError
from triage.web.by_itself import NEWS
from triage.web.proving import client_address
from triage.web.safety import READING, STATIC, Fault, keep_what_was_written
from triage.web.sessions import NotSignedInError, SignedIn


class FairShare:
    """Answers 429 to whoever sends more than their share. What is only a file does not count.

    How much that is, the site tells. ``NEWS`` is counted apart: an open page asks for it by itself.
    """

    def __init__(
        self, app: ASGIApp, signed_in: SignedIn, refuse: Callable[[Request, Fault], Response]
    ) -> None:
        self._app = app
        self._signed_in = signed_in
        self._refuse = refuse
        # By the window of counters and not that of moments: its memory forgets whoever does not come back.
        self._counted = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless its sender has sent too many."""
        if scope["type"] != "http" or scope["path"].startswith(STATIC):
            await self._app(scope, receive, send)
            return
        # The session that is found here is kept for the page that is asked for.
        request = Request(dict(scope, state=dict(scope.get("state", {}))), receive)
        rate, sender = await self._share(request)
        if self._counted.hit(rate, sender):
            await self._app(request.scope, receive, send)
        else:
            await keep_what_was_written(request, self._signed_in.site)
            await self._answer(request, rate, sender)(request.scope, receive, send)

    async def _share(self, request: Request) -> tuple[RateLimitItem, str]:
        """Return how much a sender may send of what this is, and the name under which that is counted."""
        try:
            session = await run_in_threadpool(self._signed_in.begun, request)
        except (NotSignedInError, StoreError, KeyringError):
            rates, sender = self._signed_in.site.strangers, f"address {client_of(client_address(request))}"
        else:
            rates, sender = self._signed_in.site.rates, f"session {session.id}"
            if request.scope["path"] == NEWS:
                return RateLimitItemPerMinute(rates.streams), f"{sender} streams"
        if request.method in READING:
            return RateLimitItemPerMinute(rates.reading), f"{sender} reading"
        return RateLimitItemPerMinute(rates.writing), f"{sender} writing"

    def _answer(self, request: Request, rate: RateLimitItem, sender: str) -> Response:
        again_at = self._counted.get_window_stats(rate, sender).reset_time
        seconds = max(1, ceil(again_at - time.time()))
        unit = "second" if seconds == 1 else "seconds"
        said = f"So much at once was not taken. Nothing was changed. Wait {seconds} {unit}, then try again."
        answer = self._refuse(request, (HTTPStatus.TOO_MANY_REQUESTS, said))
        answer.headers["Retry-After"] = str(seconds)  # RFC 6585, section 4
        return answer
