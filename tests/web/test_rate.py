"""Who sends too much is refused for a while, and nobody else notices."""

import time
from contextlib import ExitStack

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from tests.servers.ports import START_SECONDS
from tests.store.builders import NOW
from tests.web.site import CONTENTIOUS, SCHOOL, Site
from triage.web.by_itself import NEWS
from triage.web.news import MOST, Streams
from triage.web.rate import FairShare
from triage.web.safety import HEADERS
from triage.web.sessions import SignedIn
from triage.web.site import Rates
from triage.web.site import Site as OwnSite

YEAR_8, YEAR_7 = "year8@oakfield.example", "year7@oakfield.example"
FEW = OwnSite(rates=Rates(reading=3, writing=2, streams=2), strangers=Rates(reading=3, writing=2))
WINDOWS = 2
"""Minutes until what was sent in one no longer counts at all."""


@pytest.fixture
def site(database) -> Site:
    """A site that takes a few requests a minute; signing in is not among them, being nobody's yet."""
    return Site(database, own=FEW)


def answers(browser, times: int, path: str = "/flags") -> list[int]:
    return [browser.get(path).status_code for _ in range(times)]


def too_many(browser):
    """What a browser is told once it has asked for more than its share."""
    answers(browser, FEW.rates.reading)
    return browser.get("/flags")


class TestASession:
    def test_is_refused_once_it_has_read_its_share(self, site):
        assert answers(site.open(YEAR_8), 5) == [200, 200, 200, 429, 429]

    def test_is_told_in_words_and_by_header_when_to_come_back(self, site):
        refused = too_many(site.open(YEAR_8))
        seconds = refused.headers["retry-after"]
        assert 1 <= int(seconds) <= 60
        assert f"Wait {seconds} second" in refused.text
        assert {name: refused.headers.get(name) for name in HEADERS} == HEADERS

    def test_that_writes_too_much_has_changed_nothing_by_it(self, site):
        site.message(CONTENTIOUS)
        browser = site.open(YEAR_8)
        fields = {**browser.hidden("/flags"), "version": "0"}
        sent = [browser.post("/flags/99/rang", data=fields).status_code for _ in range(2)]
        assert sent == [409, 409]
        refused = browser.post("/flags/1/rang", data=fields)
        assert (refused.status_code, "Nothing was changed" in refused.text) == (429, True)
        assert "Today: 1, about" in browser.get("/flags").text

    def test_that_has_read_its_share_may_still_write(self, site):
        browser = site.open(YEAR_8)
        fields = browser.hidden("/flags")
        assert too_many(browser).status_code == 429
        assert browser.post("/flags/search", data=fields).status_code == 303

    def test_costs_no_other_session_anything_wherever_that_is(self, site):
        app = site.app()
        flood, other = site.open(YEAR_8, app=app), site.open(YEAR_7, app=app)
        assert too_many(flood).status_code == 429
        assert answers(other, 3) == [200] * 3

    def test_costs_nobody_the_way_to_sign_in(self, site):
        app = site.app()
        assert too_many(site.open(YEAR_8, app=app)).status_code == 429
        assert site.open(app=app).get("/sign-in").status_code == 200

    def test_may_have_as_many_files_as_a_page_names(self, site):
        assert answers(site.open(YEAR_8), 20, "/static/review.css") == [200] * 20


class TestAStranger:
    def test_is_counted_by_address_whatever_cookie_it_makes_up(self, site):
        app, said = site.app(), []
        for number in range(5):
            browser = site.open(app=app)
            browser.cookies.set("triage", f"made-up-{number}")
            said += answers(browser, 1, "/sign-in")
        assert said == [200, 200, 200, 429, 429]

    def test_costs_nobody_at_another_address_anything(self, site):
        app = site.app()
        answers(site.open(app=app, client="192.0.2.7"), 5, "/sign-in")
        assert answers(site.open(app=app, client="192.0.2.8"), 3, "/sign-in") == [200] * 3

    def test_is_one_whichever_address_of_its_line_it_takes(self, site):
        app = site.app()
        said = [
            site.open(app=app, client=f"2001:db8:0:1::{n}").get("/sign-in").status_code for n in range(1, 6)
        ]
        assert said == [200, 200, 200, 429, 429]

    def test_costs_nobody_anything_who_is_signed_in_at_the_same_address(self, site):
        app = site.app()
        browser = site.open(YEAR_8, app=app)
        assert answers(site.open(app=app), 5, "/sign-in")[-1] == 429
        assert answers(browser, 3) == [200] * 3

    def test_does_not_try_passwords_or_forms_without_end(self, site):
        browser = site.open()
        fields = browser.hidden("/sign-in")
        said = [browser.post("/sign-in", data=fields).status_code for _ in range(3)]
        assert said == [303, 303, 429]


class TestTheStreamOfNews:
    """It does not end by itself, and so it is asked for where it has an end: too many are open."""

    @pytest.fixture
    def browser(self, site):
        streams = Streams()
        with ExitStack() as open_pages:
            for _ in range(MOST):
                open_pages.enter_context(streams.opened(1))
            yield site.open(YEAR_8, app=site.app(streams))

    def test_is_given_to_a_session_so_many_times_and_then_not_asked_for_again(self, browser):
        assert browser.get(NEWS).status_code == 204

    def test_is_counted_apart_from_what_somebody_reads(self, browser):
        assert answers(browser, 3, NEWS) == [204, 204, 429]
        assert answers(browser, 3) == [200] * 3


class TestWhatIsCounted:
    @pytest.fixture
    def share(self, site) -> FairShare:
        signed_in = SignedIn(site.database, SCHOOL, lambda: NOW, FEW)
        return FairShare(
            PlainTextResponse("read"), signed_in, lambda _, fault: PlainTextResponse(fault[1], fault[0])
        )

    def test_no_longer_counts_when_the_minute_is_over(self, share, monkeypatch):
        browser = TestClient(share)
        assert answers(browser, 4, "/x")[-1] == 429
        pass_(monkeypatch, minutes=WINDOWS)
        assert answers(browser, 3, "/x") == [200] * 3

    def test_is_forgotten_then_so_that_a_flood_from_everywhere_fills_no_memory(self, share, monkeypatch):
        for number in range(200):
            TestClient(share, client=(f"192.0.2.{number}", 50_000)).get("/x")
        kept = share._counted.storage
        assert len(kept.storage) == len(kept.expirations) == 200
        pass_(monkeypatch, minutes=WINDOWS + 1)
        TestClient(share, client=("198.51.100.9", 50_000)).get("/x")
        end = time.monotonic() + START_SECONDS
        while len(kept.storage) > 1 and time.monotonic() < end:
            time.sleep(0.01)
        assert (len(kept.storage), len(kept.expirations)) == (1, 1)
        assert len(kept.locks) <= 2


def pass_(monkeypatch, *, minutes: float) -> None:
    """Let time go by."""
    later = time.time() + minutes * 60
    monkeypatch.setattr(time, "time", lambda: later)
