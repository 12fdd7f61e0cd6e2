"""What somebody has written into a form, kept while it is answered: whatever comes of it, they get it back.

Only of a form that was sent from this site, so that no other can have its own words shown here.
"""

from collections.abc import Mapping

from starlette.requests import Request

NOTE = "note"
"""The field of a form in which somebody writes at length; what has to be secret is never in it."""


def keep_written(request: Request, fields: Mapping[str, str]) -> None:
    """Keep what the fields of a form hold as somebody's own words."""
    request.state.written = fields.get(NOTE, "").strip()


def written(request: Request) -> str:
    """Return what somebody has written into the form that they sent, "" when that is nothing."""
    words: str = getattr(request.state, "written", "")
    return words
