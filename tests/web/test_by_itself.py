"""A page that asks by itself says nothing of whether somebody is there: no use of a session, and no look."""

import re
from contextlib import ExitStack
from datetime import timedelta

import pytest

from tests.web.people import YEAR_8, Clock
from tests.web.site import CONTENTIOUS, SECRET, Site
from triage.domain.report import sight
from triage.domain.visibility import viewer
from triage.store import audit, report_waits
from triage.web.by_itself import HEADER, NEWS
from triage.web.news import MOST, Streams
from triage.web.render import HERE

BY_ITSELF = {HEADER: "1"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(database, clock) -> Site:
    """A site with a clock that can be moved."""
    return Site(database, clock=clock)


def shown(site) -> list[tuple[str, str, str]]:
    """Every line of the audit about a case."""
    with site.database.read() as conn:
        lines = [(line.actor, line.action, line.object) for line in audit.lines(conn)]
    return [line for line in lines if line[2].startswith("case")]


def first_look(site, clock) -> float | None:
    """After how many seconds the only flag was looked at, as the headteacher's report tells it."""
    edges = (clock.now - timedelta(days=7), clock.now + timedelta(days=7))
    with site.database.read() as conn:
        head = sight(viewer(site.school, "head@oakfield.example"))
        (wait,) = report_waits.waits(conn, head, edges, clock.now)
    return wait.looked


def test_the_script_says_that_it_is_the_script():
    script = (HERE / "static" / "review.js").read_text(encoding="utf-8")
    (fetched,) = re.findall(r"fetch\([^;]*;", script)
    assert f'{{ "{HEADER}": "1" }}' in fetched


class TestASession:
    def test_is_not_used_by_a_queue_that_keeps_itself_fresh_on_a_busy_day(self, site, clock):
        browser = site.open(YEAR_8)
        said = []
        for _ in range(3):
            clock.move(minutes=10)
            site.message(CONTENTIOUS)
            said.append(browser.get("/flags", headers=BY_ITSELF).status_code)
        assert said == [200, 200, 303]

    def test_is_not_used_by_asking_again_for_news(self, site, clock):
        streams = Streams()
        browser = site.open(YEAR_8, app=site.app(streams))
        clock.move(minutes=20)
        with ExitStack() as open_pages:
            for _ in range(MOST):
                open_pages.enter_context(streams.opened(1))
            assert browser.get(NEWS).status_code == 204
        clock.move(minutes=10)
        assert browser.get("/flags").status_code == 303

    @pytest.mark.parametrize("path", ["/account", "/cases/1"])
    def test_is_used_by_any_other_page_whatever_that_says_of_itself(self, site, clock, path):
        site.message(CONTENTIOUS)
        browser = site.open(YEAR_8)
        for _ in range(3):
            clock.move(minutes=20)
            assert browser.get(path, headers=BY_ITSELF).status_code == 200

    def test_is_used_by_a_form_whatever_that_says_of_itself(self, site, clock):
        browser = site.open(YEAR_8)
        fields = browser.hidden("/flags")
        for _ in range(3):
            clock.move(minutes=20)
            sent = browser.post("/flags/search", data=fields, headers=BY_ITSELF)
            assert sent.headers["location"].startswith("/flags?view=")


class TestALook:
    def test_is_no_look_where_nobody_is_known_to_sit(self, site, clock):
        case = site.message(CONTENTIOUS)
        browser = site.open(YEAR_8)
        browser.get("/flags", headers=BY_ITSELF)
        assert shown(site) == [(YEAR_8, "words refreshed", f"cases {case}")]
        assert first_look(site, clock) is None

    def test_is_one_when_somebody_opens_the_queue(self, site, clock):
        case = site.message(CONTENTIOUS)
        site.open(YEAR_8).get("/flags")
        assert shown(site) == [(YEAR_8, "words viewed", f"cases {case}")]
        assert first_look(site, clock) is not None

    def test_at_a_text_is_one_whatever_the_page_says_of_itself(self, site, clock):
        case = site.message(CONTENTIOUS)
        page = site.open(YEAR_8).get(f"/cases/{case}", headers=BY_ITSELF)
        assert SECRET in page.text
        assert shown(site) == [(YEAR_8, "text viewed", f"case {case}")]
        assert first_look(site, clock) is not None
