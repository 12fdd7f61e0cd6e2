"""The queue on a classroom projector: with one switch no word, no name and no number of anybody is on it."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store.builders import NOW
from tests.web.families import FATHER, LEAD, YEAR_8, receive, site
from tests.web.site import CONTENTIOUS, SUBJECT
from triage.store import audit
from triage.store.switches import stop_replies

__all__ = ["site"]

DUE = replace(CONTENTIOUS, deadline=NOW + timedelta(hours=5))
NAMED = re.compile(r"Jake|Pole|Vance|Sara|Tom|01632|@home|@else|software's guess|Oakley")


def main(page) -> str:
    """The page without its head, in which one's own address stands."""
    return page.text.split("<main", 1)[1]


@pytest.fixture
def browser(site):
    """A browser that has hidden words and names, over a queue with repeats."""
    receive(site, DUE)
    receive(site, CONTENTIOUS, sender=FATHER)
    browser = site.open(YEAR_8)
    assert browser.post("/flags/hide", data={"hide": "1"}).status_code == 303
    return browser


def test_without_it_they_are_there(site):
    receive(site, DUE)
    page = main(site.open(YEAR_8).get("/flags"))
    assert NAMED.search(page)
    assert "Hide words and names" in page


def test_no_word_and_no_name_is_on_the_page(browser):
    page = main(browser.get("/flags"))
    assert NAMED.search(page) is None
    assert SUBJECT not in page


def test_topic_year_due_time_and_how_soon_are(browser):
    page = main(browser.get("/flags"))
    for shown in ("Contentious</a>", "<dt>Year</dt><dd>8</dd>", "Wed 14 Oct 2026, 15:30", "With your queue"):
        assert shown in page


def test_each_line_opens_by_the_link_to_its_case(browser):
    (link,) = re.findall(r'<a href="(/cases/\d+)">', main(browser.get("/flags")))
    assert browser.get(link).status_code == 200


def test_words_that_were_not_shown_are_not_in_the_audit(site, browser):
    browser.get("/flags")
    with site.database.read() as conn:
        assert "words viewed" not in {line.action for line in audit.lines(conn)}


def test_what_was_looked_for_and_the_names_of_views_are_not_on_it(browser):
    view = browser.post("/flags/search", data={"words": "Oakley", "sender": FATHER}).headers["location"]
    browser.post(f"/views/{view.partition('=')[2]}/name", data={"name": "About Tom Vance"})
    for path in ("/flags", view):
        assert NAMED.search(main(browser.get(path))) is None


def test_nor_is_why_replies_were_stopped(site, browser):
    with site.database.write() as conn:
        stop_replies(conn, "a storm about Jake", "the office", NOW)
    page = main(browser.get("/flags"))
    assert "All replies are stopped" in page
    assert "Jake" not in page


def test_the_same_switch_shows_them_again(browser):
    assert "Show words and names" in browser.get("/flags").text
    browser.post("/flags/hide", data={"hide": ""})
    assert "Sara" in main(browser.get("/flags"))


def test_it_leads_back_to_the_view_that_was_open(browser):
    sent = browser.post("/flags/hide", data={"hide": "1", "view": "3", "page": "2"})
    assert sent.headers["location"] == "/flags?view=3&page=2"


def test_it_is_for_one_session_alone(site, browser):
    """Whoever signs in after another on the same computer sees what they have always seen."""
    assert "Sara" in main(site.open(LEAD).get("/flags"))
    browser.post("/sign-out")
    browser.sign_in(viewer=site.token(YEAR_8))
    assert "Sara" in main(browser.get("/flags"))
