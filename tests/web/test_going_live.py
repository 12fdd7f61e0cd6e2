"""Going live on the site: who sees what of a rehearsal, the checklist, and the headteacher's switches."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.factories import a_pupil
from tests.store.builders import NOW
from tests.web.people import School
from tests.web.rehearsed import DOUBTFUL, keep_one, some_figures
from tests.web.site import Browser, Site
from triage.domain.going_live import Ready
from triage.domain.roster import Roster
from triage.domain.switched import SwitchedOn
from triage.store import audit
from triage.store.rehearsals import last_rehearsals, least_certain
from triage.store.roster import replace_roster
from triage.store.sessions import open_session
from triage.store.switched import last_choice, switched_on
from triage.store.switches import stop_replies

HEAD, LEAD, DEPUTY = "head@oakfield.example", "safe@oakfield.example", "safe2@oakfield.example"
ADMIN, OFFICE, YEAR_8 = "admin@oakfield.example", "office@oakfield.example", "year8@oakfield.example"
PAGE, LEAST = "/going-live", "/going-live/least-certain"
READY = Ready(True, "safe@oakfield.example", date(2026, 9, 1), ("absence", "out-of-hours", "urgent"))


@pytest.fixture
def site(site) -> Site:
    """A site of a school that is ready to go live, with a roster and a rehearsal of today."""
    site.own = replace(site.own, ready=READY)
    pupils = [a_pupil(id=f"P{year:03}", year=year) for year in (7, 8, 9)]
    with site.database.write() as conn:
        replace_roster(conn, site.database.keyring, Roster(pupils, []), "test", NOW)
    keep_one(site.database)
    return site


def in_with_code(site: Site, who: str) -> Browser:
    """Somebody who has given the second factor just now."""
    browser = site.open()
    with site.database.write() as conn:
        _, token = open_session(conn, who, NOW, second_factor_at=NOW)
    browser.cookies.set("triage", token)
    return browser


def switch(browser: Browser, *, reason: str = "year 7 first", **fields: object):
    """Send the form as the page has it, with these fields."""
    whole = {"which-years": "every", "which-parts": "every", "reason": reason}
    return browser.post(f"{PAGE}/switch", data={**browser.hidden(PAGE), **whole, **fields})


def on(site: Site) -> SwitchedOn:
    with site.database.read() as conn:
        return switched_on(conn)


def noted(site: Site) -> list[tuple[str, str, str]]:
    """What the audit says, but for signing in."""
    with site.database.read() as conn:
        lines = [(line.actor, line.action, line.object) for line in audit.lines(conn)]
    return [line for line in lines if "signed" not in line[1]]


def said(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


class TestWho:
    @pytest.mark.parametrize("who", [HEAD, LEAD, DEPUTY, ADMIN])
    def test_numbers_are_for_head_leads_and_administrator(self, site, who):
        page = site.open(who).get(PAGE)
        whole = site.open(who).get(f"{PAGE}/rehearsal")
        assert "Messages read 60" in said(page.text)
        assert "Telephone calls to expect" in said(whole.text)
        assert DOUBTFUL not in page.text + whole.text

    @pytest.mark.parametrize("who", [OFFICE, YEAR_8])
    def test_for_others_there_is_no_such_page(self, site, who):
        assert site.open(who).get(PAGE).status_code == 404
        assert site.open(who).get(f"{PAGE}/rehearsal").status_code == 404
        assert in_with_code(site, who).get(LEAST).status_code == 404

    @pytest.mark.parametrize("who", [HEAD, LEAD, DEPUTY])
    def test_the_messages_are_for_head_and_leads_with_a_line_in_the_audit(self, site, who):
        assert DOUBTFUL in in_with_code(site, who).get(LEAST).text
        assert noted(site) == [(who, "text viewed", "rehearsal 1")]

    def test_the_administrator_does_not_read_them_and_is_not_led_there(self, site):
        browser = in_with_code(site, ADMIN)
        assert browser.get(LEAST).status_code == 404
        assert LEAST not in browser.get(PAGE).text

    def test_the_second_factor_is_asked_for_first(self, database):
        school = School(database)
        keep_one(database)
        school.add(HEAD, code=True)
        browser = school.with_code(HEAD)
        school.clock.move(minutes=20)
        asked = browser.get(LEAST)
        assert (asked.status_code, asked.headers["location"]) == (303, f"/sign-in/code?to={LEAST}")

    def test_abusive_words_are_folded(self, site):
        with site.database.write() as conn:
            conn.exec_driver_sql("""UPDATE rehearsed SET scores = '{"offensive": 0.4}'""")
        page = in_with_code(site, HEAD).get(LEAST).text
        assert "open them" in page
        assert "What it went by" not in page


class TestMessages:
    def test_the_head_can_remove_them_and_the_numbers_stay(self, site):
        browser = in_with_code(site, HEAD)
        assert browser.post(f"{LEAST}/forget", page=LEAST).headers["location"] == PAGE
        with site.database.read() as conn:
            (kept,) = last_rehearsals(conn, 2)
            assert least_certain(conn, kept.id) == []
        assert browser.get(LEAST).status_code == 404
        assert LEAST not in browser.get(PAGE).text
        assert noted(site)[-1] == (HEAD, "rehearsed messages removed", "rehearsals")

    def test_without_a_rehearsal_the_page_says_how_to_make_one(self, database):
        page = Site(database).open(HEAD).get(PAGE).text
        assert "triage rehearse ADDRESS" in page
        assert Site(database).open(HEAD).get(f"{PAGE}/rehearsal").status_code == 404
        assert LEAST not in page


class TestChecklist:
    def lights(self, site: Site, who: str = HEAD) -> dict[str, bool]:
        page = site.open(who).get(PAGE).text
        rows = re.findall(r'<li class="(go|not-yet)">.*?<strong>(.*?)</strong>', page, re.DOTALL)
        return {name: light == "go" for light, name in rows}

    def test_a_school_that_is_ready_is_told_so(self, site):
        assert set(self.lights(site).values()) == {True}
        assert "Everything says go." in site.open(HEAD).get(PAGE).text

    @pytest.mark.parametrize(
        ("changed", "name"),
        [
            ({"live": False}, "Mode"),
            ({"on_call": ""}, "Who is called out of hours"),
            ({"on_call_is_shown": False}, "Who is called out of hours"),
            ({"help_lines_reviewed": date(2025, 1, 1)}, "Help lines"),
            ({"help_lines_reviewed": None}, "Help lines"),
        ],
    )
    def test_what_the_settings_leave_open_says_not_yet(self, site, changed, name):
        site.own = replace(site.own, ready=replace(READY, **changed))
        assert [each for each, go in self.lights(site).items() if not go] == [name]

    def test_that_nobody_is_on_call_can_be_decided(self, site):
        site.own = replace(site.own, ready=replace(READY, on_call="none"))
        assert self.lights(site)["Who is called out of hours"]

    @pytest.mark.parametrize(("days", "go"), [(14, True), (15, False)])
    def test_a_rehearsal_is_fresh_for_a_fortnight(self, site, days, go):
        site.clock = lambda: NOW + timedelta(days=days)
        assert self.lights(site)["Rehearsal"] is go

    def test_more_flags_than_a_head_of_year_has_time_for_say_not_yet(self, site):
        keep_one(site.database, figures=some_figures(flags_of_year_8=5))
        assert not self.lights(site)["Flags a day"]
        assert "in year 8" in site.open(HEAD).get(PAGE).text

    def test_a_stop_says_not_yet(self, site):
        with site.database.write() as conn:
            stop_replies(conn, "a loop", HEAD, NOW)
        assert not self.lights(site)["Stop button"]

    def test_without_a_roster_it_is_not_time(self, database):
        lights = self.lights(Site(database))
        assert not lights["Roster"]
        assert not lights["Rehearsal"]


class TestSwitches:
    def test_until_somebody_has_chosen_everything_is_on(self, site):
        assert "Replies go out to every year, with everything that the policy says." in said(
            site.open(HEAD).get(PAGE).text
        )

    def test_the_head_chooses_years_and_parts_with_a_reason(self, site):
        browser = site.open(HEAD)
        chosen = {"which-years": "some", "year": ["7", "8"], "which-parts": "some", "part": ["absence"]}
        assert switch(browser, **chosen).status_code == 303
        assert on(site) == SwitchedOn(frozenset({7, 8}), frozenset({"absence"}))
        assert noted(site)[-1] == (HEAD, "replies switched on", "switch")
        page = said(browser.get(PAGE).text)
        assert "Replies go out to years 7 and 8, with absence." in page
        assert "by Mrs A. Quill : year 7 first" in page

    def test_what_was_chosen_can_be_taken_back(self, site):
        switch(site.open(HEAD), **{"which-years": "some", "year": ["7"]})
        switch(site.open(HEAD), reason="it went well")
        assert on(site).everything

    def test_what_is_ticked_beside_every_does_not_count(self, site):
        switch(site.open(HEAD), year=["7"], part=["absence"])
        assert on(site).everything

    def test_a_part_that_is_not_in_the_settings_any_more_is_still_shown_while_it_is_on(self, site):
        switch(site.open(HEAD), **{"which-parts": "some", "part": ["trip"]})
        assert 'value="trip" checked' in site.open(HEAD).get(PAGE).text

    @pytest.mark.parametrize("who", [LEAD, DEPUTY, ADMIN])
    def test_others_who_may_look_do_not_choose(self, site, who):
        browser = site.open(who)
        assert f'action="{PAGE}/switch"' not in browser.get(PAGE).text
        assert switch(browser).status_code == 404
        assert on(site).everything

    @pytest.mark.parametrize(
        "fields", [{"reason": "  "}, {"which-years": ""}, {"which-parts": "perhaps"}, {"which-years": "all"}]
    )
    def test_without_a_reason_or_a_choice_nothing_changes(self, site, fields):
        assert switch(site.open(HEAD), **fields).status_code == 400
        with site.database.read() as conn:
            assert last_choice(conn) is None

    def test_of_two_who_choose_the_second_is_told(self, site):
        first, second = site.open(HEAD), site.open(HEAD)
        shown = second.hidden(PAGE)
        switch(first, **{"which-years": "some", "year": ["7"]})
        again = switch(second, **shown)
        assert again.status_code == 409
        assert "Somebody else has chosen meanwhile" in again.text
        assert on(site).years == {7}

    def test_that_the_settings_only_rehearse_is_said_whatever_is_on(self, site):
        site.own = replace(site.own, ready=replace(READY, live=False))
        page = said(site.open(HEAD).get(PAGE).text)
        assert "No reply goes out: the settings rehearse. Switched on is every year" in page
