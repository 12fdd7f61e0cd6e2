"""Sessions in the browser: how long they last, what ends them, and what their cookies are."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.responses import Response

from tests.factories import PEOPLE, a_school
from tests.web.people import YEAR_8, Clock
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE, HERE, Browser, Site
from triage.demo.choosing import BY_CHOICE
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.school import Role
from triage.store import accounts, sessions
from triage.store.tables import sessions as table
from triage.web.app import create_app
from triage.web.cookies import Cookies
from triage.web.form_tokens import FIELD
from triage.web.safety import LARGEST_FORM
from triage.web.site import Site as OwnSite

ALLEGATION = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, why="about staff")
FORM = {"version": "0", "reason": "nothing to do", "note": ""}
SECURE = OwnSite(address="https://triage.oakfield.example", hosts=("triage.oakfield.example",))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(database, clock) -> Site:
    """A site with a clock that can be moved."""
    return Site(database, clock=clock)


def is_signed_in(browser) -> bool:
    return browser.get("/flags").status_code == 200


# how long


def test_a_session_that_is_used_lasts_and_one_that_is_not_ends(site, clock):
    browser = site.open(YEAR_8)
    for _ in range(3):
        clock.move(minutes=29)
        assert is_signed_in(browser)
    clock.move(minutes=30)
    assert not is_signed_in(browser)


def test_no_session_lasts_longer_than_the_settings_say(site, clock):
    browser, opened = site.open(YEAR_8), clock.now
    while is_signed_in(browser):
        clock.move(minutes=20)
    assert clock.now - opened == timedelta(hours=10)


def test_being_in_use_is_written_once_a_minute_at_most(site, clock):
    browser = site.open(YEAR_8)

    def seen():
        with site.database.read() as conn:
            return conn.execute(select(table.c.seen_at)).scalar_one()

    first = seen()
    clock.move(seconds=59)
    browser.get("/flags")
    assert seen() == first
    clock.move(seconds=1)
    browser.get("/flags")
    assert seen() == clock.now


def test_sessions_that_are_over_are_removed_when_somebody_signs_in(site, clock):
    site.open(YEAR_8)
    clock.move(hours=1)
    site.open(YEAR_8)
    with site.database.read() as conn:
        assert len(conn.execute(select(table.c.id)).all()) == 1


def test_a_disabled_account_is_out_at_its_next_click(site, clock):
    browser = site.open(YEAR_8)
    with site.database.write() as conn:
        accounts.disable_account(conn, YEAR_8, clock.now)
    assert browser.get("/flags").headers["location"] == "/sign-in?to=/flags"


# what a session may see


def test_somebody_who_has_left_the_settings_sees_nothing_from_that_moment_on(site, database):
    case = site.message(CONTENTIOUS)
    browser = site.open(YEAR_8)
    later = Site(database, a_school(people=PEOPLE[:1], domains=("oakfield.example",))).open()
    later.cookies = browser.cookies
    assert later.get(f"/cases/{case}").status_code == 404


def test_roles_of_the_providers_groups_come_beside_those_of_the_settings(site, clock):
    case = site.message(ABSENCE)
    browser = with_roles(site, clock, Role.OFFICE)
    assert browser.get(f"/cases/{case}").status_code == 200
    assert site.open(YEAR_8).get(f"/cases/{case}").status_code == 404


@pytest.mark.parametrize("role", [Role.SAFEGUARDING_LEAD, Role.DEPUTY_SAFEGUARDING_LEAD, Role.HEADTEACHER])
def test_a_session_that_was_opened_with_a_post_that_can_be_accused_does_not_hold_it(site, clock, role):
    """Sessions outlast what the settings said of groups when they were opened."""
    cases = site.messages(DISCLOSURE, ALLEGATION)
    browser = with_roles(site, clock, role)
    assert {browser.get(f"/cases/{case}").status_code for case in cases} == {404}


def with_roles(site, clock, *roles):
    """A browser of the head of year 8, to whom the provider's groups gave roles at sign-in."""
    with site.database.write() as conn:
        _, token = sessions.open_session(conn, YEAR_8, clock.now, roles=roles, second_factor_at=clock.now)
    browser = site.open()
    browser.cookies.set("triage", token)
    return browser


# forms of a session


@pytest.mark.parametrize("given", ["", "0" * 64, "ß"])
def test_a_form_without_the_token_of_its_page_changes_nothing(site, given):
    site.message(CONTENTIOUS)
    browser = site.open(YEAR_8)
    answer = browser.post("/flags/1/resolve", data={**FORM, FIELD: given})
    assert answer.status_code == 403
    assert "Nothing was changed." in answer.text
    assert "Today: 1, about" in browser.get("/flags").text


def test_the_token_of_somebody_elses_page_does_not_fit(site):
    site.message(CONTENTIOUS)
    theirs = site.open(YEAR_8).hidden("/account")
    assert site.open(YEAR_8).post("/flags/1/resolve", data={**FORM, **theirs}).status_code == 403


def test_nor_does_that_of_ones_own_page_from_before_one_has_signed_in_anew(site, clock):
    site.message(CONTENTIOUS)
    browser = site.open(YEAR_8)
    before = browser.hidden("/account")
    clock.move(seconds=1)
    browser.post("/sign-out")
    browser.sign_in(viewer=site.token(YEAR_8))
    assert is_signed_in(browser)
    assert browser.post("/flags/1/resolve", data={**FORM, **before}).status_code == 403


@pytest.mark.parametrize("cookie", ["made-up", ""])
def test_the_form_of_a_browser_that_is_not_signed_in_changes_nothing(site, cookie):
    site.message(CONTENTIOUS)
    theirs = site.open(YEAR_8).hidden("/account")
    stranger = site.open()
    stranger.cookies.set("triage", cookie)
    assert stranger.post("/flags/1/resolve", data={**FORM, **theirs}).status_code in {303, 403}
    assert "Today: 1, about" in site.open(YEAR_8).get("/flags").text


def test_the_token_of_a_form_does_not_tell_the_token_of_the_session(site):
    browser = site.open(YEAR_8)
    token = browser.hidden("/account")[FIELD]
    assert re.fullmatch(r"[0-9a-f]{64}", token)
    assert browser.cookies["triage"] not in browser.get("/account").text


def test_a_form_larger_than_any_of_ours_is_refused(site):
    answer = site.open(YEAR_8).post("/flags/1/resolve", data={**FORM, "note": "x" * LARGEST_FORM})
    assert answer.status_code == 400


def test_a_form_of_thousands_of_fields_is_refused(site):
    browser = site.open(YEAR_8)
    body = "&".join(["a=b"] * 2_000)
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.request("POST", "/flags/1/resolve", content=body, headers=head).status_code == 400


# by https


@pytest.fixture
def secure(database, clock) -> Site:
    """A site that browsers reach by https."""
    return Site(database, own=SECURE, clock=clock)


def test_by_https_the_cookies_are_secure_and_no_neighbouring_site_can_set_them(secure):
    browser = secure.open()
    before = browser.get("/sign-in").headers["set-cookie"]
    assert re.fullmatch(
        r"__Host-triage-before=[\w-]{43}; HttpOnly; Max-Age=3600; Path=/; SameSite=lax; Secure", before
    )
    session = browser.sign_in(viewer=secure.token(YEAR_8)).headers.get_list("set-cookie")[0]
    assert re.fullmatch(r"__Host-triage=[\w-]{43}; HttpOnly; Path=/; SameSite=lax; Secure", session)
    assert is_signed_in(browser)


def test_by_https_a_browser_is_known_by_a_cookie_that_no_neighbouring_site_can_set():
    answer = Response()
    Cookies(secure=True).keep_known(answer, "known")
    assert answer.headers["set-cookie"] == (
        "__Host-triage-known=known; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax; Secure"
    )


def test_by_https_browsers_are_told_to_stay_with_it(secure, site):
    assert secure.open().get("/sign-in").headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in site.open().get("/sign-in").headers


@pytest.mark.parametrize("origin", [HERE, "http://triage.oakfield.example", "https://evil.example", "null"])
def test_a_form_must_come_from_the_sites_own_address(secure, origin):
    browser = secure.open(YEAR_8)
    assert browser.post("/sign-out", headers={"Origin": origin}).status_code == 403
    assert is_signed_in(browser)


# two people at one server


def test_what_a_server_shares_between_requests_does_not_mix_people_up(site):
    app = create_app(site.database, site.school, site.clock, door=BY_CHOICE)
    shared: dict[str, object] = {}

    async def sharing(scope, receive, send):
        scope["state"] = shared
        await app(scope, receive, send)

    seen = []
    for who in (YEAR_8, "safe@oakfield.example", None):
        browser = Browser(sharing, base_url=HERE, headers={"Origin": HERE}, follow_redirects=False)
        if who:
            browser.sign_in(viewer=site.token(who))
        seen.append(f"Account of <bdi>{site.school.name_of(who or '')}</bdi>" in browser.get("/flags").text)
    assert (seen, shared) == ([True, True, False], {})
