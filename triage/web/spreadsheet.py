"""Rows as text/csv (RFC 4180) for a spreadsheet, which must not carry out what somebody has written."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

MARK = "\ufeff"
"""With what a file begins: without it Excel reads UTF-8 as the code page of its machine."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With what a formula begins: such a cell would be carried out by whoever opens the file."""


def as_csv(rows: Iterable[Sequence[str | float]]) -> str:
    """Return rows as lines of a file, without its mark.

    Words that a spreadsheet would take for a formula begin with an apostrophe; numbers stay numbers.
    """
    out = StringIO()
    csv.writer(out).writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def _harmless(cell: str | float) -> str | float:
    is_formula = isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA)
    return f"'{cell}" if is_formula else cell
