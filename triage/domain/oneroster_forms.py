"""Which form a pupil is in, by a OneRoster 1.1 export: their class of the type "homeroom"."""

import re
from collections.abc import Mapping

from triage.domain.oneroster_table import Rows, has_gone, rows_by_id, rows_of
from triage.domain.roster_rows import Row

CLASSES = "classes.csv"
ENROLLMENTS = "enrollments.csv"

# "Form 8B", "8B Registration": parents write no more of it than the middle.
_AROUND = r"form|tutor group|tutor|registration group|registration|reg|homeroom|class"
_FORM = re.compile(rf"(?:(?:{_AROUND})\s+)?(.+?)(?:\s+(?:{_AROUND}))?", re.IGNORECASE)


def homerooms(files: Mapping[str, str], users: Rows) -> Mapping[str, Row]:
    """Return the row of classes.csv that is each pupil's homeroom. Raises RosterError.

    Of two homerooms the primary one counts, then the one begun last.
    """
    classes = rows_by_id(files, CLASSES, ("title", "classType"))
    found: dict[str, tuple[tuple[bool, str], Row, Row]] = {}
    for row in rows_of(files, ENROLLMENTS, ("classSourcedId", "userSourcedId", "role")):
        if has_gone(row):
            continue
        room = classes.find(row, "classSourcedId", row.need("classSourcedId"))
        pupil = users.find(row, "userSourcedId", row.need("userSourcedId"))
        if room is None or pupil is None or not _is_pupils_homeroom(row, room):
            continue
        rank = (row.flag("primary", default=False), row.get("beginDate"))
        known = found.get(row.get("userSourcedId"))
        if known and known[0] == rank and known[2] is not room:
            row.refuse(f"the pupil is in another homeroom by line {known[1].line}; mark one as primary")
        if known is None or rank > known[0]:
            found[row.get("userSourcedId")] = (rank, row, room)
    return {user: room for user, (_, _, room) in found.items()}


def form_of(homeroom: Row | None) -> str:
    """Return the form's short name from its class's title, "" for a pupil without a homeroom."""
    if homeroom is None:
        return ""
    match = _FORM.fullmatch(homeroom.need("title"))
    return match[1] if match else homeroom.get("title")


def _is_pupils_homeroom(row: Row, room: Row) -> bool:
    return row.need("role").lower() == "student" and room.get("classType").lower() == "homeroom"
