"""Numbers of rows and of pages as an address names them."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request

# One less than the largest integer of PostgreSQL, for a version is counted on; SQLite and Python know no end.
LARGEST_ID = 2**31 - 2
LARGEST_PAGE = 10_000


def path_id(request: Request, name: str, otherwise: str) -> int:
    """Return the number that a path names. Raises HTTPException, 404 in the words ``otherwise``."""
    number: int = request.path_params[name]
    if number > LARGEST_ID:
        raise HTTPException(404, otherwise)
    return number


def page_number(request: Request) -> int:
    """Return which page of a long list is asked for, from 1. Raises HTTPException."""
    return min(max(1, number_of(request.query_params.get("page", "1"))), LARGEST_PAGE)


def number_of(text: str) -> int:
    """Return the number that a page gave out as text. Raises HTTPException for what no page gives."""
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(LARGEST_ID)):
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    number = int(text)
    if number > LARGEST_ID:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return number
