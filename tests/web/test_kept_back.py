"""What stands beside a matter that is closely kept from somebody is not theirs to close, on whatever page."""

import re
from dataclasses import replace

import pytest

from tests.factories import TEACHER
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE
from triage.domain.model import Flag, Route, Severity, Topic, Trouble
from triage.domain.visibility import Scope
from triage.store.flags import list_flags

OFFICE, LEAD, HEAD = "office@oakfield.example", "safe@oakfield.example", "head@oakfield.example"
YEAR_8, ADMIN = "year8@oakfield.example", "admin@oakfield.example"
ABOUT_STAFF = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=TEACHER, why="x")
COMPLAINT = replace(ABOUT_STAFF, about=None)
NOT_YET = "<strong>Nobody rings home about this yet.</strong>"
CLOSING = [
    ("/flags/1/rang", {"version": "0"}),
    ("/flags/resolve", {"flag": "1.0", "reason": "nothing to do"}),
    ("/flags/1/resolve", {"version": "0", "reason": "nothing to do"}),
    ("/flags/1/wrong", {"version": "0", "topic": "absence"}),
]


def is_open(site) -> bool:
    """Tell whether the first flag is still open."""
    with site.database.read() as conn:
        return 1 in {row.id for row in list_flags(conn, Scope("x", everything=True))}


@pytest.mark.parametrize("kept", [DISCLOSURE, ABOUT_STAFF], ids=["safeguarding", "an allegation"])
@pytest.mark.parametrize(("path", "form"), CLOSING, ids=[path for path, _ in CLOSING])
def test_no_form_closes_what_stands_beside_it(site, kept, path, form):
    site.message(ABSENCE, kept)
    assert site.open(OFFICE).post(path, data=form).status_code in {403, 409}
    assert is_open(site)


@pytest.mark.parametrize("kept", [DISCLOSURE, ABOUT_STAFF], ids=["safeguarding", "an allegation"])
def test_the_queue_says_whom_to_ask_instead_of_offering_to_close_it(site, kept):
    site.message(ABSENCE, kept)
    page = site.open(OFFICE).get("/flags").text
    assert NOT_YET in page
    assert "Say only that a flag is closed to you." in page
    assert "Rang home<" not in page
    assert 'name="flag"' not in page


def test_so_does_the_page_of_the_case(site):
    case = site.message(ABSENCE, DISCLOSURE)
    page = site.open(OFFICE).get(f"/cases/{case}").text
    assert NOT_YET in page
    assert 'action="/flags/1/resolve"' not in page
    assert 'action="/flags/1/wrong"' not in page


def test_after_passing_on_what_else_she_has_of_the_message_is_not_hers_to_close(site):
    site.message(CONTENTIOUS, replace(CONTENTIOUS, topic=Topic.MEDICAL))
    browser = site.open(YEAR_8)
    assert browser.post("/flags/2/pass", data={"version": "0", "note": ""}).status_code == 303
    assert browser.post("/flags/1/rang", data={"version": "0"}).status_code == 409
    assert is_open(site)
    assert NOT_YET in browser.get("/flags").text


def test_that_the_lead_has_closed_the_other_does_not_make_it_theirs(site):
    """Nobody has told them what the message says."""
    site.message(ABSENCE, DISCLOSURE)
    done = {"version": "0", "reason": "referred to another agency", "note": "rang the council"}
    assert site.open(LEAD).post("/flags/2/resolve", data=done).status_code == 303
    assert site.open(OFFICE).post("/flags/1/rang", data={"version": "0"}).status_code == 409


def test_that_the_lead_has_taken_the_other_off_the_record_does(site):
    site.message(ABSENCE, DISCLOSURE)
    wrong = {"version": "0", "topic": "safeguarding", "note": "a line of the school play"}
    assert site.open(LEAD).post("/flags/2/wrong", data=wrong).status_code == 303
    assert site.open(OFFICE).post("/flags/1/rang", data={"version": "0"}).status_code == 303


def test_the_lead_closes_both(site):
    site.message(ABSENCE, DISCLOSURE)
    browser = site.open(LEAD)
    assert NOT_YET not in browser.get("/flags").text
    assert browser.post("/flags/1/rang", data={"version": "0"}).status_code == 303


def test_the_headteacher_closes_what_stands_beside_an_allegation_that_is_theirs(site):
    site.message(COMPLAINT, ABOUT_STAFF)
    form = {"version": "0", "reason": "nothing to do", "note": "talked"}
    assert site.open(HEAD).post("/flags/1/resolve", data=form).status_code == 303


def test_it_can_still_be_passed_to_the_lead_who_may_know_of_more(site):
    site.message(ABSENCE, DISCLOSURE)
    form = {"version": "0", "note": "he sounds unsafe"}
    assert site.open(OFFICE).post("/flags/1/pass", data=form).status_code == 303


def test_what_is_technical_says_nothing_of_the_message_and_is_closed_by_the_administrator(site):
    site.message(Flag(Trouble.TOO_LARGE, Severity.HIGH, Route.ADMINISTRATOR, why="cut"), DISCLOSURE)
    browser = site.open(ADMIN)
    assert NOT_YET not in browser.get("/flags").text
    sent = browser.post("/flags/resolve", data={"flag": "1.0", "reason": "nothing to do"})
    assert (sent.status_code, is_open(site)) == (303, False)


def test_the_sentence_is_the_one_of_the_offices_list(site):
    site.message(ABSENCE, DISCLOSURE)
    browser = site.open(OFFICE)
    said = re.compile(rf"{NOT_YET}(.*?) Say only", re.DOTALL)
    (here,), (there,) = (said.findall(browser.get(path).text) for path in ("/flags", "/office"))
    assert here == there
