"""The review page: flags, one case with its evidence, resolve. There is no sign-in yet, so it stays local.

Whoever can open a page on the loopback address chooses whose view to take, and each view of a message's
text is a line in the audit. The page cannot send mail: nothing here reaches the mail servers.
"""

from collections.abc import Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from triage.domain.school import School
from triage.store.db import Database
from triage.store.errors import StoreError
from triage.store.keys import KeyringError
from triage.web.errors import Errors, Guard
from triage.web.pages import Pages
from triage.web.render import HERE, Renderer
from triage.web.safety import OwnForms, SafeHeaders
from triage.web.viewers import NobodyChosenError, Viewers, ask_whose_view

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def create_app(
    database: Database, school: School, clock: Callable[[], datetime], hosts: tuple[str, ...] = LOOPBACK
) -> Starlette:
    """Return the application; ``clock`` gives the aware time of now, ``hosts`` the names it answers to."""
    renderer = Renderer(school)
    errors = Errors(renderer)
    pages = Pages(database, Viewers(school, database.keyring), clock, renderer)
    return Starlette(
        routes=[
            Route("/", pages.people),
            Route("/viewer", pages.choose, methods=["POST"]),
            Route("/flags", pages.flags),
            Route("/cases/{case:int}", pages.case),
            Route("/flags/{flag:int}/resolve", pages.resolve, methods=["POST"]),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[
            Middleware(SafeHeaders),
            # A foreign name that was made to point at this machine must not open the page (DNS rebinding).
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
            Middleware(OwnForms, refuse=errors.foreign_form),
            Middleware(Guard, answer=errors.unexpected),
        ],
        exception_handlers={
            NobodyChosenError: ask_whose_view,
            HTTPException: errors.refused,
            StoreError: errors.unavailable,
            KeyringError: errors.unavailable,
        },
    )
