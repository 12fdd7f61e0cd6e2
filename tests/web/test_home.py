"""Where everybody begins, and what the menu offers."""

import re
from dataclasses import replace

import pytest

from tests.factories import TEACHER
from tests.web.site import SCHOOL, Site

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


def menu(site: Site, who: str) -> str:
    return re.findall(r"<nav aria-label=\"Main\">.*?</nav>", site.open(who).get("/flags").text, re.DOTALL)[0]


def test_the_menu_offers_ones_own_mail_to_whose_mailbox_is_watched(site):
    assert OWN_MAIL in menu(site, TEACHER)


def test_the_menu_offers_nobody_else_a_page_that_has_nothing_to_show(site):
    assert OWN_MAIL not in menu(site, YEAR_8)
