"""The rows of a roster's CSV files, each with its file and line, for messages to people.

A message names file, line and column, but never what stood there, because that is personal data.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

SEPARATORS = (",", ";", "\t", "|")
YES = frozenset({"yes", "y", "true", "1", "x"})
NO = frozenset({"no", "n", "false", "0"})
OLDEST_YEAR = 14
RECEPTION = frozenset({"r", "reception"})

_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")
_YEAR = re.compile(r"(?:year|yr|y)?\s*(\d{1,2})", re.ASCII | re.IGNORECASE)


class RosterError(ValueError):
    """A roster file that cannot be used; ``line`` counts from 1, None when the whole file is meant."""

    def __init__(self, name: str, line: int | None, words: str) -> None:
        where = name if line is None else f"{name}, line {line}"
        super().__init__(f"{where}: {words}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file: its number and its cells by column name."""

    file: str
    line: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        """Return a cell, "" for one that is empty or not there."""
        return self.cells.get(column, "")

    def need(self, column: str) -> str:
        """Return a cell. Raises RosterError when it is empty."""
        return self.get(column) or self.refuse(f'"{column}" is empty; every line needs it')

    def flag(self, column: str, *, default: bool) -> bool:
        """Return a yes or no, ``default`` for an empty cell. Raises RosterError for anything else."""
        text = self.get(column).lower()
        if text not in YES | NO | {""}:
            self.refuse(f'"{column}" is neither yes nor no')
        return text in YES if text else default

    def address(self, column: str) -> str:
        """Return an e-mail address in lower case, "" for none. Raises RosterError for anything else."""
        text = self.get(column)
        if text and not _ADDRESS.fullmatch(text):
            self.refuse(f'"{column}" is not one email address')
        return text.lower()

    def refuse(self, words: str) -> NoReturn:
        """Raise a RosterError that names this line."""
        raise RosterError(self.file, self.line, words)


def school_year(text: str) -> int | None:
    """Read "8", "08", "Y8" or "Year 8", and "R" or "Reception" as 0; None for what is no school year."""
    if text.lower() in RECEPTION:
        return 0
    match = _YEAR.fullmatch(text)
    return int(match[1]) if match and int(match[1]) <= OLDEST_YEAR else None


def read_rows(
    text: str, name: str, columns: Callable[[list[str], int], tuple[str, ...]], needed: tuple[str, ...]
) -> Iterator[Row]:
    """Yield the rows below the header line, empty lines left out.

    ``columns`` turns the header's cells, found on a line, into column names, and may refuse them;
    ``needed`` names the columns in the message about an empty file. Raises RosterError.
    """
    body = unicodedata.normalize("NFC", text.removeprefix("\ufeff"))
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=_separator(body), strict=True)
    header: tuple[str, ...] = ()
    try:
        for cells in reader:
            stripped = [" ".join(cell.split()) for cell in cells]
            if not any(stripped):
                continue
            if not header:
                header = columns(stripped, reader.line_num)
                continue
            yield _row(header, stripped, name, reader.line_num)
    except csv.Error as error:
        raise RosterError(name, reader.line_num, f"not readable as CSV ({error})") from None
    if not header:
        raise RosterError(name, None, f"empty; the first line must name the columns: {', '.join(needed)}")


def _separator(body: str) -> str:
    first = body.lstrip().partition("\n")[0]
    return max(SEPARATORS, key=first.count)


def _row(header: tuple[str, ...], cells: list[str], name: str, line: int) -> Row:
    if any(cells[len(header) :]):
        raise RosterError(name, line, f"{len(cells)} cells under {len(header)} columns")
    # A spreadsheet leaves out empty cells at a line's end.
    return Row(name, line, dict(zip(header, cells, strict=False)))
