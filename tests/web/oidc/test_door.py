"""A site whose people sign in at the school's provider: who gets in, as whom, with which second factor."""

import logging

import pytest

from tests.factories import a_school
from tests.servers.oidc import ADDRESS, CLIENT_ID, CLIENT_SECRET
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE, HERE, Site
from tests.web.site import SECRET as WORD
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.school import Role
from triage.store import accounts, audit
from triage.web.oidc_door import oidc_door
from triage.web.oidc_values import ProviderValues, Refusal
from triage.web.site import Rates
from triage.web.site import Site as OwnSite

YEAR_8, LEAD = "year8@oakfield.example", "safe@oakfield.example"
TEACHING_ELSEWHERE = "d.moss@oakfield.example"
OUTSIDER, PUPIL = "adviser@elsewhere.example", "jake@pupils.oakfield.example"
ALLEGATION = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, why="about staff")
BY_GROUP = {"g-lead": Role.SAFEGUARDING_LEAD, "g-head": Role.HEADTEACHER, "g-office": Role.OFFICE}


@pytest.fixture
def site_with(server, clock, database):
    """Make the site with other settings of the provider, or of its own."""

    def _site(own: OwnSite | None = None, **changes: object) -> Site:
        values = {"issuer": server.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        door = oidc_door(ProviderValues(**{**values, **changes}), BY_GROUP)
        return Site(database, school=a_school(), own=own or OwnSite(), door=door, clock=clock)

    return _site


@pytest.fixture
def site(site_with):
    return site_with()


@pytest.fixture
def go(server):
    """Have a browser go to the provider as somebody, and back; return what the site says then.

    Unless a test says otherwise the provider has asked the person just now, and says so.
    """

    def _go(browser, address=ADDRESS, way="/sign-in/oidc", **claims):
        asked_at = int(server.clock().timestamp())
        server.manners.claims = {"email": address, "auth_time": asked_at, **claims}
        params = server.browse(browser.get(way).headers["location"])
        return browser.get("/sign-in/oidc/callback", params=params)

    return _go


def leads_to(answer) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_whoever_is_not_signed_in_is_shown_the_way_to_the_provider_and_back(site):
    browser = site.open()
    assert leads_to(browser.get("/flags")) == "/sign-in?to=/flags"
    assert 'href="/sign-in/oidc?to=/flags"' in browser.get("/sign-in?to=/flags").text


def test_a_head_of_year_who_comes_back_sees_their_year(site, go):
    site.message(CONTENTIOUS)
    browser = site.open()
    assert leads_to(go(browser, YEAR_8, way="/sign-in/oidc?to=/flags")) == "/flags"
    assert browser.get("/flags").status_code == 200
    assert WORD in browser.get("/cases/1").text


def test_whoever_is_signed_in_goes_on_at_once(site, go):
    browser = site.open()
    go(browser, YEAR_8)
    assert leads_to(browser.get("/sign-in?to=/flags")) == "/flags"


def test_a_sign_in_is_in_the_audit(site, go, database):
    go(site.open(), YEAR_8)
    with database.read() as conn:
        assert [(line.actor, line.action) for line in audit.lines(conn)] == [(YEAR_8, "signed in")]


def test_who_signs_out_is_not_signed_in_again_by_the_provider(site, go):
    browser = site.open()
    go(browser, YEAR_8)
    assert leads_to(browser.post("/sign-out")) == "/sign-in"
    assert browser.get("/sign-in").status_code == 200
    assert leads_to(browser.get("/flags")) == "/sign-in?to=/flags"


@pytest.mark.parametrize(
    ("address", "groups"),
    [(OUTSIDER, ["g-other"]), (OUTSIDER, None), (OUTSIDER, ["g-lead"]), (PUPIL, ["g-office"])],
)
def test_who_has_no_business_here_is_told_so(site, go, address, groups):
    browser = site.open()
    answer = go(browser, address, groups=groups)
    assert answer.status_code == 403
    assert Refusal.NOBODY_HERE.words in answer.text
    assert leads_to(browser.get("/flags")) == "/sign-in?to=/flags"


def test_a_group_opens_the_offices_page_to_somebody_from_elsewhere(site, go):
    site.message(ABSENCE)
    browser = site.open()
    go(browser, OUTSIDER, groups=["g-office"])
    assert browser.get("/office").status_code == 200


@pytest.mark.parametrize(("group", "accused"), [("g-lead", DISCLOSURE), ("g-head", ALLEGATION)])
def test_nobody_holds_by_a_group_a_post_that_may_be_accused(site_with, go, group, accused):
    """An allegation about "the headteacher" is kept from those whom the settings name, and from no others."""
    site = site_with(believe_second_factor=True)
    case = site.message(accused)
    browser = site.open()
    go(browser, TEACHING_ELSEWHERE, groups=[group], amr=["mfa"])
    assert browser.get("/flags").status_code == 200
    assert browser.get(f"/cases/{case}").status_code == 404


def test_who_was_shut_out_is_refused_and_that_is_in_the_audit(site, go, database, clock):
    with database.write() as conn:
        accounts.disable_account(conn, YEAR_8, clock())
    browser = site.open()
    assert go(browser, YEAR_8).status_code == 403
    assert leads_to(browser.get("/flags")) == "/sign-in?to=/flags"
    with database.read() as conn:
        assert [(line.actor, line.action) for line in audit.lines(conn)] == [(YEAR_8, "sign-in failed")]


def test_no_log_says_who_was_refused(site, go, caplog):
    with caplog.at_level(logging.DEBUG, logger="triage"):
        go(site.open(), OUTSIDER)
    assert "neither the settings nor a group give a role" in caplog.text
    assert not [each for each in caplog.records if "triage" in each.name and OUTSIDER in each.getMessage()]


# The second factor


def test_a_second_factor_of_the_provider_opens_safeguarding(site_with, go):
    site = site_with(believe_second_factor=True)
    case = site.message(DISCLOSURE)
    browser = site.open()
    go(browser, LEAD, amr=["pwd", "mfa"])
    assert WORD in browser.get(f"/cases/{case}").text


def test_a_second_factor_of_this_morning_does_not_open_safeguarding_now(site_with, go, clock):
    """The first way in sends nobody to be asked: whoever sits at an open laptop could go there."""
    site = site_with(believe_second_factor=True)
    case = site.message(DISCLOSURE)
    browser = site.open()
    this_morning = int(clock().timestamp()) - 6 * 3600
    go(browser, LEAD, amr=["mfa"])
    clock.pass_(minutes=25)
    go(browser, LEAD, way=f"/sign-in/oidc?to=/cases/{case}", amr=["mfa"], auth_time=this_morning)
    assert leads_to(browser.get(f"/cases/{case}")) == f"/sign-in/code?to=/cases/{case}"


def test_a_second_factor_of_no_known_moment_does_not_open_safeguarding(site_with, go):
    site = site_with(believe_second_factor=True)
    case = site.message(DISCLOSURE)
    browser = site.open()
    go(browser, LEAD, amr=["mfa"], auth_time=None)
    assert leads_to(browser.get(f"/cases/{case}")) == f"/sign-in/code?to=/cases/{case}"


def test_a_second_factor_is_noted_in_the_audit_only_when_it_counts(site_with, go, database, clock):
    site = site_with(believe_second_factor=True)
    go(site.open(), LEAD, amr=["mfa"], auth_time=int(clock().timestamp()) - 6 * 3600)
    go(site.open(), LEAD, amr=["mfa"])
    with database.read() as conn:
        noted = [line.object for line in audit.lines(conn) if line.action == "second factor given"]
    assert noted == ["session 2"]


def test_without_one_the_provider_is_asked_and_one_comes_back_to_the_page(site_with, go):
    site = site_with(believe_second_factor=True)
    case = site.message(DISCLOSURE)
    browser = site.open()
    go(browser, LEAD, amr=["pwd"])
    code = leads_to(browser.get(f"/cases/{case}"))
    again = leads_to(browser.get(code))
    assert again == f"/sign-in/oidc/again?to=/cases/{case}"
    assert leads_to(go(browser, LEAD, way=again, amr=["pwd", "mfa"])) == f"/cases/{case}"
    assert WORD in browser.get(f"/cases/{case}").text


def test_a_provider_that_was_asked_and_says_nothing_of_it_is_not_asked_for_ever(site_with, go):
    site = site_with(believe_second_factor=True)
    answer = go(site.open(), LEAD, way="/sign-in/oidc/again")
    assert answer.status_code == 403
    assert Refusal.ONE_FACTOR.words in answer.text


def test_where_the_provider_is_not_believed_the_site_asks_for_a_code_of_its_own(site, go):
    case = site.message(DISCLOSURE)
    browser = site.open()
    go(browser, LEAD, amr=["pwd", "mfa"])
    code = leads_to(browser.get(f"/cases/{case}"))
    assert code == f"/sign-in/code?to=/cases/{case}"
    assert leads_to(browser.get(code)) == f"/account/code?to=/cases/{case}"
    assert "Set up your code" in browser.get("/account").text


def test_where_the_provider_is_believed_there_is_no_code_to_set_up(site_with, go):
    browser = site_with(believe_second_factor=True).open()
    go(browser, LEAD, amr=["mfa"])
    assert "Set up your code" not in browser.get("/account").text


# Who asks too often


def test_the_way_to_the_provider_is_not_gone_without_end(site_with):
    browser = site_with(OwnSite(strangers=Rates(reading=2))).open()
    said = [browser.get("/sign-in/oidc").status_code for _ in range(3)]
    assert said == [303, 303, 429]


# Where the site is


def test_on_this_machine_the_provider_sends_back_to_what_was_asked(site):
    assert f"redirect_uri={HERE.replace(':', '%3A').replace('/', '%2F')}" in leads_to(
        site.open().get("/sign-in/oidc")
    )


def test_a_site_with_an_address_is_sent_back_to_there(site_with):
    address = "https://triage.oakfield.example"
    site = site_with(OwnSite(address=address, hosts=("triage.oakfield.example",)))
    begun = site.open().get("/sign-in/oidc")
    assert "redirect_uri=https%3A%2F%2Ftriage.oakfield.example%2Fsign-in%2Foidc" in leads_to(begun)
    assert begun.headers["set-cookie"].startswith("__Host-sign-in=")
