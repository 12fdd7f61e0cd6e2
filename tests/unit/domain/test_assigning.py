"""To whom a flag can be given."""

from dataclasses import replace

import pytest

from tests.factories import PEOPLE, TEACHER, a_school
from triage.domain.assigning import may_hold
from triage.domain.model import Flag, Route, Severity, Topic, Trouble
from triage.domain.school import Person, Role

HEAD, CHAIR = "head@oakfield.example", "chair@governors.oakfield.example"
LEAD, DEPUTY = "safe@oakfield.example", "safe2@oakfield.example"
YEAR_7, YEAR_8, LINE = "year7@oakfield.example", "year8@oakfield.example", "line@oakfield.example"
OFFICE, ADMIN = "office@oakfield.example", "admin@oakfield.example"
SCHOOL = a_school(people=(*PEOPLE, Person(TEACHER, Role.TEACHER, "Mr R. Hale")))
QUARREL = Flag(Topic.CONTENTIOUS, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8)
BOXES = frozenset({TEACHER})


def able(flag: Flag, *beside: Flag, school=SCHOOL) -> set[str]:
    return {person.address for person in may_hold(school, flag, BOXES, (flag, *beside))}


@pytest.mark.parametrize(
    ("flag", "people"),
    [
        (QUARREL, {YEAR_8, LEAD, DEPUTY}),
        (replace(QUARREL, year=None), {YEAR_7, YEAR_8, LEAD, DEPUTY}),
        (Flag(Topic.ABSENCE, Severity.REVIEW, Route.OFFICE), {OFFICE, LEAD, DEPUTY}),
        (Flag(Topic.SAFEGUARDING, Severity.HIGH, Route.SAFEGUARDING_LEAD), {LEAD, DEPUTY}),
        (Flag(Topic.OFFENSIVE, Severity.REVIEW, Route.LINE_MANAGER), {LINE, LEAD, DEPUTY}),
        (Flag(Topic.COMPLAINT, Severity.HIGH, Route.CHAIR_OF_GOVERNORS, about=HEAD), {CHAIR, LEAD, DEPUTY}),
        (Flag(Topic.SAFEGUARDING, Severity.HIGH, Route.HEADTEACHER, about=LEAD), {HEAD, DEPUTY}),
        (Flag(Trouble.REPLY_UNSURE, Severity.REVIEW, Route.ADMINISTRATOR), {ADMIN, LEAD, DEPUTY}),
    ],
    ids=lambda made: f"{made.topic}-{made.year}-to-{made.route}" if isinstance(made, Flag) else "people",
)
def test_a_flag_can_be_given_to_those_who_may_close_it_and_to_nobody_else(flag, people):
    assert able(flag) == people


def test_not_to_whom_another_flag_of_the_case_is_about():
    beside = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=YEAR_8)
    assert able(QUARREL, beside) == {LEAD, DEPUTY}


def test_not_to_whoever_cannot_sign_in():
    found = may_hold(SCHOOL, QUARREL, BOXES, (QUARREL,), shut_out={YEAR_8})
    assert {person.address for person in found} == {LEAD, DEPUTY}


def test_somebody_with_two_roles_is_offered_once_by_the_first():
    twice = a_school(people=(*PEOPLE, Person(LEAD.upper(), Role.HEAD_OF_YEAR, "Ms D. Okoro", years=(8,))))
    found = [person for person in may_hold(twice, QUARREL, BOXES, ()) if person.address.lower() == LEAD]
    assert [person.role for person in found] == [Role.SAFEGUARDING_LEAD]


def test_they_stand_by_name():
    assert [person.name for person in may_hold(SCHOOL, QUARREL, BOXES, ())] == [
        "Mr P. Finch",
        "Mrs C. Vane",
        "Ms D. Okoro",
    ]
