"""A stream that says when the queue has changed (HTML, "Server-sent events"), and nothing of what has.

Waiting is not use: the stream does not keep a session alive, and it ends with the session, or with the site.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from anyio import Event, move_on_after
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from triage.domain.visibility import Viewer, closing, scope
from triage.store.queue import last_change, newest
from triage.web.sessions import NotSignedInError, SignedIn

Marks = tuple[int, ...]

SECONDS = 5.0
MOST = 12
"""Streams of one session: somebody may have as many pages of the queue open, and each asks the record."""
CHANGED = "event: changed\ndata: look\n\n"
STILL_HERE = ": still here\n\n"


@dataclass(slots=True)
class Streams:
    """The streams that are open: no site stops while somebody still waits for news of it."""

    _open: dict[Event, int] = field(default_factory=dict)

    def end(self) -> None:
        """End them all. Called in the loop in which they run."""
        for ending in list(self._open):
            ending.set()

    def of(self, session: int) -> int:
        """Return how many a session has open."""
        return sum(1 for owner in self._open.values() if owner == session)

    @contextmanager
    def opened(self, session: int) -> Iterator[Event]:
        """Count a stream of a session while it is open; the event tells it to end."""
        ending = Event()
        self._open[ending] = session
        try:
            yield ending
        finally:
            del self._open[ending]


@dataclass(frozen=True, slots=True)
class News:
    """The stream of one site. ``seconds`` is how often the record is asked."""

    signed_in: SignedIn
    streams: Streams = field(default_factory=Streams)
    seconds: float = SECONDS

    async def stream(self, request: Request) -> Response:
        """Return the stream for whoever is signed in; 204, "no more of it", to whom has too many open."""
        who = await run_in_threadpool(self.signed_in.viewer, request)
        session = self.signed_in.session(request).id
        if self.streams.of(session) >= MOST:
            return Response(status_code=HTTPStatus.NO_CONTENT)
        return StreamingResponse(self._lines(request, who, session), media_type="text/event-stream")

    async def _lines(self, request: Request, who: Viewer, session: int) -> AsyncIterator[str]:
        with self.streams.opened(session) as ending:
            changed, known = await run_in_threadpool(self._newest, who)
            yield STILL_HERE
            while not ending.is_set() and not await request.is_disconnected():
                with move_on_after(self.seconds):
                    await ending.wait()
                if ending.is_set() or not await run_in_threadpool(self._goes_on, request):
                    return
                before = known
                changed, known = await run_in_threadpool(self._newest, who, changed, known)
                yield STILL_HERE if known == before else CHANGED

    def _goes_on(self, request: Request) -> bool:
        try:
            self.signed_in.look(request)
        except NotSignedInError:
            return False
        return True

    def _newest(self, who: Viewer, changed: Marks = (), known: Marks = ()) -> tuple[Marks, Marks]:
        """Return the marks of the school, and of what ``who`` may close, read anew if those have moved."""
        with self.signed_in.database.read() as conn:
            now = last_change(conn)
            return now, known if now == changed else newest(conn, scope(closing(who)))
