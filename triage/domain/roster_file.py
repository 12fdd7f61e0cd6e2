"""The roster as a plain CSV file: one line for each pupil and guardian, a header line first.

A school's management system exports it; nothing is guessed. A line that cannot be read is refused with
its number, and the message names the column but never what stood there, because that is personal data.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from triage.domain.roster import Guardian, Pupil, Roster

REQUIRED = (
    "pupil id",
    "given",
    "family",
    "known as",
    "year",
    "form",
    "guardian name",
    "guardian email",
)
OPTIONAL = ("pupil email", "may write", "interpreter")
SEPARATORS = (",", ";", "\t")
YES = frozenset({"yes", "y", "true", "1", "x"})
NO = frozenset({"", "no", "n", "false", "0"})
OLDEST_YEAR = 14

_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")
_YEAR = re.compile(r"(?:year|yr|y)?\s*(\d{1,2})", re.ASCII | re.IGNORECASE)


class RosterError(ValueError):
    """A roster file that cannot be used; ``line`` counts from 1, None when the whole file is meant."""

    def __init__(self, name: str, line: int | None, words: str) -> None:
        where = name if line is None else f"{name}, line {line}"
        super().__init__(f"{where}: {words}")
        self.line = line


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the file: its number and its cells by column name."""

    file: str
    line: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        return self.cells.get(column, "")

    def need(self, column: str) -> str:
        return self.get(column) or self.refuse(f'"{column}" is empty; every line needs it')

    def refuse(self, words: str) -> NoReturn:
        raise RosterError(self.file, self.line, words)


@dataclass(slots=True)
class _Household:
    """A guardian while their lines are being gathered."""

    id: str
    name: str
    address: str
    pupils: list[str] = field(default_factory=list)
    may_write: bool = False
    interpreter: str | None = None

    def frozen(self) -> Guardian:
        return Guardian(
            self.id, self.name, self.address, tuple(self.pupils), self.may_write, self.interpreter
        )


def read_plain_csv(text: str, name: str) -> Roster:
    """Return the roster that a CSV text holds; ``name`` is the file's, for messages.

    Columns may stand in any order, separated by comma, semicolon or tab, after an optional byte order
    mark. A pupil with two guardians has two lines; a guardian without an address is left out, because
    the roster answers "who writes from here". Raises RosterError, naming file and line.
    """
    pupils: dict[str, Pupil] = {}
    first_lines: dict[str, int] = {}
    households: dict[tuple[str, str], _Household] = {}
    for row in _rows(text, name):
        pupil = _pupil(row)
        first = first_lines.setdefault(pupil.id, row.line)
        if pupils.setdefault(pupil.id, pupil) != pupil:
            row.refuse(f"this pupil id stands on line {first} with other details; make the two lines agree")
        _join_guardian(households, row, pupil)
    if not pupils:
        raise RosterError(name, None, "no pupils: nothing stands below the header line")
    return Roster(pupils.values(), [household.frozen() for household in households.values()])


def _rows(text: str, name: str) -> Iterator[_Row]:
    body = unicodedata.normalize("NFC", text.removeprefix("\ufeff"))
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=_separator(body), strict=True)
    header: tuple[str, ...] = ()
    try:
        for cells in reader:
            stripped = [" ".join(cell.split()) for cell in cells]
            if not any(stripped):
                continue
            if not header:
                header = _header(stripped, name, reader.line_num)
                continue
            yield _row(header, stripped, name, reader.line_num)
    except csv.Error as error:
        raise RosterError(name, reader.line_num, f"not readable as CSV ({error})") from None
    if not header:
        raise RosterError(name, None, f"empty; the first line must name the columns: {', '.join(REQUIRED)}")


def _separator(body: str) -> str:
    first = body.lstrip().partition("\n")[0]
    return max(SEPARATORS, key=first.count)


def _header(cells: list[str], name: str, line: int) -> tuple[str, ...]:
    columns = tuple(re.sub(r"[\s_-]+", " ", cell).lower() for cell in cells)
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        raise RosterError(name, line, f"the header line lacks: {', '.join(missing)}")
    unknown = [number for number, column in enumerate(columns, 1) if column not in REQUIRED + OPTIONAL]
    if unknown:
        allowed = ", ".join(REQUIRED + OPTIONAL)
        raise RosterError(
            name, line, f"the name of column {unknown[0]} is not known; the columns are: {allowed}"
        )
    if len(set(columns)) < len(columns):
        raise RosterError(name, line, "the header line names a column twice")
    return columns


def _row(header: tuple[str, ...], cells: list[str], name: str, line: int) -> _Row:
    if any(cells[len(header) :]):
        raise RosterError(name, line, f"{len(cells)} cells under {len(header)} columns")
    # A spreadsheet leaves out empty cells at a line's end.
    return _Row(name, line, dict(zip(header, cells, strict=False)))


def _pupil(row: _Row) -> Pupil:
    return Pupil(
        id=row.need("pupil id"),
        given=row.need("given"),
        family=row.need("family"),
        known_as=row.get("known as"),
        year=_year(row),
        form=row.need("form"),
        address=_address(row, "pupil email"),
    )


def _year(row: _Row) -> int:
    text = row.need("year")
    if text.lower() in {"r", "reception"}:
        return 0
    match = _YEAR.fullmatch(text)
    if match is None or int(match[1]) > OLDEST_YEAR:
        row.refuse('"year" is not a school year; write 7, Year 7 or R for reception')
    return int(match[1])


def _address(row: _Row, column: str) -> str:
    text = row.get(column)
    if text and not _ADDRESS.fullmatch(text):
        row.refuse(f'"{column}" is not one email address')
    return text.lower()


def _join_guardian(households: dict[tuple[str, str], _Household], row: _Row, pupil: Pupil) -> None:
    address = _address(row, "guardian email")
    if not address:
        return
    name = row.need("guardian name")
    fresh = _Household(_guardian_id(households, pupil), name, address)
    household = households.setdefault((name.casefold(), address), fresh)
    if pupil.id not in household.pupils:
        household.pupils.append(pupil.id)
    # An adjustment noted on one child's line holds for the guardian, whatever the sibling's line says.
    household.may_write |= _may_write(row)
    household.interpreter = _interpreter(household, row)


def _guardian_id(households: Mapping[tuple[str, str], _Household], pupil: Pupil) -> str:
    """Name a guardian after the first pupil, so that the id holds no name and no address."""
    prefix = f"{pupil.id}/"
    taken = sum(household.id.startswith(prefix) for household in households.values())
    return f"{prefix}{taken + 1}"


def _may_write(row: _Row) -> bool:
    text = row.get("may write").lower()
    if text not in YES | NO:
        row.refuse('"may write" is neither yes nor no')
    return text in YES


def _interpreter(household: _Household, row: _Row) -> str | None:
    language = row.get("interpreter") or household.interpreter
    if household.interpreter and language != household.interpreter:
        row.refuse('"interpreter" names another language than an earlier line for the same guardian')
    return language
