"""Choosing a view, and the queue of flags."""

import re
from dataclasses import replace
from datetime import timedelta

from tests.factories import PEOPLE, a_school
from tests.store.builders import NOW
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE, Site
from triage.domain.school import Person, Role
from triage.store.switches import stop_replies

LEAD = "safe@oakfield.example"
YEAR_8 = "year8@oakfield.example"


def test_the_first_page_offers_everybody_of_the_settings_once(database):
    twice = Person(LEAD, Role.LINE_MANAGER, "Ms D. Okoro", manages=(YEAR_8,))
    page = Site(database, a_school(people=(*PEOPLE, twice))).open().get("/")
    assert page.text.count("<button") == len(PEOPLE)
    assert re.search(r"Ms D\. Okoro.*\n.*Safeguarding lead.*\n.*Line manager", page.text)


def test_a_school_without_people_says_what_to_add(database):
    assert "add [[people]]" in Site(database, a_school(people=())).open().get("/").text


def test_without_a_view_every_page_asks_for_one(site):
    answers = [site.open().get(path) for path in ("/flags", "/cases/1")]
    assert [(answer.status_code, answer.headers["location"]) for answer in answers] == [(303, "/")] * 2


def test_a_view_of_somebody_unknown_cannot_be_taken(site):
    answer = site.open().post("/viewer", data={"viewer": site.token("stranger@oakfield.example")})
    assert answer.headers["location"] == "/"
    assert "set-cookie" not in answer.headers


def test_a_view_of_somebody_who_has_left_the_settings_is_asked_for_again(site, database):
    cookie = site.open(YEAR_8).cookies
    client = Site(database, a_school(people=PEOPLE[:1])).open()
    client.cookies = cookie
    assert client.get("/flags").headers["location"] == "/"


def test_the_cookie_names_nobody_and_is_kept_from_scripts_and_other_sites(site):
    answer = site.open().post("/viewer", data={"viewer": site.token(YEAR_8)})
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(r"viewer=[0-9a-f]{64}; HttpOnly; Path=/; SameSite=strict", cookie)


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
