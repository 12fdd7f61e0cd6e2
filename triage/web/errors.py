"""What cannot be shown, said in words. Neither page nor log holds what a person wrote."""

import logging
import traceback
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from triage.domain.visibility import Viewer
from triage.store.errors import WORDS, StoreError
from triage.web.paths import page_of_form, with_way_back
from triage.web.render import Renderer
from triage.web.sessions import (
    CODE,
    SIGN_IN,
    NotSignedInError,
    SecondFactorError,
    ask_for_second_factor,
    ask_to_sign_in,
)
from triage.web.written import written

log = logging.getLogger(__name__)

ANSWERS = {
    HTTPStatus.BAD_REQUEST: "The browser sent something that cannot be understood.",
    HTTPStatus.NOT_FOUND: "There is no such page.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address is not opened like that. Go back and use the form.",
}
UNEXPECTED = "This page could not be made. Nothing was changed. The log says where it went wrong."

SIGNED_OUT = (
    "Your session had ended before this was sent. Nothing was saved. Copy what you had written, then sign in."
)
CODE_FIRST = (
    "This is done only a short while after a code was given. Nothing was saved. Copy what you had written, "
    "then give a code."
)


class Errors:
    """The pages that say what is wrong, each with the status that fits.

    ``known`` tells who sends a request where that is known: they keep their menu.
    """

    def __init__(self, renderer: Renderer, known: Callable[[Request], Viewer | None]) -> None:
        self._renderer = renderer
        self._known = known

    def refused(self, request: Request, error: Exception) -> Response:
        """Answer an HTTPException: its own words, or those for its status."""
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for this alone; tells the type checker
        status = HTTPStatus(error.status_code)
        said = ANSWERS.get(status, error.detail) if error.detail == status.phrase else error.detail
        return self._page(request, status, said, dict(error.headers or {}))

    def unavailable(self, request: Request, error: Exception) -> Response:
        """Answer trouble with the database: 503, in the store's words without the driver's."""
        log.error("the review page could not be shown: %s", error)
        what = WORDS[error.kind] if isinstance(error, StoreError) else str(error)
        return self._page(request, HTTPStatus.SERVICE_UNAVAILABLE, f"{words_of(what)} Nothing was changed.")

    def refused_form(self, request: Request, fault: tuple[HTTPStatus, str]) -> Response:
        """Answer a form that is not one of ours, with what is wrong with it."""
        return self._page(request, *fault)

    def sender_unknown(self, request: Request, error: Exception) -> Response:
        """Answer a form of which nobody can tell who sends it: no session, or the record cannot be read."""
        if isinstance(error, NotSignedInError):
            return self.not_signed_in(request, error)
        return self.unavailable(request, error)

    def not_signed_in(self, request: Request, error: Exception) -> Response:
        """Send the browser to where one signs in; whoever has written something gets that back first."""
        if not written(request):
            return ask_to_sign_in(request, error)
        onward = with_way_back(SIGN_IN, page_of_form(request)), "Sign in again"
        return self._given_back(request, HTTPStatus.FORBIDDEN, "You are signed out", SIGNED_OUT, onward)

    def code_wanted(self, request: Request, error: Exception) -> Response:
        """Send the browser to where the second factor is given; whoever has written something as above."""
        assert isinstance(error, SecondFactorError)  # noqa: S101 - registered for this alone; tells the type checker
        if not written(request):
            return ask_for_second_factor(request, error)
        onward = with_way_back(CODE, error.to), "Give the code"
        return self._given_back(
            request, HTTPStatus.FORBIDDEN, "Your code is asked for again", CODE_FIRST, onward
        )

    def unexpected(self, request: Request) -> Response:
        """Answer a fault of this program."""
        return self._page(request, HTTPStatus.INTERNAL_SERVER_ERROR, UNEXPECTED)

    def _page(
        self, request: Request, status: HTTPStatus, said: str, headers: dict[str, str] | None = None
    ) -> Response:
        if written(request):
            onward = page_of_form(request), "Open the page again"
            page = self._given_back(request, status, TITLES[status], said, onward)
        else:
            page = self._renderer.page(
                request,
                "error.html",
                status=status,
                who=self._known(request),
                title=TITLES[status],
                said=said,
            )
        page.headers.update(headers or {})
        return page

    def _given_back(
        self, request: Request, status: HTTPStatus, title: str, said: str, onward: tuple[str, str]
    ) -> Response:
        """Say why nothing was done, with what was written; ``onward`` is a path and what its link says."""
        return self._renderer.page(
            request,
            "not_done.html",
            status=status,
            who=self._known(request),
            title=title,
            said=said,
            since=None,
            typed=written(request),
            onward=onward,
        )


TITLES = {
    HTTPStatus.BAD_REQUEST: "Not understood",
    HTTPStatus.FORBIDDEN: "Not allowed",
    HTTPStatus.NOT_FOUND: "Not found",
    HTTPStatus.METHOD_NOT_ALLOWED: "Not opened like that",
    HTTPStatus.CONFLICT: "Not any more",
    HTTPStatus.TOO_MANY_REQUESTS: "Too much at once",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong",
    HTTPStatus.SERVICE_UNAVAILABLE: "The record cannot be read now",
}


def words_of(line: str) -> str:
    """Return a line of an error as a sentence."""
    end = "" if line.endswith((".", "?")) else "."
    return f"{line[:1].upper()}{line[1:]}{end}"


class Guard:
    """Turns a fault into a page and one line of the log: a traceback may hold what a parent wrote."""

    def __init__(self, app: ASGIApp, answer: Callable[[Request], Response]) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; answer 500 when it fails before its answer has begun."""
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - whatever it is, its text stays out of page and log
            log.error("the review page failed: %s at %s", type(error).__name__, place_of(error))  # noqa: TRY400
            if not begun:
                await self._answer(Request(scope))(scope, receive, send)


def place_of(error: Exception) -> str:
    """Return the file and line where an error was raised, without its text."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"
