"""One file of a OneRoster 1.1 export: its columns, its rows by id, and which of them have gone."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from triage.domain.roster_rows import RosterError, Row, read_rows, school_year

KNOWN_AS = ("preferredFirstName", "preferredGivenName", "preferredName", "knownAs")
COLUMNS = (
    *("sourcedId", "status", "enabledUser", "role", "givenName", "familyName", "email", "sms", "phone"),
    "grades",
    *("agentSourcedIds", "orgSourcedIds", "type", "title", "classType", "classSourcedId"),
    *("userSourcedId", "primary", "beginDate", "propertyName", "value", *KNOWN_AS),
)
STAYS = frozenset({"", "active"})
# "inactive" is of OneRoster 1.0; 1.1 knows only the other two.
GONE = frozenset({"tobedeleted", "inactive"})

_SPELLED = {column.lower(): column for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a file by their sourcedId. ``gone`` are the ids of deleted or disabled ones."""

    live: Mapping[str, Row]
    gone: Collection[str]

    def find(self, row: Row, column: str, id_: str) -> Row | None:
        """Return the row that a cell of another one names, None when it has gone.

        Raises RosterError when the file never had it: then the export is not whole.
        """
        found = self.live.get(id_)
        if found is None and id_ not in self.gone:
            row.refuse(f'"{column}" names a sourcedId that is not in the export')
        return found


def rows_by_id(files: Mapping[str, str], name: str, required: tuple[str, ...]) -> Rows:
    """Return one file's rows. Raises RosterError, also for an id that stands on two lines."""
    live: dict[str, Row] = {}
    gone: set[str] = set()
    for row in rows_of(files, name, ("sourcedId", *required)):
        id_ = row.need("sourcedId")
        if has_gone(row):
            gone.add(id_)
        elif id_ in live:
            row.refuse(f"this sourcedId stands on line {live[id_].line} already")
        else:
            live[id_] = row
    return Rows(live, gone)


def rows_of(files: Mapping[str, str], name: str, required: tuple[str, ...]) -> Iterable[Row]:
    """Return every row of one file; columns that nothing here needs are let be. Raises RosterError."""
    return read_rows(files[name], name, partial(_columns, name, required), required)


def has_gone(row: Row) -> bool:
    """Whether a row's status, or enabledUser, says that it no longer counts. Raises RosterError."""
    status = row.get("status").lower()
    if status not in STAYS | GONE:
        row.refuse('"status" is neither active nor tobedeleted')
    return status in GONE or not row.flag("enabledUser", default=True)


def listed(row: Row, column: str) -> tuple[str, ...]:
    """Return the parts of a cell that holds a list, each once."""
    parts = (part.strip() for part in re.split(r"[,;|]", row.get(column)))
    return tuple(dict.fromkeys(filter(None, parts)))


def one_year(row: Row) -> int | None:
    """Return the school year in "grades", None when it is empty. Raises RosterError for several or none."""
    years = {school_year(text) for text in listed(row, "grades")}
    if None in years:
        row.refuse('"grades" is not a school year; write 08, 8, Year 8, or R for reception')
    if len(years) > 1:
        row.refuse('"grades" names more than one school year')
    return next(iter(years), None)


def _columns(name: str, required: tuple[str, ...], cells: list[str], line: int) -> tuple[str, ...]:
    columns = tuple(_column(cell) for cell in cells)
    missing = [column for column in required if column not in columns]
    if missing:
        raise RosterError(name, line, f"the header line lacks: {', '.join(missing)}")
    twice = [column for column in COLUMNS if columns.count(column) > 1]
    if twice:
        raise RosterError(name, line, f"the header line names a column twice: {twice[0]}")
    return columns


def _column(cell: str) -> str:
    """Return a column as the standard spells it; a vendor's own is known for a name that is used only."""
    vendors = cell.lower().startswith("metadata.")
    column = _SPELLED.get(re.sub(r"[\s_-]+", "", cell.rpartition(".")[2] if vendors else cell).lower(), cell)
    return cell if vendors and column not in KNOWN_AS else column
