"""The queue of flags: what a head of year sees in the morning, and does without opening a case."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import GUARDIAN, PARENT, TEACHER, a_roster
from tests.store.builders import NOW
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE, SUBJECT
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.visibility import Scope
from triage.store import audit, queue
from triage.store.flags import list_flags
from triage.store.roster import replace_roster
from triage.store.switches import stop_replies

LEAD, OFFICE = "safe@oakfield.example", "office@oakfield.example"
YEAR_8, YEAR_7 = "year8@oakfield.example", "year7@oakfield.example"
TODAY = replace(CONTENTIOUS, topic=Topic.COMPLAINT, severity=Severity.HIGH, joined=(Topic.ABSENCE,))
ILL = replace(CONTENTIOUS, topic=Topic.MEDICAL)


def heading(page) -> str:
    return re.search(r'<h1 id="today">([^<]*)</h1>', page.text)[1]


def states(site) -> list[tuple[str, str]]:
    with site.database.read() as conn:
        every = [*list_flags(conn, Scope("x", everything=True)), *resolved(conn)]
    return sorted((row.flag.topic.value, row.state) for row in every)


def resolved(conn):
    return list_flags(conn, Scope("x", everything=True), "resolved")


def ticks(page) -> list[str]:
    return re.findall(r'name="flag" value="([\d.]+)"', page.text)


def search(browser, **wanted):
    """Send the search form and return the page that it leads to."""
    sent = browser.post("/flags/search", data=wanted)
    assert sent.status_code == 303, sent.text
    return browser.get(sent.headers["location"])


class TestWhatIsShown:
    def test_an_empty_queue_says_so(self, site):
        page = site.open(YEAR_8).get("/flags")
        assert heading(page) == "Today: nothing waits for you"
        assert "Nothing waits for you." in page.text

    def test_how_much_there_is_and_how_long_it_may_take(self, site):
        site.messages(CONTENTIOUS, TODAY, ILL)
        assert heading(site.open(YEAR_8).get("/flags")) == "Today: 3, about 6 minutes"

    def test_of_very_many_it_says_no_more_than_that(self, site, monkeypatch):
        monkeypatch.setattr(queue, "COUNTED", 2)
        monkeypatch.setattr("triage.web.queue_page.COUNTED", 2)
        site.messages(CONTENTIOUS, TODAY, CONTENTIOUS)
        assert heading(site.open(YEAR_8).get("/flags")) == "Today: more than 1"

    def test_the_most_pressing_tier_comes_first_in_words_and_not_by_colour_alone(self, site):
        site.messages(CONTENTIOUS, TODAY, DISCLOSURE)
        page = site.open(LEAD).get("/flags").text
        assert re.findall(r'class="severity (\w+)">([^<]*)<', page) == [
            ("immediate", "Now"),
            ("high", "Today, before anything else"),
            ("review", "With your queue"),
        ]

    def test_the_topics_for_which_a_flag_stands_are_all_named(self, site):
        site.messages(TODAY)
        assert "Complaint, absence</a>" in site.open(YEAR_8).get("/flags").text

    def test_the_words_that_show_why_are_marked_as_the_softwares_guess(self, site):
        site.messages(TODAY)
        page = site.open(YEAR_8).get("/flags").text
        assert re.search(rf"The software's guess:</span> <mark><bdi>{SUBJECT}</bdi></mark>", page)

    def test_whom_to_ring_stands_beside_it(self, site):
        with site.database.write() as conn:
            roster = a_roster(guardians=[replace(GUARDIAN, telephone="+44 1632 960123")])
            replace_roster(conn, site.database.keyring, roster, "roster.csv", NOW)
        site.messages(CONTENTIOUS)
        page = site.open(YEAR_8).get("/flags").text
        assert 'href="tel:+441632960123"' in page
        assert "Jake Pole" in page
        assert "(wrote this)" in page

    def test_a_deadline_that_has_passed_is_called_overdue(self, site):
        late, timely = NOW - timedelta(hours=1), NOW + timedelta(days=1)
        site.messages(replace(ABSENCE, deadline=late), replace(CONTENTIOUS, deadline=timely))
        assert site.open(LEAD).get("/flags").text.count("overdue</strong>") == 1

    def test_times_are_those_of_the_schools_zone(self, site):
        site.messages(replace(CONTENTIOUS, deadline=NOW))
        assert "Wed 14 Oct 2026, 10:30" in site.open(YEAR_8).get("/flags").text

    def test_stopped_replies_are_said_above_the_queue(self, site):
        with site.database.write() as conn:
            stop_replies(conn, "a storm of mail", "the office", NOW)
        page = site.open(YEAR_8).get("/flags").text
        assert page.index("All replies are stopped") < page.index("<h1")
        assert "a storm of mail" in page

    def test_a_long_queue_has_pages(self, site, monkeypatch):
        monkeypatch.setattr(queue, "PAGE", 2)
        site.messages(*[CONTENTIOUS] * 3)
        browser = site.open(YEAR_8)
        assert "Page 1 of 2" in browser.get("/flags").text
        assert browser.get("/flags?page=2").text.count('class="entry"') == 1

    @pytest.mark.parametrize(
        "asked", ["page=x", "page=-1", "view=x", "view=2147483648", "view=9999999999", "page=" + "9" * 30]
    )
    def test_an_address_that_nobody_was_given_is_not_understood(self, site, asked):
        assert site.open(YEAR_8).get(f"/flags?{asked}").status_code == 400


class TestWhatIsKept:
    def test_the_words_of_a_safeguarding_message_wait_behind_the_second_factor(self, site):
        """Of a session that gave it long ago the queue shows that there is a flag, and no word of it."""
        site.messages(DISCLOSURE)
        later = site.open(LEAD)
        site.clock = lambda: NOW + timedelta(minutes=20)
        page = later_page(site, later)
        assert "Safeguarding" in page
        assert PARENT not in page

    def test_whose_words_the_queue_has_shown_is_in_the_audit(self, site):
        site.messages(CONTENTIOUS, DISCLOSURE, CONTENTIOUS)
        site.open(YEAR_8).get("/flags")
        with site.database.read() as conn:
            seen = [(line.actor, line.object) for line in audit.lines(conn) if line.action == "words viewed"]
        assert seen == [(YEAR_8, "cases 1 3")]

    def test_where_no_word_was_shown_the_audit_says_nothing(self, site):
        site.messages(CONTENTIOUS)
        site.open(TEACHER).get("/flags")
        with site.database.read() as conn:
            assert "words viewed" not in {line.action for line in audit.lines(conn)}

    def test_totals_are_for_who_may_count_them_all(self, site):
        site.messages(CONTENTIOUS, DISCLOSURE)
        assert "Every open flag, counted" in site.open("head@oakfield.example").get("/flags").text
        assert "Every open flag, counted" not in site.open(YEAR_8).get("/flags").text


def later_page(site, browser) -> str:
    """Open the queue with the session of a browser, on a site whose clock has moved on."""
    again = site.open()
    again.cookies = browser.cookies
    return again.get("/flags").text


class TestSearching:
    def test_what_is_looked_for_never_stands_in_an_address(self, site):
        site.messages(CONTENTIOUS)
        sent = site.open(YEAR_8).post("/flags/search", data={"words": "xylophone", "sender": PARENT})
        assert re.fullmatch(r"/flags\?view=\d+", sent.headers["location"])

    def test_a_message_is_found_by_its_words(self, site):
        site.message(CONTENTIOUS, text="The xylophone fell.")
        site.message(CONTENTIOUS, text="The bus was late.")
        page = search(site.open(YEAR_8), words="Xylophone")
        assert heading(page) == "1 found"

    def test_a_closed_flag_that_is_found_beside_open_ones_is_called_closed(self, site):
        site.messages(CONTENTIOUS)
        browser = site.open(YEAR_8)
        flag, version = ticks(browser.get("/flags"))[0].split(".")
        browser.post(f"/flags/{flag}/rang", data={"version": version})
        site.messages(ILL)
        page = search(browser, state="any")
        assert heading(page) == "2 found"
        assert page.text.count("<dd>Closed</dd>") == 1
        assert '<option value="any" selected>Open and closed</option>' in page.text

    def test_what_was_looked_for_stands_in_the_form_again(self, site):
        assert 'value="xylophone"' in search(site.open(YEAR_8), words="xylophone").text

    def test_nothing_found_is_said(self, site):
        assert "Nothing matches." in search(site.open(YEAR_8), words="xylophone").text

    @pytest.mark.parametrize(
        "wanted",
        [
            {"since": "yesterday"},
            {"until": "9999-12-31"},
            {"year": "9" * 30},
            {"topic": "a\0b"},
            {"pupil": "P1\0"},
        ],
        ids=str,
    )
    def test_a_search_that_cannot_be_meant_is_refused_in_words(self, site, wanted):
        sent = site.open(YEAR_8).post("/flags/search", data=wanted)
        assert sent.status_code == 400
        assert "look at the dates" in sent.text

    @pytest.mark.parametrize("wanted", [{"year": "20"}, {"until": "2100-12-31"}, {"since": "2000-01-01"}])
    def test_whatever_can_be_meant_is_looked_for(self, site, wanted):
        assert heading(search(site.open(YEAR_8), **wanted)).endswith(" found")

    def test_a_view_can_be_named_found_again_and_forgotten(self, site):
        browser = site.open(YEAR_8)
        sent = browser.post("/flags/search", data={"topic": "complaint"})
        (view,) = re.findall(r"\d+", sent.headers["location"])
        browser.post(f"/views/{view}/name", data={"name": "Complaints <b>"})
        assert f'href="/flags?view={view}"' in browser.get("/flags").text
        assert "<bdi>Complaints &lt;b&gt;</bdi>" in browser.get("/flags").text
        browser.post(f"/views/{view}/forget")
        assert browser.get(f"/flags?view={view}").status_code == 404

    def test_the_view_of_another_is_not_found(self, site):
        sent = site.open(YEAR_8).post("/flags/search", data={"words": "bus"})
        assert site.open(YEAR_7).get(sent.headers["location"]).status_code == 404


class TestClosingWithoutOpening:
    def test_rang_home_closes_a_flag(self, site):
        site.messages(CONTENTIOUS)
        browser = site.open(YEAR_8)
        (tick,) = ticks(browser.get("/flags"))
        flag, version = tick.split(".")
        assert browser.post(f"/flags/{flag}/rang", data={"version": version}).status_code == 303
        assert states(site) == [("contentious", "resolved")]

    def test_those_ticked_are_closed_and_the_others_are_not(self, site):
        site.messages(CONTENTIOUS, TODAY, ILL)
        browser = site.open(YEAR_8)
        first, second, _ = ticks(browser.get("/flags"))
        closed = browser.post("/flags/resolve", data={"flag": [first, second], "reason": "nothing to do"})
        assert closed.status_code == 303
        assert [state for _, state in states(site)].count("resolved") == 2

    def test_what_somebody_changed_meanwhile_stays_open_and_is_told(self, site):
        site.messages(CONTENTIOUS)
        browser = site.open(YEAR_8)
        (tick,) = ticks(browser.get("/flags"))
        number = tick.split(".")[0]
        site.open(LEAD).post(f"/flags/{number}/rang", data={"version": "0"})
        again = browser.post(f"/flags/{number}/rang", data={"version": "0"})
        assert again.status_code == 409
        assert "Somebody else has changed this flag" in again.text

    def test_a_safeguarding_flag_cannot_be_closed_without_its_page(self, site):
        site.messages(DISCLOSURE)
        browser = site.open(LEAD)
        assert ticks(browser.get("/flags")) == []
        sent = browser.post("/flags/resolve", data={"flag": ["1.0"], "reason": "nothing to do"})
        assert sent.status_code == 409
        assert states(site) == [("safeguarding", "open")]

    def test_nobody_closes_the_flag_of_another(self, site):
        site.messages(CONTENTIOUS)
        for who in (YEAR_7, OFFICE, TEACHER):
            assert site.open(who).post("/flags/1/rang", data={"version": "0"}).status_code == 409
        assert states(site) == [("contentious", "open")]

    @pytest.mark.parametrize("large", ["2147483647", "2147483648", "9999999999"])
    def test_a_number_that_no_page_gives_closes_nothing(self, site, large):
        site.messages(CONTENTIOUS)
        browser = site.open(YEAR_8)
        forms = [
            ("/flags/1/rang", {"version": large}),
            ("/flags/1/rang", {"version": "0", "also": f"{large}.0"}),
            ("/flags/resolve", {"flag": f"{large}.0", "reason": "nothing to do"}),
            ("/flags/resolve", {"flag": f"1.{large}", "reason": "nothing to do"}),
        ]
        assert [browser.post(path, data=form).status_code for path, form in forms] == [400] * 4
        assert states(site) == [("contentious", "open")]

    def test_without_a_tick_nothing_is_closed(self, site):
        sent = site.open(YEAR_8).post("/flags/resolve", data={"reason": "nothing to do"})
        assert (sent.status_code, "Tick what you want to close." in sent.text) == (400, True)

    @pytest.mark.parametrize("reason", ["", "because", "not referred, for the reason noted"])
    def test_a_reason_that_is_not_offered_closes_nothing(self, site, reason):
        site.messages(CONTENTIOUS)
        site.open(YEAR_8).post("/flags/resolve", data={"flag": ["1.0"], "reason": reason})
        assert states(site) == [("contentious", "open")]

    def test_an_allegation_is_not_closed_with_one_key(self, site):
        site.message(Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=TEACHER, why="x"))
        assert ticks(site.open("head@oakfield.example").get("/flags")) == []
