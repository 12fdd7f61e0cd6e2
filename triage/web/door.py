"""What a way to sign in is to the site: some routes, and a session at their end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.routing import BaseRoute, Route

from triage.web.render import Renderer
from triage.web.sessions import SignedIn


@dataclass(frozen=True, slots=True)
class Door:
    """A way to sign in.

    Its ``routes`` answer GET and POST of /sign-in, and GET of /sign-in/code, where the second factor is
    asked for; both take ``?to=``. They end with ``SignedIn.begin``. ``passwords`` and ``codes`` tell that it
    has /account/password, /account/code.
    """

    routes: Callable[[SignedIn, Renderer], Sequence[BaseRoute]]
    passwords: bool = False
    codes: bool = False


def page_and_form(path: str, page: Callable[..., Any], form: Callable[..., Any]) -> tuple[Route, Route]:
    """Return the routes of a page and of the form on it, which is sent to the same path."""
    return Route(path, page), Route(path, form, methods=["POST"])
