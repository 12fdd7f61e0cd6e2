"""A school with brothers, sisters and separated parents, and messages about them at any time."""

from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Self

import pytest
from sqlalchemy import event

from tests.factories import PARENT, PEOPLE, TEACHER, a_guardian, a_message, a_pupil, a_roster, an_identity
from tests.store.builders import NOW, a_mailbox, an_intake, take_in
from tests.web.site import SCHOOL, Site
from triage.domain.model import Flag, SenderKind
from triage.domain.school import Person, Role
from triage.store.roster import replace_roster

LEAD, DEPUTY, OFFICE = "safe@oakfield.example", "safe2@oakfield.example", "office@oakfield.example"
YEAR_7, YEAR_8, YEAR_10 = "year7@oakfield.example", "year8@oakfield.example", "year10@oakfield.example"
HEAD = "head@oakfield.example"
FATHER = "tom.vance@else.example"

JAKE, OSCAR, MIA = "P001", "P010", "P011"
ROSTER = a_roster(
    pupils=[
        a_pupil(),
        a_pupil(id=OSCAR, given="Oscar", year=10, form="10C"),
        a_pupil(id=MIA, given="Mia", family="Vance", year=9, form="9A"),
    ],
    guardians=[
        replace(a_guardian(pupils=(JAKE, OSCAR)), telephone="01632 960123"),
        a_guardian(id="G002", name="Tom Vance", address=FATHER, pupils=(JAKE, MIA)),
    ],
)
PEOPLE_WITH_YEAR_10 = (
    *PEOPLE,
    Person(TEACHER, Role.TEACHER, "Mr R. Hale"),
    Person(YEAR_10, Role.HEAD_OF_YEAR, "Mr J. Firth", years=(10,)),
)

_uids = count(10_000)


def a_site_of_families(database) -> Site:
    """Sara's are Jake (8) and Oscar (10), Tom's are Jake and Mia (9)."""
    with database.write() as conn:
        replace_roster(conn, database.keyring, ROSTER, "roster.csv", NOW)
    return Site(database, school=replace(SCHOOL, people=PEOPLE_WITH_YEAR_10))


def receive(
    site: Site,
    *flags: Flag,
    pupils: tuple[str, ...] = (JAKE,),
    at: datetime = NOW,
    sender: str = PARENT,
    kind: SenderKind = SenderKind.PARENT,
    **message: object,
) -> int:
    """Take in a message about some pupils at a moment, and return its case."""
    uid = next(_uids)
    with site.database.write() as conn:
        mailbox = a_mailbox(conn)
    return take_in(
        site.database,
        an_intake(
            mailbox,
            uid,
            message=a_message(message_id=f"<{uid}@home.example>", sender=sender, received=at, **message),
            identity=an_identity(pupils=pupils, sender=kind),
            flags=flags,
            now=at,
        ),
    ).case_id


class Statements:
    """How often a database is asked while this is open."""

    def __init__(self, database) -> None:
        self._engine = database.engine
        self.number = 0

    def _note(self, *_args: object) -> None:
        self.number += 1

    def __enter__(self) -> Self:
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_error: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)


@pytest.fixture
def site(database) -> Site:
    return a_site_of_families(database)
