"""The page of the audit: who saw and did what, for whoever watches over it; a look is itself a line."""

import csv
import re
from datetime import timedelta
from io import StringIO

import pytest

from tests.factories import PARENT, TEACHER
from tests.store.builders import NOW
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE, SECRET, SUBJECT
from triage.domain.model import Flag, Route, Severity, Topic
from triage.store import audit, audit_search

ADMIN, OFFICER, HEAD = "admin@oakfield.example", "data@oakfield.example", "head@oakfield.example"
LEAD, YEAR_8 = "safe@oakfield.example", "year8@oakfield.example"
DAY = timedelta(days=1)
REQUEST = Flag(Topic.DATA_REQUEST, Severity.REVIEW, Route.DATA_PROTECTION_OFFICER, why="a right")


def write(site, *things: str, actor: str = LEAD, action: str = "text viewed", at=NOW) -> None:
    with site.database.write() as conn:
        for thing in things:
            audit.append(conn, site.database.keyring, at, actor, action, object_=thing)


def looks(page) -> list[tuple[str, str, str]]:
    """Each line as the page shows it: when, who, what; those of signing in and of looking here left out."""
    assert page.status_code == 200, page.text
    lines = re.findall(
        r'<time [^>]*>(.*?)</time>\s*<bdi class="actor">(.*?)</bdi>\s*<span class="deed">(.*?)</span>',
        page.text,
    )
    every = [(time, actor, re.sub(r"<[^>]+>", "", deed)) for time, actor, deed in lines]
    return [line for line in every if not re.search("Signed in|factor|Audit", line[2])]


def deeds(page) -> list[str]:
    return [deed for _, _, deed in looks(page)]


def search(browser, **fields: str):
    return browser.post("/audit", data=fields, page="/audit")


def download(browser, **fields: str) -> list[list[str]]:
    answer = browser.post("/audit/lines.csv", data=fields, page="/audit")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="audit-[\d-]+\.csv"', answer.headers["content-disposition"])
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))


def objects(rows: list[list[str]]) -> list[str]:
    return [thing for _, _, action, thing in rows if action == "text viewed"]


def actions(site) -> list[tuple[str, str, str]]:
    with site.database.read() as conn:
        assert audit.verify(conn, site.database.keyring) is None
        return [(line.actor, line.action, line.object) for line in audit.lines(conn)]


class TestWhoMayOpenIt:
    @pytest.mark.parametrize("who", [ADMIN, OFFICER])
    def test_it_is_for_the_data_protection_officer_and_administrators(self, site, who):
        assert site.open(who).get("/audit").status_code == 200

    @pytest.mark.parametrize("who", [HEAD, LEAD, YEAR_8, "office@oakfield.example", TEACHER])
    def test_for_others_there_is_no_such_page(self, site, who):
        browser = site.open(who)
        assert browser.get("/audit").status_code == 404
        assert browser.post("/audit", data={"before": "x"}).status_code == 404
        assert browser.post("/audit/lines.csv").status_code == 404
        assert "audit" not in {thing for _, _, thing in actions(site)}


class TestTheLines:
    def test_the_newest_come_first_with_time_person_and_deed(self, site):
        write(site, "case 1", at=NOW)
        write(site, "flag 2", actor=YEAR_8, action="flag resolved", at=NOW + timedelta(hours=1))
        assert looks(site.open(OFFICER).get("/audit")) == [
            ("11:30", YEAR_8, "Flag resolved: flag 2"),
            ("10:30", LEAD, "Text viewed: case 1"),
        ]

    def test_they_stand_under_their_day_in_the_schools_zone(self, site):
        write(site, "case 1", at=NOW - DAY)
        write(site, "case 2", at=NOW.replace(hour=23, minute=30) - DAY)
        page = site.open(OFFICER).get("/audit")
        assert re.findall(r'class="tier">([^<]*)<', page.text) == ["Wed 14 Oct 2026", "Tue 13 Oct 2026"]
        assert looks(page)[0][0] == "00:30"

    def test_a_look_is_itself_a_line(self, site):
        browser = site.open(OFFICER)
        browser.get("/audit")
        assert actions(site)[-1] == (OFFICER, "audit viewed", "audit")
        search(browser, person="safe")
        download(browser)
        assert actions(site)[-1] == (OFFICER, "audit downloaded", "audit")

    def test_who_it_was_cannot_write_upon_the_page(self, site):
        write(site, "case 1", actor="<b>bold</b>@oakfield.example")
        assert looks(site.open(OFFICER).get("/audit"))[0][1] == "&lt;b&gt;bold&lt;/b&gt;@oakfield.example"

    def test_no_word_of_a_message_is_shown(self, site):
        site.messages(CONTENTIOUS, DISCLOSURE)
        site.open(YEAR_8).get("/flags")
        site.open(LEAD).get("/cases/2")
        page = site.open(OFFICER).get("/audit")
        assert {"Words viewed: cases 1", "Text viewed: case 2"} <= set(deeds(page))
        assert not any(word in page.text for word in (SECRET, SUBJECT, PARENT))

    def test_older_lines_are_a_page_away_and_none_is_missed(self, site, monkeypatch):
        monkeypatch.setattr("triage.web.audit_page.PAGE", 3)
        write(site, *(f"case {number}" for number in range(7)))
        browser, seen, path = site.open(OFFICER), [], "/audit"
        while path:
            page = browser.get(path)
            seen += deeds(page)
            path = next(iter(re.findall(r'href="(/audit\?before=\d+)"', page.text)), None)
        assert seen == [f"Text viewed: case {number}" for number in range(6, -1, -1)]

    @pytest.mark.parametrize("before", ["0", "1", "2147483646"])
    def test_beyond_either_end_there_is_a_page_too(self, site, before):
        write(site, "case 1")
        assert site.open(OFFICER).get(f"/audit?before={before}").status_code == 200

    @pytest.mark.parametrize("before", ["x", "-1", "", "2147483648", "9" * 30])
    def test_an_address_that_nobody_was_given_is_not_understood(self, site, before):
        assert site.open(OFFICER).get(f"/audit?before={before}").status_code == 400


class TestLookingFor:
    @pytest.fixture
    def browser(self, site):
        write(site, "case 12", "case 120", at=NOW - DAY)
        write(site, "cases 3 12 40", actor=YEAR_8, action="words viewed")
        write(site, "flag 12", actor=YEAR_8, action="flag resolved")
        return site.open(OFFICER)

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            ({"person": "YEAR8@"}, ["Flag resolved: flag 12", "Words viewed: cases 3 12 40"]),
            ({"action": "words"}, ["Words viewed: cases 3 12 40"]),
            ({"thing": "case 12"}, ["Words viewed: cases 3 12 40", "Text viewed: case 12"]),
            ({"thing": "12"}, ["Words viewed: cases 3 12 40", "Text viewed: case 12"]),
            ({"until": "2026-10-13"}, ["Text viewed: case 120", "Text viewed: case 12"]),
            ({"since": "2026-10-14", "thing": "flag 12"}, ["Flag resolved: flag 12"]),
            ({"person": "nobody"}, []),
        ],
    )
    def test_by_person_by_deed_by_id_and_by_day(self, browser, wanted, found):
        assert deeds(search(browser, **wanted)) == found

    def test_nothing_found_is_said(self, browser):
        assert "No line fits." in search(browser, person="nobody").text

    def test_what_was_looked_for_stands_in_the_form_again_and_in_no_address(self, browser):
        page = search(browser, person=YEAR_8)
        assert f'value="{YEAR_8}"' in page.text
        assert str(page.url).endswith("/audit")
        assert not re.search(rf'(href|action)="[^"]*{YEAR_8}', page.text)

    def test_older_lines_of_a_search_are_sent_as_a_form_too(self, site, browser, monkeypatch):
        monkeypatch.setattr("triage.web.audit_page.PAGE", 1)
        page = search(browser, thing="case 12")
        older = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
        assert deeds(page) == ["Words viewed: cases 3 12 40"]
        assert deeds(browser.post("/audit", data=older)) == ["Text viewed: case 12"]

    def test_a_search_for_a_person_says_how_far_it_came(self, browser, monkeypatch):
        monkeypatch.setattr(audit_search, "MOST_DECRYPTED", 3)
        page = search(browser, person="safe@")
        assert "Looked back as far as Wed 14 Oct 2026, 10:30." in page.text
        assert "Look further back" in page.text

    @pytest.mark.parametrize("days", [{"since": "today"}, {"since": "2026-10-14", "until": "2026-10-13"}])
    def test_days_that_cannot_be_are_refused_in_words(self, browser, days):
        answer = search(browser, **days)
        assert (answer.status_code, "look at the days" in answer.text) == (400, True)


class TestWhereItLeads:
    def test_an_administrator_is_led_to_every_case_that_there_is(self, site):
        case = site.message(CONTENTIOUS)
        write(site, f"cases {case} 999")
        browser = site.open(ADMIN)
        links = re.findall(r'href="(/cases/\d+)"', browser.get("/audit").text)
        assert links == [f"/cases/{case}"]
        assert browser.get(links[0]).status_code == 200

    def test_a_data_protection_officer_is_led_to_their_own_cases_alone(self, site):
        ordinary, request = site.message(ABSENCE), site.message(REQUEST)
        write(site, f"cases {ordinary} {request}")
        page = site.open(OFFICER).get("/audit")
        assert re.findall(r'href="(/cases/\d+)"', page.text) == [f"/cases/{request}"]
        assert deeds(page) == [f"Text viewed: cases {ordinary} {request}"]

    def test_nobody_learns_that_somebody_looks_at_what_is_alleged_about_them(self, site):
        case = site.message(Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=ADMIN, why="x"))
        write(site, f"case {case}", f"cases {case} 40", "flag 1", actor=HEAD)
        browser = site.open(ADMIN)
        assert deeds(browser.get("/audit")) == ["Text viewed: cases 40"]
        assert deeds(search(browser, thing=f"case {case}")) == []
        assert objects(download(browser)) == ["cases 40"]


class TestTheFile:
    def test_it_holds_the_lines_that_fit_with_times_of_the_schools_zone(self, site):
        write(site, "case 1", "case 2")
        rows = download(site.open(OFFICER), thing="case 2")
        assert rows == [
            ["When", "Who", "What was done", "On what"],
            ["2026-10-14 10:30:00+01:00", LEAD, "text viewed", "case 2"],
        ]

    def test_it_holds_all_of_many_lines(self, site, monkeypatch):
        monkeypatch.setattr("triage.web.audit_page.AT_ONCE", 2)
        write(site, *(f"case {number}" for number in range(5)))
        found = objects(download(site.open(OFFICER)))
        assert found == [f"case {number}" for number in range(4, -1, -1)]

    def test_nothing_in_it_is_a_formula(self, site):
        write(site, "case 1", actor="=HYPERLINK(1)@oakfield.example")
        (_, who, _, _) = download(site.open(OFFICER), thing="case 1")[1]
        assert who == "'=HYPERLINK(1)@oakfield.example"
