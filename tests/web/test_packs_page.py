"""The words of replies in other languages on the site: read beside the English, approved, withdrawn."""

from dataclasses import replace

import pytest

from tests.factories import TEACHER
from tests.store.builders import NOW
from tests.web.packs import packs
from tests.web.site import Site
from triage.store import audit
from triage.store.packs import Approval, approvals, approve
from triage.web.app import create_app
from triage.web.packs_page import PATH

HEAD, OFFICE, ADMIN = "head@oakfield.example", "office@oakfield.example", "admin@oakfield.example"
LEAD = "safe@oakfield.example"
POLISH, URDU = (next(pack for pack in packs() if pack.code == code) for code in ("pl", "ur"))
PAGE = f"{PATH}/pl"


@pytest.fixture
def opened(site):
    """Open a site that has the packs, as somebody."""
    return lambda who, shown=packs: site.open(who, app=an_app(site, shown))


def an_app(site: Site, shown):
    return create_app(site.database, site.school, site.clock, site.own, site.door, packs=shown)


def held(site: Site) -> dict[str, Approval]:
    with site.database.read() as conn:
        return approvals(conn)


def noted(site: Site) -> list[tuple[str, str, str]]:
    with site.database.read() as conn:
        lines = [(line.actor, line.action, line.object) for line in audit.lines(conn)]
    return [line for line in lines if line[2].startswith("pack")]


def do(browser, what: str):
    """Send the form of the page."""
    return browser.post(f"{PAGE}/{what}", data=_form(browser))


def _form(browser) -> dict[str, str]:
    return browser.hidden(PAGE)


@pytest.mark.parametrize("who", [HEAD, OFFICE])
def test_head_and_office_approve_a_pack_and_withdraw_it(site, opened, who):
    browser = opened(who)
    assert do(browser, "approve").headers["location"] == PAGE
    assert held(site) == {"pl": Approval(POLISH.fingerprint, who, NOW)}
    assert do(browser, "withdraw").headers["location"] == PAGE
    assert held(site)["pl"].fingerprint is None
    assert noted(site) == [(who, "pack approved", "pack pl"), (who, "pack withdrawn", "pack pl")]


@pytest.mark.parametrize("who", [ADMIN, LEAD, TEACHER])
def test_for_others_there_is_no_such_page(site, opened, who):
    browser = opened(who)
    assert [browser.get(path).status_code for path in (PATH, PAGE)] == [404, 404]
    answer = browser.post(f"{PAGE}/approve", data={"words": POLISH.fingerprint})
    assert answer.status_code == 404
    assert held(site) == {}


def test_the_words_stand_beside_the_english(opened):
    page = opened(HEAD).get(PAGE).text
    assert "Państwa wiadomość dotarła do nas." in page
    assert "Your message has arrived." in page
    assert '<div class="body" lang="pl" dir="ltr">' in page


def test_what_is_written_from_right_to_left_is_shown_so(opened):
    assert f'lang="ur" dir="{URDU.direction}"' in opened(HEAD).get(f"{PATH}/ur").text
    assert URDU.direction == "rtl"


def test_the_list_tells_which_are_on_and_since_whose_approval(site, opened):
    do(opened(OFFICE), "approve")
    page = opened(HEAD).get(PATH).text
    assert page.count("<td>yes</td>") == 1
    assert page.count("<td>no: nobody has approved it</td>") == len(packs()) - 1


def test_that_the_words_have_changed_since_is_said_and_they_are_off(site, opened):
    with site.database.write() as conn:
        approve(conn, "pl", "as-it-was", HEAD, NOW)
    assert "its words have changed since they were approved" in opened(OFFICE).get(PATH).text
    assert "Replies do not say these words" in opened(OFFICE).get(PAGE).text


def test_words_that_changed_while_they_were_read_are_not_approved(site, opened):
    read = _form(opened(HEAD))
    newer = [replace(pack, fingerprint=f"{pack.fingerprint}-newer") for pack in packs()]
    browser = opened(HEAD, lambda: newer)
    answer = browser.post(f"{PAGE}/approve", data={"words": read["words"]} | _token(browser))
    assert answer.status_code == 409
    assert "not the words that you have read" in answer.text
    assert held(site) == {}


def _token(browser) -> dict[str, str]:
    return browser.hidden("/account")


def test_of_two_who_withdraw_the_second_is_told(site, opened):
    browser = opened(HEAD)
    do(browser, "approve")
    form = browser.hidden("/account")
    assert browser.post(f"{PAGE}/withdraw", data=form).status_code == 303
    assert browser.post(f"{PAGE}/withdraw", data=form).status_code == 409


def test_a_pack_that_there_is_not_is_not_there(opened):
    assert opened(HEAD).get(f"{PATH}/xx").status_code == 404


def test_without_packs_the_list_says_so(opened):
    assert "There are no words in other languages." in opened(HEAD, tuple).get(PATH).text


@pytest.mark.parametrize(("who", "led"), [(HEAD, True), (OFFICE, True), (ADMIN, False)])
def test_the_page_of_the_replies_leads_there_those_who_decide_it(opened, who, led):
    assert (f'href="{PATH}"' in opened(who).get("/replies").text) is led
