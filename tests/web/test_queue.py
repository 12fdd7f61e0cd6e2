"""The queue of flags."""

import re
from dataclasses import replace
from datetime import timedelta

from tests.store.builders import NOW
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE
from triage.store.switches import stop_replies

LEAD = "safe@oakfield.example"
YEAR_8 = "year8@oakfield.example"


def test_an_empty_queue_says_so(site):
    page = site.open(YEAR_8).get("/flags").text
    assert "0 open flags" in page
    assert "Nothing waits for you." in page


def test_the_most_pressing_tier_comes_first(site):
    site.messages(CONTENTIOUS, replace(CONTENTIOUS, severity=DISCLOSURE.severity), DISCLOSURE)
    page = site.open(LEAD).get("/flags").text
    assert re.findall(r'<h2 id="(\w+)"', page) == ["immediate", "review", "counts"]
    assert "3 open flags" in page


def test_how_soon_is_said_in_words_and_not_by_colour_alone(site):
    site.messages(DISCLOSURE)
    assert re.search(r'<span class="severity immediate">Immediate</span>', site.open(LEAD).get("/flags").text)


def test_a_deadline_that_has_passed_is_called_overdue(site):
    site.messages(
        replace(ABSENCE, deadline=NOW - timedelta(hours=1)),
        replace(CONTENTIOUS, deadline=NOW + timedelta(days=1)),
    )
    page = site.open(LEAD).get("/flags").text
    assert page.count("overdue</strong>") == 1


def test_times_are_those_of_the_schools_zone(site):
    site.messages(replace(CONTENTIOUS, deadline=NOW))
    assert "Wed 14 Oct 2026, 10:30" in site.open(YEAR_8).get("/flags").text


def test_stopped_replies_are_said_above_the_queue(site):
    with site.database.write() as conn:
        stop_replies(conn, "a storm of mail", "the office", NOW)
    page = site.open(YEAR_8).get("/flags").text
    assert page.index("All replies are stopped") < page.index("<h1>")
    assert "a storm of mail" in page
