"""Looking many values up at once: a query for some hundreds of them, and none where there are none."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam

MANY: BindParameter[Any] = bindparam("many", expanding=True)
"""What a statement puts in place of the values."""
AT_ONCE = 500
"""How many values a query asks for: a message may name thousands, and every database has a limit."""


def rows_of(
    conn: Connection, statement: Select[Any], values: Iterable[Any], also: Mapping[str, object] | None = None
) -> list[Row[Any]]:
    """Return the rows of a statement that asks for ``many`` values; ``also`` are its other parameters.

    The statement is made once, with ``MANY`` in it: to make it takes longer than to carry it out.
    """
    left = list(dict.fromkeys(values))
    found: list[Row[Any]] = []
    for start in range(0, len(left), AT_ONCE):
        some = {"many": left[start : start + AT_ONCE]}
        found.extend(conn.execute(statement, {**some, **(also or {})}))
    return found
