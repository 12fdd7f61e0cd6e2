"""The two addresses of sign-in by OpenID Connect, as a browser meets them."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.testclient import TestClient

from tests.factories import a_school
from tests.servers.oidc import ADDRESS
from triage.web.oidc_routes import AGAIN, BEGIN, CALLBACK, OidcRoutes
from triage.web.oidc_values import Refusal
from triage.web.render import Renderer

HERE = "http://127.0.0.1:8025"
PUBLIC = "https://triage.oakfield.example"


@dataclass
class Desk:
    """A site that does nothing but sign in; ``people`` are those who were."""

    app: Starlette
    address: str
    people: list = field(default_factory=list)

    def browser(self) -> TestClient:
        return TestClient(self.app, base_url=self.address, follow_redirects=False)


@pytest.fixture
def desk_at(school):
    """Make the site at an address."""

    def _desk(address: str) -> Desk:
        def signed_in(_request, claims, return_to):
            desk.people.append(claims.address)
            return RedirectResponse(return_to, status_code=303)

        routes = OidcRoutes(school.provider, Renderer(a_school()), lambda _request: address, signed_in)
        desk = Desk(Starlette(routes=routes.routes()), address)
        return desk

    return _desk


@pytest.fixture
def desk(desk_at):
    return desk_at(HERE)


def back(server, begun) -> str:
    """Go where the site sends the browser; return the path and query with which it comes back."""
    code = server.browse(begun.headers["location"])
    return f"{CALLBACK}?code={code['code']}&state={code['state']}"


def cookie(answer) -> dict[str, str]:
    """The one cookie of an answer, its attributes by their names in lower case."""
    (said,) = answer.headers.get_list("set-cookie")
    parts = [part.strip().partition("=") for part in said.split(";")]
    return {
        "name": parts[0][0],
        "value": parts[0][2],
        **{name.lower(): value for name, _, value in parts[1:]},
    }


def test_a_browser_that_goes_to_the_provider_and_back_is_signed_in(desk, server):
    browser = desk.browser()
    begun = browser.get(f"{BEGIN}?to=/flags")
    assert begun.status_code == 303
    done = browser.get(back(server, begun))
    assert (done.status_code, done.headers["location"]) == (303, "/flags")
    assert desk.people == [ADDRESS]


def test_the_provider_is_told_the_sites_own_address(desk_at):
    begun = desk_at(f"{PUBLIC}/").browser().get(BEGIN)
    assert parse_qs(urlsplit(begun.headers["location"]).query)["redirect_uri"] == [f"{PUBLIC}{CALLBACK}"]


def test_the_cookie_is_short_lived_and_for_no_script(desk):
    said = cookie(desk.browser().get(BEGIN))
    assert said["max-age"] == "600"
    assert said["samesite"] == "lax"
    assert "httponly" in said
    assert said["path"] == "/"


def test_over_https_no_neighbouring_site_can_put_a_cookie_in_its_place(desk_at):
    """RFC 6265bis section 4.1.3.2: such a name needs Secure, Path=/ and no Domain."""
    said = cookie(desk_at(PUBLIC).browser().get(BEGIN))
    assert said["name"] == "__Host-sign-in"
    assert {"secure", "path"} <= set(said)
    assert "domain" not in said


def test_the_cookie_fits_into_a_browser_with_the_longest_path(desk):
    answer = desk.browser().get(BEGIN, params={"to": "/" + "x" * 199})
    assert len(answer.headers["set-cookie"]) < 4096


def test_the_cookie_is_forgotten_once_one_is_signed_in(desk, server):
    browser = desk.browser()
    done = browser.get(back(server, browser.get(BEGIN)))
    assert (cookie(done)["max-age"], cookie(done)["value"]) == ("0", '""')


def test_the_cookie_is_forgotten_when_it_comes_to_nothing(desk):
    browser = desk.browser()
    browser.get(BEGIN)
    assert cookie(browser.get(f"{CALLBACK}?error=access_denied&state=guessed"))["max-age"] == "0"


def test_a_callback_that_is_opened_again_signs_nobody_in(desk, server):
    browser = desk.browser()
    address = back(server, browser.get(BEGIN))
    browser.get(address)
    again = browser.get(address)
    assert again.status_code == 400
    assert "Begin again." in again.text
    assert desk.people == [ADDRESS]


def test_a_callback_in_a_browser_that_has_not_begun_signs_nobody_in(desk, server):
    address = back(server, desk.browser().get(BEGIN))
    assert desk.browser().get(address).status_code == 400
    assert desk.people == []


def test_a_parameter_that_is_there_twice_is_refused(desk, server):
    browser = desk.browser()
    address = back(server, browser.get(BEGIN))
    assert browser.get(f"{address}&code=another").status_code == 403
    assert desk.people == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", [BEGIN, CALLBACK])
def test_neither_address_is_opened_otherwise(desk, method, path):
    assert desk.browser().request(method, path).status_code == 405


def test_a_provider_that_is_down_is_a_page_in_words(desk, server):
    server.manners.says["/.well-known/openid-configuration"] = lambda handler: handler.send(500)
    answer = desk.browser().get(BEGIN)
    assert answer.status_code == 503
    assert Refusal.UNAVAILABLE.words in answer.text
    assert answer.text.startswith("<!doctype html>")
    assert "set-cookie" not in answer.headers


def test_what_the_provider_says_is_not_on_the_page(desk, server):
    browser = desk.browser()
    server.manners.callback = {"code": "", "error": "x", "error_description": "a phrase"}
    params = server.browse(browser.get(BEGIN).headers["location"])
    answer = browser.get(CALLBACK, params=params)
    assert answer.status_code == 503
    assert "a phrase" not in answer.text


def test_a_refusal_is_one_line_of_the_log(desk, caplog):
    desk.browser().get(CALLBACK)
    (line,) = [record.getMessage() for record in caplog.records if record.name.startswith("triage")]
    assert line == "nobody was signed in: the sign-in: there is no cookie of a sign-in that was begun here"


def test_who_must_be_asked_anew_is(desk):
    assert "prompt=login" in desk.browser().get(AGAIN).headers["location"]


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_sent_elsewhere_afterwards(desk, server, to):
    browser = desk.browser()
    done = browser.get(back(server, browser.get(BEGIN, params={"to": to})))
    assert done.headers["location"] == "/"
