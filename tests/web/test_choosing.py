"""The demo's way in: people are chosen; and it is in the demo alone."""

import re

import pytest

from tests.factories import PEOPLE, TEACHER, a_school
from tests.web.people import YEAR_8, School
from tests.web.site import DISCLOSURE, SECRET, Site
from triage.domain.school import Person, Role
from triage.store import audit

LEAD = "safe@oakfield.example"


def test_the_page_offers_everybody_of_the_settings_once(database):
    twice = Person(LEAD, Role.LINE_MANAGER, "Ms D. Okoro", manages=(YEAR_8,))
    page = Site(database, a_school(people=(*PEOPLE, twice))).open().get("/sign-in")
    assert page.text.count("<button") == len(PEOPLE)
    assert re.search(r"Ms D\. Okoro.*\n.*Safeguarding lead.*\n.*Line manager", page.text)
    assert "There is no password in the demo." in page.text


def test_whoever_has_a_mailbox_and_no_role_is_offered_as_a_teacher(database):
    owners = (("Mr R. Hale", TEACHER), ("the office", "Office@oakfield.example"))
    site = Site(database, a_school(owners=owners))
    page = site.open().get("/sign-in").text
    assert page.count("<button") == len(PEOPLE) + 1
    assert re.search(r"Mr R\. Hale</span>\s*<span class=\"role\">Teacher<", page)
    assert site.open(TEACHER).get("/").headers["location"] == "/own"


def test_a_school_without_people_says_what_to_add(database):
    assert "add [[people]]" in Site(database, a_school(people=())).open().get("/sign-in").text


def test_a_person_who_is_chosen_has_a_session_with_its_second_factor(site):
    case = site.message(DISCLOSURE)
    assert SECRET in site.open(LEAD).get(f"/cases/{case}").text
    with site.database.read() as conn:
        actions = [line.action for line in audit.lines(conn)]
    assert actions == ["signed in", "second factor given", "text viewed"]


def test_whoever_is_chosen_goes_to_the_page_that_was_asked_for(site):
    browser = site.open()
    answer = browser.post("/sign-in", data={"viewer": site.token(LEAD)}, page="/sign-in?to=/cases/3")
    assert answer.headers["location"] == "/cases/3"


def test_somebody_else_can_be_chosen_without_signing_out(site):
    browser = site.open(LEAD)
    browser.sign_in(viewer=site.token(YEAR_8))
    assert "Mrs C. Vane" in browser.get("/flags").text


@pytest.mark.parametrize("viewer", ["", "x", LEAD])
def test_somebody_unknown_cannot_be_chosen(site, viewer):
    answer = site.open().sign_in(viewer=viewer)
    assert answer.headers["location"] == "/sign-in"
    assert "set-cookie" not in answer.headers


def test_where_a_code_would_be_asked_for_a_person_is_chosen_again(site):
    assert site.open(LEAD).get("/sign-in/code?to=/flags").headers["location"] == "/sign-in?to=/flags"


def test_a_site_in_service_lets_nobody_in_by_choice(database):
    school = School(database)
    answer = school.browser().sign_in(viewer=school.site.token(LEAD))
    assert answer.status_code == 403
    assert "viewer" not in school.browser().get("/sign-in").text
