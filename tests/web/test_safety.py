"""Which requests the page refuses, and what every answer carries."""

import pytest

from tests.web.site import CONTENTIOUS, HERE
from triage.web.safety import HEADERS

YEAR_8 = "year8@oakfield.example"
FORM = {"version": "0", "reason": "nothing to do", "note": ""}


@pytest.mark.parametrize(
    "path",
    ["/", "/flags", "/cases/1", "/cases/999", "/nowhere", "/sign-in", "/account"],
)
def test_every_answer_carries_the_safe_headers(site, path):
    site.message(CONTENTIOUS)
    answer = site.open(YEAR_8).get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_a_file_that_tells_nothing_is_kept_by_the_browser_and_not_sent_twice(site):
    browser = site.open()
    first = browser.get("/static/review.css")
    assert {name: first.headers.get(name) for name in HEADERS} == HEADERS | {"Cache-Control": "no-cache"}
    again = browser.get("/static/review.css", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_refusal_carries_the_safe_headers_too(site):
    answer = site.open().get("/sign-in", headers={"Host": "evil.example"})
    assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]


def test_the_policy_allows_no_script_and_nothing_from_elsewhere():
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8025", "localhost@evil.example", ""]
)
def test_a_foreign_name_for_this_machine_does_not_open_the_page(site, host):
    assert site.open(YEAR_8).get("/flags", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:8025", "localhost", "localhost:8025", "[::1]:8025"])
def test_the_machines_own_names_open_the_page(site, host):
    assert site.open().get("/sign-in", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "http://127.0.0.1:9999",
        "http://localhost:8025",
        f"{HERE}.evil.example",
    ],
)
def test_a_form_that_another_site_has_sent_changes_nothing(site, origin):
    site.message(CONTENTIOUS)
    client = site.open(YEAR_8)
    answer = client.post("/flags/1/resolve", data=FORM, headers={"Origin": origin})
    assert answer.status_code == 403
    assert "was not sent from this page" in answer.text
    assert "Today: 1, about" in client.get("/flags").text


def test_a_form_without_an_origin_changes_nothing(site):
    client = site.open(YEAR_8)
    del client.headers["Origin"]
    assert client.post("/flags/1/resolve", data=FORM).status_code == 403


def test_a_foreign_form_signs_nobody_in(site):
    client = site.open()
    fields = {**client.hidden("/sign-in"), "viewer": site.token(YEAR_8)}
    answer = client.post("/sign-in", data=fields, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/templates/case.html"]
)
def test_no_path_leads_out_of_the_static_folder(site, path):
    assert site.open().get(path).status_code == 404
