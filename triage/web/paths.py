"""Where a browser goes after signing in: to the page that it asked for, and never to another site."""

import re
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request

HOME = "/"
LONGEST = 200
# A browser reads "//" and "/\" as the beginning of another site's name, and leaves out tabs.
_OWN = re.compile(r"/(?:[!-.0-\[\]-~][!-\[\]-~]*)?")
_DOORS = ("/sign-in", "/sign-out")


def own_path(asked: str) -> str:
    """Return a path if it is one of this site and not its own door, else where everybody begins."""
    path = asked.partition("?")[0].partition("#")[0]
    if len(asked) > LONGEST or not _OWN.fullmatch(asked) or path.startswith(_DOORS):
        return HOME
    return asked


def asked_path(request: Request) -> str:
    """Return the page that a request asks for, without what follows a question mark: that may tell something.

    A form cannot be asked for again: after it a browser begins at the beginning.
    """
    return own_path(request.scope["path"]) if request.method in {"GET", "HEAD"} else HOME


def page_of_form(request: Request) -> str:
    """Return the page on which a form stands, as its browser tells it; where everybody begins if it does not.

    Only the path is taken, and only one of this site.
    """
    try:
        return own_path(urlsplit(request.headers.get("referer", "")).path)
    except ValueError:
        return HOME


def with_way_back(path: str, to: str) -> str:
    """Return a path of this site that knows where to go afterwards."""
    return path if to == HOME else f"{path}?{urlencode({'to': to}, safe='/')}"
