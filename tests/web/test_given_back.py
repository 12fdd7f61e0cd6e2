"""Whatever comes of a form, nobody has to write a note again: it comes back as its sender wrote it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from tests.web.people import LEAD, YEAR_8, School
from tests.web.site import CONTENTIOUS, DISCLOSURE, HERE, Site
from triage.web.form_tokens import FIELD
from triage.web.site import Rates
from triage.web.site import Site as OwnSite

NOTE = "She rang at noon: </textarea><b>he is safe</b>, and\r\nthe father said £5."
SHOWN = "She rang at noon: &lt;/textarea&gt;&lt;b&gt;he is safe&lt;/b&gt;, and\r\nthe father said £5."


@pytest.fixture
def school(database) -> School:
    """A school where a safeguarding lead has a second factor and the head of year 8 has none."""
    school = School(database)
    school.add(YEAR_8)
    school.add(LEAD, code=True)
    return school


def given_back(answer) -> str:
    """What stands in the field to copy from, as the page's source has it."""
    (inside,) = re.findall(
        r'<textarea id="typed" rows="4" readonly>\n(.*?)</textarea>', answer.text, re.DOTALL
    )
    return inside


def onward(answer) -> str:
    return re.search(r'<main.*<a href="([^"]*)">[^<]*</a></p>\s*</main>', answer.text, re.DOTALL)[1]


def filled_in(browser, case: int) -> dict[str, str]:
    """The form of a page that shows a case, with a note in it."""
    return {**browser.hidden(f"/cases/{case}"), "version": "0", "note": NOTE}


@contextmanager
def lost(database, table: str) -> Iterator[None]:
    """Take a table away for a while."""

    def rename(old: str, new: str) -> None:
        with database.write() as conn:
            conn.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    rename(table, "lost")
    try:
        yield
    finally:
        rename("lost", table)


def from_page(case: int) -> dict[str, str]:
    return {"Referer": f"{HERE}/cases/{case}"}


class TestAfterTheSessionHasEnded:
    @pytest.fixture
    def late(self, school):
        """A browser that has lain idle too long, with the form that somebody has filled in meanwhile."""
        case = school.site.message(CONTENTIOUS)
        browser = school.signed_in()
        form = filled_in(browser, case)
        school.clock.move(minutes=31)
        return browser, form, case

    def test_the_note_comes_back_and_the_way_leads_by_the_door_to_the_page_it_was_for(self, late):
        browser, form, case = late
        answer = browser.post("/flags/1/note", data=form, headers=from_page(case))
        assert (answer.status_code, given_back(answer)) == (403, SHOWN)
        assert "Nothing was saved." in answer.text
        assert onward(answer) == f"/sign-in?to=/cases/{case}"

    @pytest.mark.parametrize(
        "page", ["", "https://evil.example/", "http://[", "//evil.example//x", f"{HERE}/"]
    )
    def test_the_way_leads_to_no_other_site(self, late, page):
        browser, form, _ = late
        assert onward(browser.post("/flags/1/note", data=form, headers={"Referer": page})) == "/sign-in"

    def test_nothing_is_said_of_it_where_nothing_was_written(self, late):
        browser, form, _ = late
        answer = browser.post("/flags/1/take", data={**form, "note": " "})
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
    def test_what_another_site_sends_is_not_shown(self, late, origin):
        browser, form, _ = late
        answer = browser.post("/flags/1/note", data=form, headers={"Origin": origin})
        assert answer.status_code == 403
        assert "She rang" not in answer.text

    def test_the_note_comes_back_to_a_browser_that_was_closed_meanwhile(self, late):
        browser, form, _ = late
        browser.cookies.clear()
        answer = browser.post("/flags/1/note", data=form)
        assert (answer.status_code, given_back(answer)) == (403, SHOWN)

    def test_what_it_is_given_back_with_is_not_kept_by_the_browser(self, late):
        browser, form, _ = late
        assert browser.post("/flags/1/note", data=form).headers["cache-control"] == "no-store"


def test_a_note_comes_back_when_a_code_is_asked_for_first(school):
    case = school.site.message(DISCLOSURE)
    browser = school.with_code()
    form = filled_in(browser, case)
    for _ in range(2):
        school.clock.move(minutes=16)
        browser.get("/flags")
    answer = browser.post("/flags/1/note", data=form)
    assert (answer.status_code, given_back(answer)) == (403, SHOWN)
    assert onward(answer) == f"/sign-in/code?to=/cases/{case}"


def test_a_note_comes_back_when_somebody_has_signed_in_anew_in_another_tab(school):
    case = school.site.message(CONTENTIOUS)
    form = filled_in(school.signed_in(), case)
    school.clock.move(seconds=1)
    answer = school.signed_in().post("/flags/1/note", data=form, headers=from_page(case))
    assert (answer.status_code, given_back(answer)) == (403, SHOWN)
    assert "This page lay open too long" in answer.text
    assert onward(answer) == f"/cases/{case}"


def test_a_note_comes_back_when_the_record_cannot_be_read(school):
    case = school.site.message(CONTENTIOUS)
    browser = school.signed_in()
    form = filled_in(browser, case)
    with lost(school.database, "flag_events"):
        answer = browser.post("/flags/1/note", data=form)
    assert (answer.status_code, given_back(answer)) == (503, SHOWN)


def test_a_note_comes_back_when_not_even_sessions_can_be_read(school):
    case = school.site.message(CONTENTIOUS)
    browser = school.signed_in()
    form = filled_in(browser, case)
    with lost(school.database, "sessions"):
        answer = browser.post("/flags/1/note", data=form)
    assert (answer.status_code, given_back(answer)) == (503, SHOWN)


class TestOfTooMany:
    @pytest.fixture
    def hurried(self, database):
        """A browser that has sent all that it may, with a form that is one too many."""
        site = Site(database, own=OwnSite(rates=Rates(writing=1)))
        browser = site.open(YEAR_8)
        form = filled_in(browser, site.message(CONTENTIOUS))
        assert browser.post("/flags/99/take", data={**form, "note": ""}).status_code == 404
        return browser, form

    def test_the_note_comes_back(self, hurried):
        browser, form = hurried
        answer = browser.post("/flags/1/note", data=form)
        assert (answer.status_code, given_back(answer)) == (429, SHOWN)
        assert "Nothing was changed. Wait" in answer.text
        assert int(answer.headers["retry-after"]) >= 1

    def test_what_another_site_sends_is_not_shown(self, hurried):
        browser, form = hurried
        answer = browser.post("/flags/1/note", data=form, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 429
        assert "She rang" not in answer.text


def test_a_password_never_comes_back(school):
    browser = school.browser()
    answer = browser.post("/sign-in", data={FIELD: "0" * 64, "address": YEAR_8, "password": "not this one"})
    assert answer.status_code == 403
    assert "not this one" not in answer.text
