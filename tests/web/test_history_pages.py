"""The pages of one pupil and of one family: what waits, what was dealt with, and for whom that is to see."""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest

from tests.factories import PARENT, TEACHER, a_guardian, a_pupil, a_roster
from tests.store.builders import NOW
from tests.web.families import (
    FATHER,
    JAKE,
    LEAD,
    MIA,
    OFFICE,
    OSCAR,
    YEAR_7,
    YEAR_8,
    YEAR_10,
    Statements,
    receive,
    site,
)
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE
from triage.domain.model import Topic
from triage.store import audit, history_of
from triage.store.roster import replace_roster

__all__ = ["site"]

SENSITIVE = replace(CONTENTIOUS, topic=Topic.SENSITIVE_ISSUE)
YEAR_10_FLAG = replace(CONTENTIOUS, year=10)
PAGE_OF_JAKE = f"/pupils/{JAKE}"


def cases(page) -> list[int]:
    return [int(case) for case in re.findall(r'<h3><a href="/cases/(\d+)"', page.text)]


def sections(page) -> list[tuple[str, str]]:
    return re.findall(r'<h2 id="(\w+)">[\w ]+ <span class="number">(\d+)<', page.text)


def family_of(site, name: str, who: str = LEAD) -> str:
    """The address of a guardian's page, as a page of their pupil leads to it."""
    page = site.open(who).get(PAGE_OF_JAKE)
    (address,) = re.findall(rf'href="(/families/[^"]*)"><bdi>{name}<', page.text)
    return address


def ring(site, who: str, flag: int, version: int = 0) -> None:
    assert site.open(who).post(f"/flags/{flag}/rang", data={"version": str(version)}).status_code == 303


def discuss(site, flag: int) -> None:
    data = {"version": "0", "note": "", "at-once": "already under discussion"}
    assert site.open(YEAR_8).post(f"/flags/{flag}/resolve", data=data).status_code == 303


class TestOnePupil:
    def test_what_waits_and_what_was_dealt_with_stand_on_one_page(self, site):
        for _ in range(3):
            receive(site, CONTENTIOUS)
        ring(site, YEAR_8, 2)
        page = site.open(YEAR_8).get(PAGE_OF_JAKE)
        assert "<bdi>Jake Pole</bdi>, 8B</h1>" in page.text
        assert sections(page) == [("open", "2"), ("resolved", "1")]

    def test_a_sensitive_issue_under_discussion_is_said_with_its_last_day_here_and_on_its_case(self, site):
        case = receive(site, SENSITIVE)
        discuss(site, flag=1)
        for path in (PAGE_OF_JAKE, f"/cases/{case}"):
            assert "Sensitive issue: under discussion until 9 Dec 2026." in site.open(YEAR_8).get(path).text

    def test_whom_a_flag_does_not_wait_for_reads_nothing_of_how_it_was_closed(self, site):
        case = receive(site, SENSITIVE)
        discuss(site, flag=1)
        page = site.open(TEACHER).get(f"/cases/{case}")
        assert page.status_code == 200
        assert "under discussion until" not in page.text

    @pytest.mark.parametrize(("flag", "days"), [(CONTENTIOUS, 0), (SENSITIVE, 57)])
    def test_nothing_is_said_of_another_topic_nor_when_the_time_is_over(self, site, flag, days):
        case = receive(site, flag)
        discuss(site, flag=1)
        site.clock = lambda: NOW + timedelta(days=days)
        assert "under discussion until" not in site.open(YEAR_8).get(f"/cases/{case}").text

    def test_the_newest_comes_first(self, site):
        yesterday, today, before = (
            receive(site, CONTENTIOUS, at=NOW - timedelta(days=days)) for days in (1, 0, 9)
        )
        assert cases(site.open(YEAR_8).get(PAGE_OF_JAKE)) == [today, yesterday, before]

    def test_what_came_of_it_is_told_and_that_there_is_a_note_but_not_the_note(self, site):
        case = receive(site, CONTENTIOUS)
        form = {"reason": "dealt with in person", "note": "met by the quince tree", "version": "0"}
        site.open(YEAR_8).post("/flags/1/resolve", data=form)
        page = site.open(YEAR_8).get(PAGE_OF_JAKE).text
        assert re.search(rf"<strong>Dealt with in person</strong>, [^<]*, by <bdi>{YEAR_8}</bdi>", page)
        assert f'<a href="/cases/{case}#flag-1">with a note' in page
        assert "quince" not in page

    def test_no_note_is_spoken_of_where_there_is_none(self, site):
        receive(site, CONTENTIOUS)
        ring(site, YEAR_8, 1)
        assert "with a note" not in site.open(YEAR_8).get(PAGE_OF_JAKE).text

    def test_that_it_was_passed_on_reads_to_others_like_any_other_end(self, site):
        receive(site, replace(CONTENTIOUS, year=None))
        site.open(YEAR_8).post("/flags/1/pass", data={"version": "0", "note": ""})
        wrong = {"version": "0", "topic": "safeguarding", "note": "he fell off his bicycle"}
        assert site.open(LEAD).post("/flags/2/wrong", data=wrong).status_code == 303
        page = site.open(YEAR_7).get(PAGE_OF_JAKE).text
        assert re.search(rf"<strong>Closed</strong>, [^<]*, by <bdi>{YEAR_8}</bdi>", page)
        assert "safeguarding" not in page

    def test_who_talked_with_the_family_last_is_told(self, site):
        receive(site, CONTENTIOUS)
        receive(site, CONTENTIOUS)
        ring(site, LEAD, 1)
        ring(site, YEAR_8, 2)
        page = site.open(YEAR_8).get(PAGE_OF_JAKE).text
        expected = (
            f"Last talked with: Wed 14 Oct 2026, 10:30, dealt with by telephone, by <bdi>{YEAR_8}</bdi>"
        )
        assert expected in page

    def test_a_talk_over_a_case_that_is_closed_to_somebody_is_not_told_to_them(self, site):
        """The flag is theirs, but a safeguarding flag beside it keeps it closed whom the message is about."""
        receive(site, CONTENTIOUS, DISCLOSURE)
        receive(site, CONTENTIOUS)
        ring(site, LEAD, 1)
        assert "Nobody has noted a talk" in site.open(YEAR_8).get(PAGE_OF_JAKE).text
        assert "Last talked with" in site.open(LEAD).get(PAGE_OF_JAKE).text

    def test_whom_to_ring_is_there_with_the_way_to_the_family(self, site):
        receive(site, CONTENTIOUS)
        page = site.open(YEAR_8).get(PAGE_OF_JAKE).text
        assert 'href="tel:01632960123"' in page
        assert len(re.findall(r'href="/families/', page)) == 2

    def test_a_long_history_has_pages_on_which_nothing_is_lost_or_doubled(self, site, monkeypatch):
        monkeypatch.setattr(history_of, "PAGE", 2)
        made = [receive(site, CONTENTIOUS, at=NOW - timedelta(days=days)) for days in range(5)]
        ring(site, YEAR_8, 1)
        browser = site.open(YEAR_8)
        pages = [browser.get(f"{PAGE_OF_JAKE}?page={number}") for number in (1, 2, 3)]
        assert [case for page in pages for case in cases(page)] == [*made[1:], made[0]]
        assert sections(pages[0]) == [("open", "4")]
        assert "Page 2 of 3" in pages[1].text

    def test_the_database_is_asked_as_often_for_many_cases_as_for_few(self, site):
        asked = []
        for more in (2, 20):
            for _ in range(more):
                receive(site, CONTENTIOUS)
            browser = site.open(YEAR_8)
            with Statements(site.database) as statements:
                browser.get(PAGE_OF_JAKE)
            asked.append(statements.number)
        assert asked[0] == asked[1]

    @pytest.mark.parametrize("who", [YEAR_8, YEAR_7, TEACHER, OFFICE])
    def test_whoever_may_read_nothing_about_a_pupil_learns_nothing(self, site, who):
        receive(site, DISCLOSURE, CONTENTIOUS, ABSENCE)
        browser = site.open(who)
        known, unknown = browser.get(PAGE_OF_JAKE), browser.get("/pupils/P999")
        assert (known.status_code, unknown.status_code) == (404, 404)
        assert known.text == unknown.text

    def test_the_office_sees_the_absences_of_a_pupil_and_nothing_else(self, site):
        absent = receive(site, ABSENCE)
        receive(site, CONTENTIOUS)
        page = site.open(OFFICE).get(PAGE_OF_JAKE)
        assert (cases(page), sections(page)) == ([absent], [("open", "1")])

    def test_what_is_closed_to_somebody_is_not_even_counted(self, site):
        receive(site, CONTENTIOUS)
        receive(site, DISCLOSURE)
        assert sections(site.open(YEAR_8).get(PAGE_OF_JAKE)) == [("open", "1")]
        assert sections(site.open(LEAD).get(PAGE_OF_JAKE)) == [("open", "2")]

    def test_that_there_is_a_safeguarding_flag_about_a_pupil_waits_behind_the_second_factor(self, site):
        receive(site, DISCLOSURE)
        receive(site, CONTENTIOUS)
        lead, head_of_year = site.open(LEAD), site.open(YEAR_8)
        site.clock = lambda: NOW + timedelta(minutes=20)
        for browser, status in ((lead, 303), (head_of_year, 200)):
            later = site.open()
            later.cookies = browser.cookies
            page = later.get(PAGE_OF_JAKE)
            assert (page.status_code, "Safeguarding" in page.text) == (status, False)

    def test_so_does_what_else_was_found_in_its_message_on_a_page_without_that_flag(self, site, monkeypatch):
        monkeypatch.setattr(history_of, "PAGE", 1)
        receive(site, DISCLOSURE, CONTENTIOUS)
        lead = site.open(LEAD)
        assert "Safeguarding" not in lead.get(PAGE_OF_JAKE).text
        site.clock = lambda: NOW + timedelta(minutes=20)
        later = site.open()
        later.cookies = lead.cookies
        assert later.get(PAGE_OF_JAKE).status_code == 303

    def test_whose_words_were_shown_is_in_the_audit(self, site):
        made = [receive(site, CONTENTIOUS) for _ in range(2)]
        site.open(YEAR_8).get(PAGE_OF_JAKE)
        with site.database.read() as conn:
            seen = [(line.actor, line.object) for line in audit.lines(conn) if line.action == "words viewed"]
        assert seen == [(YEAR_8, f"cases {made[0]} {made[1]}")]

    def test_the_title_names_nobody(self, site):
        receive(site, CONTENTIOUS)
        assert "<title>One pupil - School inbox</title>" in site.open(YEAR_8).get(PAGE_OF_JAKE).text

    def test_a_pupil_who_has_left_is_found_by_their_id(self, site):
        case = receive(site, CONTENTIOUS, pupils=("P777",))
        page = site.open(YEAR_8).get("/pupils/P777")
        assert "no longer on the roster" in page.text
        assert cases(page) == [case]

    @pytest.mark.parametrize("odd", ["7/22 b", "ä?#%", "<b>"])
    def test_an_id_may_be_made_of_any_signs(self, site, odd):
        with site.database.write() as conn:
            replace_roster(
                conn, site.database.keyring, a_roster(pupils=[a_pupil(id=odd)]), "r", NOW, force=True
            )
        case = receive(site, CONTENTIOUS, pupils=(odd,))
        browser = site.open(YEAR_8)
        (address,) = set(re.findall(r'href="(/pupils/[^"]*)"', browser.get("/flags").text))
        assert address == f"/pupils/{quote(odd)}"
        assert cases(browser.get(address)) == [case]

    def test_an_id_that_nobody_can_have_is_not_found(self, site):
        assert site.open(YEAR_8).get("/pupils/%00").status_code == 404


class TestOneFamily:
    def test_brothers_and_sisters_stand_on_one_page_with_their_names(self, site):
        jake, oscar = receive(site, CONTENTIOUS), receive(site, YEAR_10_FLAG, pupils=(OSCAR,))
        page = site.open(LEAD).get(family_of(site, "Sara Pole"))
        assert "The family of <bdi>Sara Pole</bdi>" in page.text
        assert cases(page) == [oscar, jake]
        assert {JAKE, OSCAR} == set(re.findall(r'href="/pupils/(\w+)"', page.text))

    def test_a_head_of_year_learns_nothing_of_a_brother_in_another_year(self, site):
        receive(site, CONTENTIOUS)
        address = family_of(site, "Sara Pole")
        browser = site.open(YEAR_8)
        before = [browser.get(address).text, browser.get(PAGE_OF_JAKE).text]
        receive(site, YEAR_10_FLAG, pupils=(OSCAR,))
        assert [browser.get(address).text, browser.get(PAGE_OF_JAKE).text] == before
        assert "Oscar" not in before[0]

    def test_a_brother_whom_a_head_of_year_may_read_of_is_shown_to_them_alone(self, site):
        receive(site, CONTENTIOUS)
        address = family_of(site, "Sara Pole")
        oscar = receive(site, YEAR_10_FLAG, pupils=(OSCAR,))
        assert cases(site.open(YEAR_10).get(address)) == [oscar]

    def test_where_nothing_may_be_read_there_is_no_such_family(self, site):
        receive(site, CONTENTIOUS)
        address = family_of(site, "Sara Pole")
        browser = site.open(YEAR_7)
        closed, unknown = browser.get(address), browser.get("/families/0123456789")
        assert (closed.status_code, unknown.status_code) == (404, 404)
        assert closed.text == unknown.text

    def test_it_is_reached_from_a_case_by_who_may_read_it(self, site):
        case = receive(site, CONTENTIOUS)
        address = family_of(site, "Sara Pole", YEAR_8)
        assert f'href="{address}"' in site.open(YEAR_8).get(f"/cases/{case}").text
        assert "/families/" not in site.open(TEACHER).get(f"/cases/{case}").text

    def test_separated_parents_have_a_page_each_with_their_own_children_alone(self, site):
        receive(site, CONTENTIOUS)
        mia = receive(site, replace(CONTENTIOUS, year=9), pupils=(MIA,), sender=FATHER)
        hers, his = (site.open(LEAD).get(family_of(site, name)) for name in ("Sara Pole", "Tom Vance"))
        assert mia not in cases(hers)
        assert "Mia" not in hers.text
        assert mia in cases(his)
        assert "Oscar" not in his.text

    def test_what_one_parent_wrote_about_their_child_is_on_the_page_of_the_other(self, site):
        """The page is for staff, as far as their scope goes, and not for either parent."""
        case = receive(site, CONTENTIOUS, sender=FATHER)
        assert cases(site.open(YEAR_8).get(family_of(site, "Sara Pole", YEAR_8))) == [case]

    def test_what_a_parent_wrote_without_a_name_is_there_too(self, site):
        jake, nobody = receive(site, CONTENTIOUS), receive(site, CONTENTIOUS, pupils=())
        page = site.open(LEAD).get(family_of(site, "Sara Pole"))
        assert cases(page) == [nobody, jake]
        assert "No pupil is named." in page.text

    def test_a_message_that_names_nobody_opens_no_family(self, site):
        """Else a head of year could tell that its sender has a child in another year."""
        receive(site, CONTENTIOUS)
        address = family_of(site, "Sara Pole")
        receive(site, replace(CONTENTIOUS, year=None), pupils=())
        assert site.open(YEAR_7).get(address).status_code == 404

    def test_a_guardian_who_can_only_be_rung_has_a_page_with_their_number(self, site):
        mother = replace(a_guardian(id="G009", name="Ana Pole", address=""), telephone="01632 960777")
        roster = a_roster(pupils=[a_pupil()], guardians=[mother, a_guardian()])
        with site.database.write() as conn:
            replace_roster(conn, site.database.keyring, roster, "roster.csv", NOW, force=True)
        case = receive(site, CONTENTIOUS)
        nobodys = receive(site, CONTENTIOUS, pupils=(), sender="")
        page = site.open(LEAD).get(family_of(site, "Ana Pole"))
        assert cases(page) == [case]
        assert 'href="tel:01632960777"' in page.text
        assert f"/cases/{nobodys}" not in page.text

    def test_the_address_of_the_page_tells_nothing(self, site):
        receive(site, CONTENTIOUS)
        address = family_of(site, "Sara Pole")
        assert re.fullmatch(r"/families/[0-9a-f]{24}", address)
        assert "<title>One family - School inbox</title>" in site.open(LEAD).get(address).text

    def test_an_allegation_about_somebody_is_not_on_their_page_of_the_family(self, site):
        about = replace(CONTENTIOUS, topic=Topic.COMPLAINT, about=LEAD, year=8)
        receive(site, CONTENTIOUS)
        hidden = receive(site, about)
        address = family_of(site, "Sara Pole", YEAR_8)
        assert hidden not in cases(site.open(LEAD).get(address))
        assert hidden in cases(site.open("safe2@oakfield.example").get(address))
        assert PARENT in site.open(LEAD).get(address).text
