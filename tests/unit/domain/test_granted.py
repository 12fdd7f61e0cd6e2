"""What somebody may act as who has signed in at the school's provider."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import TEACHER, a_school
from triage.domain.granted import BY_GROUP, granted, group_roles
from triage.domain.school import Role
from triage.domain.visibility import viewer

SCHOOL = a_school()
BY_NAME = {"g-office": Role.OFFICE, "g-lead": Role.SAFEGUARDING_LEAD, "g-year": Role.HEAD_OF_YEAR}
ACCUSED_BY_POST = [Role.SAFEGUARDING_LEAD, Role.DEPUTY_SAFEGUARDING_LEAD, Role.HEADTEACHER, Role.HEAD_OF_YEAR]
HEAD_OF_YEAR_8 = "year8@oakfield.example"
PUPIL = "jake@pupils.oakfield.example"
OUTSIDER = "adviser@elsewhere.example"


def test_a_person_of_the_settings_keeps_their_roles_and_years():
    who = granted(SCHOOL, HEAD_OF_YEAR_8, (), BY_NAME)
    assert who == viewer(SCHOOL, HEAD_OF_YEAR_8)
    assert who.years == {8}


def test_a_group_adds_to_the_roles_of_the_settings():
    who = granted(SCHOOL, HEAD_OF_YEAR_8, ["g-office"], BY_NAME)
    assert who.roles == {Role.HEAD_OF_YEAR, Role.TEACHER, Role.OFFICE}
    assert who.years == {8}


def test_staff_without_a_group_are_teachers():
    assert granted(SCHOOL, TEACHER, ["g-unknown"], BY_NAME).roles == {Role.TEACHER}


def test_somebody_from_elsewhere_with_a_group_has_its_role_alone():
    assert granted(SCHOOL, OUTSIDER, ["g-office"], BY_NAME).roles == {Role.OFFICE}


@pytest.mark.parametrize("groups", [(), ("g-unknown",), ("G-OFFICE",), ("g-year",), ("g-lead",)])
def test_somebody_from_elsewhere_without_one_is_refused(groups):
    assert granted(SCHOOL, OUTSIDER, groups, BY_NAME) is None


@pytest.mark.parametrize("address", [PUPIL, PUPIL.upper(), f" {PUPIL}"])
def test_a_pupil_is_refused_whatever_their_groups(address):
    assert granted(SCHOOL, address, BY_NAME, BY_NAME) is None


def test_a_group_never_stands_for_a_role_that_needs_more_than_a_name():
    everything = {role.value: role for role in Role}
    roles = group_roles(SCHOOL, TEACHER, everything, everything)
    assert roles == BY_GROUP
    assert not roles & {Role.HEAD_OF_YEAR, Role.LINE_MANAGER, Role.CHAIR_OF_GOVERNORS, Role.TEACHER}


@pytest.mark.parametrize("role", ACCUSED_BY_POST)
def test_a_group_never_stands_for_a_post_that_can_be_accused_by_its_name(role):
    """Who holds it by a group alone is not on record: nothing could be kept from them."""
    assert granted(SCHOOL, TEACHER, ["g"], {"g": role}).roles == {Role.TEACHER}


@given(st.sets(st.sampled_from([*BY_NAME, "g-other", ""])), st.sampled_from([TEACHER, OUTSIDER, PUPIL]))
def test_groups_only_ever_add(groups, address):
    before, after = viewer(SCHOOL, address), granted(SCHOOL, address, groups, BY_NAME)
    assert before.roles <= (after.roles if after else frozenset())
    assert after is None or (after.years, after.manages) == (before.years, before.manages)
