"""The queue holds what somebody is to deal with. What came of their own mail stands on its own page."""

import re
from dataclasses import replace

from tests.factories import TEACHER
from tests.store.builders import a_mailbox, an_intake, take_in
from tests.web.site import ABSENCE, CONTENTIOUS, SCHOOL
from triage.domain.search import Wanted
from triage.domain.visibility import closing, scope, viewer
from triage.store import queue

YEAR_8 = "year8@oakfield.example"


def heading(page) -> str:
    return re.search(r'<h1 id="today">([^<]*)</h1>', page.text)[1]


def into_own_mailbox(site, *flags) -> None:
    """Record a message in the inbox of the head of year 8."""
    with site.database.write() as conn:
        mailbox = a_mailbox(conn, YEAR_8)
    take_in(site.database, an_intake(mailbox, 700, flags=flags))


def test_what_lay_in_ones_own_inbox_and_is_for_another_neither_stands_there_nor_counts(site):
    into_own_mailbox(site, ABSENCE)
    site.message(CONTENTIOUS)
    page = site.open(YEAR_8).get("/flags")
    assert heading(page) == "Today: 1, about 2 minutes"
    assert "Absence</a>" not in page.text


def test_nor_is_it_found(site):
    into_own_mailbox(site, ABSENCE)
    browser = site.open(YEAR_8)
    view = browser.post("/flags/search", data={"topic": "absence"}).headers["location"]
    assert heading(browser.get(view)) == "0 found"


def test_a_teacher_is_told_where_it_stands(site):
    site.school = replace(SCHOOL, owners=(("Mr R. Hale", TEACHER),))
    site.message(CONTENTIOUS)
    page = site.open(TEACHER).get("/flags")
    assert heading(page) == "Today: nothing waits for you"
    assert '<a href="/own">' in page.text.split('id="queue"')[1]


def test_it_is_no_news_of_the_queue(site):
    """What the stream compares is what is to be dealt with."""
    who = viewer(site.school, YEAR_8)
    with site.database.read() as conn:
        before = queue.newest(conn, scope(closing(who)))
    into_own_mailbox(site, ABSENCE)
    with site.database.read() as conn:
        assert queue.newest(conn, scope(closing(who))) == before
        assert queue.read_queue(conn, who, Wanted(), site.school.calendar.zone).number == 0
