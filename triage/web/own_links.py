"""Where the links of a digest lead: a page with one button, without a login, and what follows from it.

To open a link does nothing, because the scanners of mail servers do. What is answered is the same whatever
is on record, and tells nothing of the message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from triage.store.own_links import Verb, follow, read_link
from triage.web.render import Renderer
from triage.web.safety import BY_LINK
from triage.web.sessions import SignedIn

NO_LINK = (
    "This link does not work, or not any more: each holds for 14 days, and has to be opened whole. "
    "Nothing was changed. Sign in to see your mail."
)


@dataclass(frozen=True, slots=True)
class OwnLinks:
    """The pages of the links: what one does before it is done, and that it was done."""

    signed_in: SignedIn
    renderer: Renderer

    def routes(self) -> Sequence[Route]:
        """Return the routes of each verb."""
        paths = [f"{BY_LINK}{verb}/{{link}}" for verb in Verb]
        return [
            *(Route(path, self.page) for path in paths),
            *(Route(path, self.done, methods=["POST"]) for path in paths),
        ]

    def page(self, request: Request) -> Response:
        """Say what the link does, and offer to do it; nothing changes by looking."""
        verb, text, now = _verb(request), request.path_params["link"], self.signed_in.clock()
        with self.signed_in.database.read() as conn:
            link = read_link(conn, verb, text, now)
        return self._answer(request, verb, holds=link is not None, done=False)

    def done(self, request: Request) -> Response:
        """Do what the link stands for."""
        verb, text, now = _verb(request), request.path_params["link"], self.signed_in.clock()
        with self.signed_in.database.write() as conn:
            link = read_link(conn, verb, text, now)
            if link is not None:
                follow(conn, link, now)
        return self._answer(request, verb, holds=link is not None, done=True)

    def _answer(self, request: Request, verb: Verb, *, holds: bool, done: bool) -> Response:
        if not holds:
            raise HTTPException(HTTPStatus.NOT_FOUND, NO_LINK)
        return self.renderer.page(request, "own_link.html", raising=verb is Verb.RAISE, done=done)


def _verb(request: Request) -> Verb:
    return Verb(request.scope["path"].removeprefix(BY_LINK).partition("/")[0])
