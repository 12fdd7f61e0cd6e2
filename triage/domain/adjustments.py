"""What a school has recorded for a guardian that its information system does not know.

A small CSV file kept beside the export, so that it outlives every import.
"""

from dataclasses import replace
from functools import partial

from triage.domain.roster import Guardian, Roster
from triage.domain.roster_file import plain_columns
from triage.domain.roster_rows import Row, read_rows

REQUIRED = ("guardian email",)
OPTIONAL = ("may write", "interpreter")


def adjust(roster: Roster, text: str, name: str) -> Roster:
    """Return the roster with the adjustments of a CSV text; an empty cell leaves what the roster says.

    A line holds for every guardian who writes from its address. An address that no guardian has is
    refused, because somebody's adjustment would be lost unseen. Raises RosterError, naming file and line.
    """
    lines: dict[str, Row] = {}
    for row in read_rows(text, name, partial(plain_columns, name, REQUIRED, OPTIONAL), REQUIRED):
        row.need("guardian email")
        address = row.address("guardian email")
        if address in lines:
            row.refuse(f"this guardian stands on line {lines[address].line} already")
        if not roster.guardians_at(address):
            row.refuse('"guardian email" is no address of the roster; correct it, or remove the line')
        lines[address] = row
    return Roster(
        roster.pupils.values(),
        [_adjusted(guardian, lines.get(guardian.address)) for guardian in roster.guardians],
    )


def _adjusted(guardian: Guardian, row: Row | None) -> Guardian:
    if row is None:
        return guardian
    return replace(
        guardian,
        may_write=row.flag("may write", default=guardian.may_write),
        interpreter=row.get("interpreter") or guardian.interpreter,
    )
