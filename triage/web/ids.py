"""Numbers of rows as a path names them."""

from starlette.exceptions import HTTPException
from starlette.requests import Request

LARGEST_ID = 2**31 - 1  # of an integer in PostgreSQL; SQLite and Python would go on


def path_id(request: Request, name: str, otherwise: str) -> int:
    """Return the number that a path names. Raises HTTPException, 404 in the words ``otherwise``."""
    number: int = request.path_params[name]
    if number > LARGEST_ID:
        raise HTTPException(404, otherwise)
    return number
