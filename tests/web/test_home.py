"""Where everybody begins, and what the menu offers."""

import re
from dataclasses import replace

import pytest

from tests.factories import TEACHER, a_school
from tests.web.site import SCHOOL, Site
from triage.domain.school import Person, Role

OFFICE, ADMIN, YEAR_8 = "office@oakfield.example", "admin@oakfield.example", "year8@oakfield.example"
OWN_MAIL = '<a href="/own">Your mail</a>'


@pytest.fixture
def site(site) -> Site:
    """A school that watches the teacher's mailbox alone."""
    site.school = replace(SCHOOL, owners=(("Mr R. Hale", TEACHER.title()),))
    return site


@pytest.mark.parametrize(
    ("who", "first"), [(OFFICE, "/office"), (ADMIN, "/service"), (TEACHER, "/own"), (YEAR_8, "/flags")]
)
def test_everybody_is_led_to_where_their_work_is(site, who, first):
    answer = site.open(who).get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, first)


def test_a_stranger_is_asked_to_sign_in(site):
    assert site.open().get("/").headers["location"] == "/sign-in"


def test_the_header_names_whoever_is_signed_in(site):
    assert "Account of <bdi>Mrs C. Vane</bdi>" in menu(site, YEAR_8)
    assert YEAR_8 not in menu(site, YEAR_8)


@pytest.mark.parametrize("address", [TEACHER, TEACHER.upper()])
def test_who_has_a_mailbox_and_no_role_is_named_by_it(address):
    school = a_school(people=(), owners=(("Mr R. Hale", TEACHER),))
    assert school.name_of(address) == "Mr R. Hale"


@pytest.mark.parametrize("people", [(), (Person(YEAR_8, Role.HEAD_OF_YEAR),)])
def test_who_has_no_name_is_shown_by_the_address(people):
    assert a_school(people=people).name_of(YEAR_8) == YEAR_8


def menu(site: Site, who: str) -> str:
    return re.findall(r"<nav aria-label=\"Main\">.*?</nav>", site.open(who).get("/flags").text, re.DOTALL)[0]


def test_the_menu_offers_ones_own_mail_to_whose_mailbox_is_watched(site):
    assert OWN_MAIL in menu(site, TEACHER)


def test_the_menu_offers_nobody_else_a_page_that_has_nothing_to_show(site):
    assert OWN_MAIL not in menu(site, YEAR_8)
