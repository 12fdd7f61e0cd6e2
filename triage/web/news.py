"""A stream that says when the queue has changed (HTML, "Server-sent events"), and nothing of what has.

Waiting is not use: the stream does not keep a session alive, and it ends with the session.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from anyio import sleep
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from triage.domain.visibility import Viewer, scope
from triage.store.queue import newest
from triage.web.sessions import NotSignedInError, SignedIn

SECONDS = 5.0
CHANGED = "event: changed\ndata: look\n\n"
STILL_HERE = ": still here\n\n"


@dataclass(frozen=True, slots=True)
class News:
    """The stream of one site. ``seconds`` is how often the record is asked."""

    signed_in: SignedIn
    seconds: float = SECONDS

    def stream(self, request: Request) -> Response:
        """Return the stream for whoever is signed in."""
        who = self.signed_in.viewer(request)
        return StreamingResponse(self._lines(request, who), media_type="text/event-stream")

    async def _lines(self, request: Request, who: Viewer) -> AsyncIterator[str]:
        known = await run_in_threadpool(self._newest, who)
        yield STILL_HERE
        while not await request.is_disconnected():
            await sleep(self.seconds)
            try:
                await run_in_threadpool(self.signed_in.look, request)
            except NotSignedInError:
                return
            now = await run_in_threadpool(self._newest, who)
            yield STILL_HERE if now == known else CHANGED
            known = now

    def _newest(self, who: Viewer) -> tuple[int, ...]:
        with self.signed_in.database.read() as conn:
            return newest(conn, scope(who))
