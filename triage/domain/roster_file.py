"""The roster as a plain CSV file: one line for each pupil and guardian, a header line first.

A school's management system exports it; nothing is guessed. A line that cannot be read is refused with
its number, and the message names the column but never what stood there, because that is personal data.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from triage.domain.roster import Guardian, Pupil, Roster
from triage.domain.roster_rows import RosterError, Row, read_rows, school_year

__all__ = ["RosterError", "plain_columns", "read_plain_csv"]

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
OPTIONAL = ("guardian telephone", "pupil email", "may write", "interpreter")


@dataclass(slots=True)
class _Household:
    """A guardian while their lines are being gathered."""

    id: str
    name: str
    address: str
    pupils: list[str] = field(default_factory=list)
    may_write: bool = False
    interpreter: str | None = None
    telephone: str | None = None

    def frozen(self) -> Guardian:
        return Guardian(
            id=self.id,
            name=self.name,
            address=self.address,
            pupils=tuple(self.pupils),
            may_write=self.may_write,
            interpreter=self.interpreter,
            telephone=self.telephone,
        )


def read_plain_csv(text: str, name: str) -> Roster:
    """Return the roster that a CSV text holds; ``name`` is the file's, for messages.

    Columns may stand in any order, separated by comma, semicolon or tab, after an optional byte order
    mark. A pupil with two guardians has two lines; a guardian with neither address nor telephone is left
    out: they cannot write, and nobody can ring them. Raises RosterError, naming file and line.
    """
    pupils: dict[str, Pupil] = {}
    first_lines: dict[str, int] = {}
    households: dict[tuple[str, str], _Household] = {}
    for row in read_rows(text, name, partial(plain_columns, name, REQUIRED, OPTIONAL), REQUIRED):
        pupil = _pupil(row)
        first = first_lines.setdefault(pupil.id, row.line)
        if pupils.setdefault(pupil.id, pupil) != pupil:
            row.refuse(f"this pupil id stands on line {first} with other details; make the two lines agree")
        _join_guardian(households, row, pupil)
    if not pupils:
        raise RosterError(name, None, "no pupils: nothing stands below the header line")
    return Roster(pupils.values(), [household.frozen() for household in households.values()])


def plain_columns(
    name: str, required: tuple[str, ...], optional: tuple[str, ...], cells: list[str], line: int
) -> tuple[str, ...]:
    """Return the columns that a header line names, in any case and order.

    An unknown one is refused, because it may be a misspelt one. Raises RosterError.
    """
    columns = tuple(re.sub(r"[\s_-]+", " ", cell).lower() for cell in cells)
    missing = [column for column in required if column not in columns]
    if missing:
        raise RosterError(name, line, f"the header line lacks: {', '.join(missing)}")
    unknown = [number for number, column in enumerate(columns, 1) if column not in required + optional]
    if unknown:
        allowed = ", ".join(required + optional)
        raise RosterError(
            name, line, f"the name of column {unknown[0]} is not known; the columns are: {allowed}"
        )
    if len(set(columns)) < len(columns):
        raise RosterError(name, line, "the header line names a column twice")
    return columns


def _pupil(row: Row) -> Pupil:
    return Pupil(
        id=row.need("pupil id"),
        given=row.need("given"),
        family=row.need("family"),
        known_as=row.get("known as"),
        year=_year(row),
        form=row.need("form"),
        address=row.address("pupil email"),
    )


def _year(row: Row) -> int:
    year = school_year(row.need("year"))
    if year is None:
        row.refuse('"year" is not a school year; write 7, Year 7 or R for reception')
    return year


def _join_guardian(households: dict[tuple[str, str], _Household], row: Row, pupil: Pupil) -> None:
    address, telephone = row.address("guardian email"), row.get("guardian telephone")
    if not address and not (telephone and row.get("guardian name")):
        return
    name = row.need("guardian name")
    fresh = _Household(_guardian_id(households, pupil), name, address)
    # Without an address the number tells two guardians of one name apart.
    household = households.setdefault((name.casefold(), address or telephone), fresh)
    if pupil.id not in household.pupils:
        household.pupils.append(pupil.id)
    # An adjustment noted on one child's line holds for the guardian, whatever the sibling's line says.
    household.may_write |= row.flag("may write", default=False)
    household.interpreter = _interpreter(household, row)
    household.telephone = household.telephone or telephone or None


def _guardian_id(households: Mapping[tuple[str, str], _Household], pupil: Pupil) -> str:
    """Name a guardian after the first pupil, so that the id holds no name and no address."""
    prefix = f"{pupil.id}/"
    taken = sum(household.id.startswith(prefix) for household in households.values())
    return f"{prefix}{taken + 1}"


def _interpreter(household: _Household, row: Row) -> str | None:
    language = row.get("interpreter") or household.interpreter
    if household.interpreter and language != household.interpreter:
        row.refuse('"interpreter" names another language than an earlier line for the same guardian')
    return language
