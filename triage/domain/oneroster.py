"""The roster as a OneRoster 1.1 CSV export: users, orgs, classes and enrollments, with or without a manifest.

Source: 1EdTech OneRoster 1.1, "CSV Tables". A row that cannot be read is refused with its file and line;
one with the status "tobedeleted", or of a user who is not enabled, counts as not there.
"""

from collections.abc import Iterable, Mapping

from triage.domain.oneroster_forms import CLASSES, ENROLLMENTS, form_of, homerooms
from triage.domain.oneroster_table import KNOWN_AS, Rows, listed, one_year, rows_by_id, rows_of
from triage.domain.roster import Guardian, Pupil, Roster
from triage.domain.roster_rows import RosterError, Row

USERS = "users.csv"
ORGS = "orgs.csv"
MANIFEST = "manifest.csv"
REQUIRED = (USERS, ORGS, CLASSES, ENROLLMENTS)
FILES = (*REQUIRED, MANIFEST)

PUPIL = "student"
GUARDIANS = frozenset({"parent", "guardian", "relative"})
OTHERS = frozenset({"teacher", "aide", "administrator", "proctor"})

_USER_COLUMNS = ("role", "givenName", "familyName", "email", "grades", "agentSourcedIds")


def read_oneroster(files: Mapping[str, str], name: str) -> Roster:
    """Return the roster of an export; ``files`` holds texts by file name, ``name`` is the whole's.

    A pupil's and a guardian's id is the sourcedId. A guardian with neither address nor telephone, or
    of nobody on the roll, is left out. Raises RosterError, naming file and line.
    """
    missing = [file for file in REQUIRED if file not in files]
    if missing:
        raise RosterError(name, None, f"this OneRoster export lacks: {', '.join(missing)}")
    _refuse_delta(files)
    users = rows_by_id(files, USERS, _USER_COLUMNS)
    roles = {id_: _role(row) for id_, row in users.live.items()}
    rooms = homerooms(files, users)
    pupils = [_pupil(users.live[id_], rooms.get(id_)) for id_, role in roles.items() if role == PUPIL]
    if not pupils:
        raise RosterError(USERS, None, 'no pupils: no line has the role "student"')
    _refuse_several_schools(files, users, pupils)
    return Roster(pupils, _guardians(users, roles))


def _refuse_delta(files: Mapping[str, str]) -> None:
    """Refuse an export of changes only: whoever has not changed would be taken off the roster."""
    for row in rows_of(files, MANIFEST, ("propertyName", "value")) if MANIFEST in files else ():
        if row.get("propertyName").lower().startswith("file.") and row.get("value").lower() == "delta":
            row.refuse('this export holds changes only; export all of it ("bulk")')


def _role(row: Row) -> str:
    role = row.need("role").lower()
    if role not in {PUPIL} | GUARDIANS | OTHERS:
        known = ", ".join(sorted({PUPIL} | GUARDIANS | OTHERS))
        row.refuse(f'"role" is not one of OneRoster 1.1: {known}')
    return role


def _pupil(row: Row, homeroom: Row | None) -> Pupil:
    given = row.need("givenName")
    known_as = next(filter(None, (row.get(column) for column in KNOWN_AS)), "")
    return Pupil(
        id=row.need("sourcedId"),
        given=given,
        family=row.need("familyName"),
        known_as="" if known_as == given else known_as,
        year=_year(row, homeroom),
        form=form_of(homeroom),
        address=row.address("email"),
    )


def _year(row: Row, homeroom: Row | None) -> int:
    year = one_year(row)
    if year is None and homeroom is not None:
        year = one_year(homeroom)
    if year is None:
        row.refuse('"grades" is empty, and no homeroom of the pupil tells the year')
    return year


def _guardians(users: Rows, roles: Mapping[str, str]) -> Iterable[Guardian]:
    """Yield whoever cares for a pupil, in the order of the file; so are their pupils."""
    care = _care(users, roles)
    order = {id_: place for place, id_ in enumerate(users.live)}
    for id_, row in users.live.items():
        if id_ in care and _can_be_reached(row):
            own = tuple(sorted(care[id_], key=order.__getitem__))
            yield Guardian(id_, _name(row), row.address("email"), own, telephone=_telephone(row))


def _can_be_reached(row: Row) -> bool:
    """Tell whether somebody writes from an address, or has a number and a name to ask for."""
    named = bool(row.get("givenName") or row.get("familyName"))
    return bool(row.address("email")) or (named and _telephone(row) is not None)


def _telephone(row: Row) -> str | None:
    """Return the mobile's number, else the other one: somebody is to be reached today."""
    return row.get("sms") or row.get("phone") or None


def _care(users: Rows, roles: Mapping[str, str]) -> Mapping[str, set[str]]:
    """Return the pupils of each guardian. Exports name them on the pupil's line, the guardian's, or both."""
    care: dict[str, set[str]] = {}
    for id_, row in users.live.items():
        for other in listed(row, "agentSourcedIds"):
            if users.find(row, "agentSourcedIds", other) is None:
                continue
            guardian, pupil = (other, id_) if roles[id_] == PUPIL else (id_, other)
            if roles[guardian] in GUARDIANS and roles[pupil] == PUPIL:
                care.setdefault(guardian, set()).add(pupil)
    return care


def _name(row: Row) -> str:
    name = f"{row.get('givenName')} {row.get('familyName')}".strip()
    return name or row.refuse('"givenName" and "familyName" are empty; a guardian needs a name')


def _refuse_several_schools(files: Mapping[str, str], users: Rows, pupils: Iterable[Pupil]) -> None:
    """Refuse an export of more schools than one: this service is one school's."""
    orgs = rows_by_id(files, ORGS, ("type",))
    first: frozenset[str] | None = None
    for pupil in pupils:
        row = users.live[pupil.id]
        found = [(id_, orgs.find(row, "orgSourcedIds", id_)) for id_ in listed(row, "orgSourcedIds")]
        schools = frozenset(id_ for id_, org in found if org and org.get("type").lower() == "school")
        first = (first & schools if first else schools) if schools else first
        if schools and not first:
            row.refuse("this pupil is of another school than the pupils above; export one school")
