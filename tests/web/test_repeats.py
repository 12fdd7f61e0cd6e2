"""Three messages about one thing within a week are one line of the queue, one thing to do, and one tick."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store.builders import NOW
from tests.web.families import FATHER, LEAD, OSCAR, YEAR_8, receive, site
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE
from triage.domain.model import Severity, Topic
from triage.domain.visibility import Scope
from triage.store import queue
from triage.store.flags import list_flags

__all__ = ["site"]

PRESSING = replace(CONTENTIOUS, severity=Severity.HIGH)
ILL = replace(CONTENTIOUS, topic=Topic.MEDICAL)


def heading(page) -> str:
    return re.search(r'<h1 id="today">([^<]*)</h1>', page.text)[1]


def groups(page) -> list[list[int]]:
    """The cases of each line: the one that it shows, then those folded into it."""
    lines = re.split(r'<li class="entry"', page.text)[1:]
    return [
        list(dict.fromkeys(int(case) for case in re.findall(r'href="/cases/(\d+)"', one))) for one in lines
    ]


def ticks(page) -> list[str]:
    return re.findall(r'type="checkbox" form="bulk" name="flag" value="([\d. ]+)"', page.text)


def left_open(site) -> list[int]:
    with site.database.read() as conn:
        return sorted(row.id for row in list_flags(conn, Scope("x", everything=True)))


def closed(site) -> list[int]:
    with site.database.read() as conn:
        return sorted(row.id for row in list_flags(conn, Scope("x", everything=True), "resolved"))


class TestTheQueue:
    def test_repeats_of_a_week_are_one_line_with_a_fold(self, site):
        first, second = receive(site, CONTENTIOUS), receive(site, CONTENTIOUS, sender=FATHER)
        third = receive(site, CONTENTIOUS, pupils=(), at=NOW - timedelta(days=6))
        other = receive(site, CONTENTIOUS, pupils=(OSCAR,))
        page = site.open(YEAR_8).get("/flags")
        assert groups(page) == [[other, third], [second, first]]

    def test_how_many_messages_there_are_is_said(self, site):
        for _ in range(3):
            receive(site, CONTENTIOUS)
        page = site.open(YEAR_8).get("/flags").text
        assert "<summary>3 messages this week</summary>" in page

    def test_of_what_is_older_it_says_no_more_than_that_it_came_within_a_week(self, site):
        for days in (20, 22):
            receive(site, CONTENTIOUS, at=NOW - timedelta(days=days))
        assert "<summary>2 messages within a week</summary>" in site.open(YEAR_8).get("/flags").text

    def test_two_flags_of_one_message_are_not_called_two_messages(self, site):
        receive(site, CONTENTIOUS, replace(CONTENTIOUS, year=9))
        assert "<summary>2 flags of one message</summary>" in site.open(LEAD).get("/flags").text

    def test_flags_and_things_to_do_are_both_counted(self, site):
        for flag in (CONTENTIOUS, CONTENTIOUS, CONTENTIOUS, ILL):
            receive(site, flag)
        page = site.open(YEAR_8).get("/flags")
        assert heading(page) == "Today: 4 flags, 2 things to do, about 4 minutes"

    def test_with_more_pages_the_time_is_the_longest_that_it_may_be(self, site, monkeypatch):
        monkeypatch.setattr(queue, "PAGE", 2)
        for _ in range(3):
            receive(site, CONTENTIOUS)
        assert heading(site.open(YEAR_8).get("/flags")) == "Today: 3, at most 6 minutes"

    def test_a_group_stands_where_its_most_pressing_flag_does(self, site):
        mild = receive(site, CONTENTIOUS)
        between = receive(site, replace(ILL, severity=Severity.HIGH))
        pressing = receive(site, replace(PRESSING, deadline=NOW))
        page = site.open(YEAR_8).get("/flags")
        assert groups(page) == [[pressing, mild], [between]]
        assert re.findall(r'<h2 id="(\w+)"', page.text) == ["high"]

    def test_pages_follow_one_another_with_nothing_lost_or_doubled(self, site, monkeypatch):
        """What stands together is looked for within a page: a group that a page's end cuts is two lines."""
        monkeypatch.setattr(queue, "PAGE", 3)
        made = [receive(site, CONTENTIOUS, pupils=("P001" if number % 2 else OSCAR,)) for number in range(8)]
        browser = site.open(YEAR_8)
        pages = [groups(browser.get(f"/flags?page={number}")) for number in (1, 2, 3)]
        assert sorted(case for page in pages for group in page for case in group) == made
        assert [len(page) for page in pages] == [2, 2, 2]

    def test_what_is_dealt_with_is_listed_singly(self, site):
        for _ in range(2):
            receive(site, CONTENTIOUS)
        browser = site.open(YEAR_8)
        (tick,) = ticks(browser.get("/flags"))
        browser.post("/flags/resolve", data={"flag": [tick], "reason": "nothing to do"})
        view = browser.post("/flags/search", data={"state": "resolved"}).headers["location"]
        assert [len(group) for group in groups(browser.get(view))] == [1, 1]


class TestWhatStandsAlone:
    def test_safeguarding_flags_stand_with_nothing(self, site):
        made = [receive(site, flag) for flag in (DISCLOSURE, DISCLOSURE, CONTENTIOUS)]
        assert sorted(groups(site.open(LEAD).get("/flags"))) == [[case] for case in made]

    def test_nor_does_an_allegation(self, site):
        about = replace(CONTENTIOUS, topic=Topic.COMPLAINT, about="r.hale@oakfield.example")
        made = [receive(site, about) for _ in range(2)]
        assert sorted(groups(site.open(LEAD).get("/flags"))) == [[case] for case in made]

    def test_nor_does_a_flag_whose_message_its_viewer_may_not_read(self, site):
        """Beside it is a safeguarding flag: that this one repeats another would tell of the text."""
        shut = receive(site, CONTENTIOUS, DISCLOSURE)
        plain = [receive(site, CONTENTIOUS) for _ in range(2)]
        assert sorted(map(sorted, groups(site.open(YEAR_8).get("/flags")))) == [[shut], plain]

    def test_nor_what_else_was_found_in_a_safeguarding_message(self, site):
        kept = receive(site, CONTENTIOUS, DISCLOSURE)
        plain = [receive(site, CONTENTIOUS) for _ in range(2)]
        lines = [sorted(line) for line in groups(site.open(LEAD).get("/flags"))]
        assert sorted(lines) == [[kept], [kept], plain]


class TestClosing:
    @pytest.fixture
    def three(self, site):
        """Three flags that stand together, of which the second was taken by somebody, and one beside them."""
        for flag in (CONTENTIOUS, CONTENTIOUS, CONTENTIOUS, ILL):
            receive(site, flag)
        return site

    def test_one_tick_closes_all_that_stand_together(self, three):
        browser = three.open(YEAR_8)
        together = next(tick for tick in ticks(browser.get("/flags")) if " " in tick)
        sent = browser.post("/flags/resolve", data={"flag": [together], "reason": "nothing to do"})
        assert sent.status_code == 303
        assert (closed(three), left_open(three)) == ([1, 2, 3], [4])

    def test_what_somebody_changed_meanwhile_stays_open_and_the_others_are_closed(self, three):
        browser = three.open(YEAR_8)
        together = next(tick for tick in ticks(browser.get("/flags")) if " " in tick)
        three.open(LEAD).post("/flags/2/rang", data={"version": "0"})
        sent = browser.post("/flags/resolve", data={"flag": [together], "reason": "nothing to do"})
        assert sent.status_code == 409
        assert "2 of 3 were closed" in sent.text

    def test_what_came_since_the_page_was_shown_stays_open(self, three):
        browser = three.open(YEAR_8)
        together = next(tick for tick in ticks(browser.get("/flags")) if " " in tick)
        receive(three, CONTENTIOUS)
        browser.post("/flags/resolve", data={"flag": [together], "reason": "nothing to do"})
        assert left_open(three) == [4, 5]

    def test_one_call_home_closes_them_all(self, three):
        browser = three.open(YEAR_8)
        page = browser.get("/flags").text
        also = re.search(r'name="also" value="([\d. ]+)"', page)[1]
        assert "Rang home about all 3" in page
        assert browser.post("/flags/3/rang", data={"version": "0", "also": also}).status_code == 303
        assert (closed(three), left_open(three)) == ([1, 2, 3], [4])

    def test_a_flag_that_is_named_twice_is_closed_once_and_nothing_is_amiss(self, three):
        form = {"flag": ["1.0 2.0", "2.0"], "reason": "nothing to do"}
        assert three.open(YEAR_8).post("/flags/resolve", data=form).status_code == 303
        assert closed(three) == [1, 2]

    def test_a_safeguarding_flag_that_somebody_adds_to_a_form_stays_open(self, three):
        receive(three, DISCLOSURE)
        three.open(LEAD).post("/flags/1/rang", data={"version": "0", "also": "5.0"})
        assert 5 in left_open(three)

    @pytest.mark.parametrize("sent", ["x", "1", "1.0 2.x", "-1.0"])
    def test_what_no_page_has_given_is_not_understood(self, three, sent):
        form = {"flag": [sent], "reason": "nothing to do"}
        assert three.open(YEAR_8).post("/flags/resolve", data=form).status_code == 400
        assert closed(three) == []


def test_absences_of_one_child_stand_together_for_the_office(site):
    for days in (0, 1):
        receive(site, ABSENCE, at=NOW - timedelta(days=days))
    assert len(groups(site.open("office@oakfield.example").get("/flags"))) == 1
