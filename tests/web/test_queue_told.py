"""What the queue says after something was closed there, or was not, and how that is taken back."""

import re
from dataclasses import replace

from tests.web.families import LEAD, YEAR_7, YEAR_8, receive, site
from tests.web.site import CONTENTIOUS, DISCLOSURE
from triage.domain.model import Flag, Route, Severity, Topic, Trouble
from triage.domain.visibility import Scope
from triage.store.flags import flag_events, list_flags
from triage.web.app import create_app

__all__ = ["site"]

ADMIN = "admin@oakfield.example"
ILL = replace(CONTENTIOUS, topic=Topic.MEDICAL)
CUT = Flag(Trouble.TOO_LARGE, Severity.HIGH, Route.ADMINISTRATOR, why="cut")


def left_open(site) -> list[int]:
    with site.database.read() as conn:
        return sorted(row.id for row in list_flags(conn, Scope("x", everything=True)))


def said(page) -> str:
    """What the line of status says, without its marks."""
    found = re.search(r'<p class="said"[^>]*>(.*?)</p>', page.text, re.DOTALL)
    return re.sub(r"<[^>]*>", "", found[1]).strip() if found else ""


def ticked(page) -> list[str]:
    return re.findall(r'name="flag" value="([\d. ]+)" checked', page.text)


class TestClosingThoseTicked:
    def test_without_a_reason_the_queue_asks_for_one_and_keeps_the_ticks(self, site):
        for flag in (CONTENTIOUS, ILL):
            receive(site, flag)
        page = site.open(YEAR_8).post("/flags/resolve", data={"flag": ["2.0"], "reason": ""})
        assert (page.status_code, said(page)) == (400, "Choose a reason.")
        assert ticked(page) == ["2.0"]
        assert left_open(site) == [1, 2]

    def test_without_a_tick_it_asks_for_one_and_keeps_the_reason(self, site):
        receive(site, CONTENTIOUS)
        page = site.open(YEAR_8).post("/flags/resolve", data={"reason": "nothing to do"})
        assert (page.status_code, said(page)) == (400, "Tick what you want to close.")
        assert '<option value="nothing to do" selected>' in page.text

    def test_a_browser_asks_for_the_reason_itself(self, site):
        receive(site, CONTENTIOUS)
        assert '<select id="bulk-reason" name="reason" required>' in site.open(YEAR_8).get("/flags").text

    def test_afterwards_it_says_how_many_were_closed_with_a_number_in_the_address_alone(self, site):
        for flag in (CONTENTIOUS, ILL):
            receive(site, flag)
        browser = site.open(YEAR_8)
        sent = browser.post("/flags/resolve", data={"flag": ["1.0", "2.0"], "reason": "nothing to do"})
        assert sent.headers["location"] == "/flags?closed=2"
        assert said(browser.get("/flags?closed=2")) == "2 closed."

    def test_it_leads_back_to_the_view(self, site):
        receive(site, CONTENTIOUS)
        form = {"flag": ["1.0"], "reason": "nothing to do", "view": "4"}
        sent = site.open(YEAR_8).post("/flags/resolve", data=form)
        assert sent.headers["location"] == "/flags?view=4&closed=1"


class TestRangHome:
    def test_the_queue_says_what_was_closed_and_goes_on_with_the_next(self, site):
        for flag in (CONTENTIOUS, ILL):
            receive(site, flag)
        browser = site.open(YEAR_8)
        offered = re.search(r'formaction="(/flags/2/rang[^"]*)"', browser.get("/flags").text)[1]
        sent = browser.post(offered, data={"version": "0"})
        assert sent.headers["location"] == "/flags?rang=2#entry-1"
        assert said(browser.get("/flags?rang=2")) == "Closed: Medical, rang home."

    def test_undo_opens_it_again_and_leads_to_it(self, site):
        receive(site, CONTENTIOUS)
        browser = site.open(YEAR_8)
        browser.post("/flags/1/rang", data={"version": "0"})
        page = browser.get("/flags?rang=1").text
        (form,) = re.findall(r'<form method="post" action="/flags/undo".*?</form>', page, re.DOTALL)
        (flag,) = re.findall(r'name="flag" value="([\d. ]+)"', form)
        sent = browser.post("/flags/undo", data={"flag": flag})
        assert sent.headers["location"] == "/flags#entry-1"
        assert left_open(site) == [1]
        with site.database.read() as conn:
            last = flag_events(conn, 1)[-1]
        assert (last.event, last.note) == ("opened again", "Taken back at once: closed by mistake.")

    def test_those_that_stand_together_are_taken_back_together(self, site):
        for _ in range(3):
            receive(site, CONTENTIOUS)
        browser = site.open(YEAR_8)
        sent = browser.post("/flags/3/rang", data={"version": "0", "also": "3.0 2.0 1.0"})
        assert sent.headers["location"] == "/flags?rang=3-2-1"
        page = browser.get("/flags?rang=3-2-1")
        assert said(page) == "Closed: Contentious, rang home, 3 flags."
        (flags,) = re.findall(r'name="flag" value="([\d. ]+)"', page.text)
        browser.post("/flags/undo", data={"flag": flags})
        assert left_open(site) == [1, 2, 3]

    def test_nobody_is_told_of_a_flag_that_is_not_theirs(self, site):
        receive(site, CONTENTIOUS)
        site.open(YEAR_8).post("/flags/1/rang", data={"version": "0"})
        assert said(site.open(YEAR_7).get("/flags?rang=1")) == ""

    def test_nobody_takes_back_what_is_not_theirs(self, site):
        receive(site, CONTENTIOUS)
        site.open(YEAR_8).post("/flags/1/rang", data={"version": "0"})
        assert site.open(YEAR_7).post("/flags/undo", data={"flag": "1.1"}).status_code == 409
        assert left_open(site) == []

    def test_nor_is_a_safeguarding_matter_opened_again_without_its_page(self, site):
        receive(site, DISCLOSURE)
        browser = site.open(LEAD)
        form = {"version": "0", "reason": "not what it seemed", "note": "a play"}
        browser.post("/flags/1/resolve", data=form)
        assert said(browser.get("/flags?rang=1")) == ""
        assert browser.post("/flags/undo", data={"flag": "1.1"}).status_code == 409
        assert left_open(site) == []

    def test_of_what_was_opened_again_meanwhile_nothing_is_said(self, site):
        receive(site, CONTENTIOUS)
        assert said(site.open(YEAR_8).get("/flags?rang=1")) == ""


class TestWhatIsOffered:
    def test_there_is_nobody_to_ring_where_neither_pupil_nor_number_is_known(self, site):
        receive(site, CONTENTIOUS, pupils=(), sender="stranger@else.example")
        assert "Rang home<" not in site.open(YEAR_8).get("/flags").text

    def test_an_administrator_closes_what_is_technical_as_nothing_to_do(self, site):
        receive(site, CUT)
        browser = site.open(ADMIN)
        page = browser.get("/flags").text
        assert "Rang home" not in page
        assert "dealt with by telephone" not in page
        assert '<option value="nothing to do">' in page
        assert '<option value="put right">' in page


def test_the_guidance_is_not_told_twice_where_it_is_the_reason(site):
    clause = "Absence is best told by telephone."
    receive(site, replace(CUT, why=f"too-large: {clause}"))
    app = create_app(site.database, site.school, site.clock, door=site.door, clauses=lambda _topic: clause)
    assert site.open(ADMIN, app=app).get("/flags").text.count(clause) == 1
