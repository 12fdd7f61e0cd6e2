"""The stop button on the site: for whom, what it tells, and two people at once."""

from datetime import timedelta

import pytest

from tests.factories import TEACHER
from tests.store.builders import NOW, a_mailbox, a_reply, claim, put
from tests.web.site import Site
from triage.domain.switched import SwitchedOn
from triage.store import audit
from triage.store.switched import switch_on
from triage.store.switches import Switch, replies_stopped, start_replies, stop_replies

HEAD, OFFICE, ADMIN = "head@oakfield.example", "office@oakfield.example", "admin@oakfield.example"
LEAD, YEAR_8 = "safe@oakfield.example", "year8@oakfield.example"


def held(site: Site) -> Switch | None:
    """The stop that holds."""
    with site.database.read() as conn:
        return replies_stopped(conn)


def noted(site: Site) -> list[tuple[str, str, str]]:
    """What the audit says of the switch."""
    with site.database.read() as conn:
        return [
            (line.actor, line.action, line.object) for line in audit.lines(conn) if line.object == "switch"
        ]


def stop(site: Site, who: str = OFFICE, reason: str = "a storm of mail"):
    return site.open(who).post("/replies/stop", data={"reason": reason})


def start(browser):
    """Send the form as the page has it."""
    return browser.post("/replies/start", data=browser.hidden("/replies"))


def a_reply_that_is_due(site: Site) -> int:
    with site.database.write() as conn:
        mailbox = a_mailbox(conn)
    return put(site.database, a_reply(mailbox))


@pytest.mark.parametrize("who", [HEAD, OFFICE, ADMIN])
def test_head_office_and_administrator_can_stop_and_start(site, who):
    assert stop(site, who).headers["location"] == "/replies"
    assert held(site) == Switch("a storm of mail", who, NOW)
    assert start(site.open(who)).headers["location"] == "/replies"
    assert held(site) is None
    assert noted(site) == [(who, "replies stopped", "switch"), (who, "replies started", "switch")]


@pytest.mark.parametrize("who", [LEAD, YEAR_8, TEACHER])
def test_for_others_there_is_no_such_page(site, who):
    browser = site.open(who)
    assert browser.get("/replies").status_code == 404
    assert stop(site, who).status_code == 404
    stop(site, HEAD)
    assert browser.post("/replies/start", data={"since": NOW.isoformat()}).status_code == 404
    assert held(site) is not None


def test_while_they_go_out_the_page_says_so(site):
    assert "Replies are going out" in site.open(OFFICE).get("/replies").text


def test_a_stop_tells_since_when_by_whom_and_why(site):
    stop(site, HEAD, reason="a <b>loop</b>")
    page = site.open(OFFICE).get("/replies").text
    for shown in ("Every reply is stopped", "Wed 14 Oct 2026, 10:30", HEAD, "a &lt;b&gt;loop&lt;/b&gt;"):
        assert shown in page


def test_a_stop_by_the_breaker_is_said_to_be_the_softwares(site):
    with site.database.write() as conn:
        stop_replies(conn, "the cap was met", "breaker", NOW)
    assert "the software itself" in site.open(OFFICE).get("/replies").text


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_a_stop_is_not_refused_for_want_of_a_reason(site, reason):
    stop(site, reason=reason)
    assert held(site).reason == "stopped by hand"


def test_a_reason_is_one_line_and_not_a_letter(site):
    stop(site, reason="first\r\nsecond" + "x" * 500)
    assert held(site).reason.startswith("first  second")
    assert len(held(site).reason) == 200


def test_how_many_were_withheld_since_then_is_told(site):
    stop(site)
    claim(site.database, a_reply_that_is_due(site))
    assert "<dt>Withheld since then</dt><dd>1</dd>" in site.open(OFFICE).get("/replies").text


def test_what_an_earlier_stop_has_withheld_does_not_count(site):
    stop(site)
    claim(site.database, a_reply_that_is_due(site))
    start(site.open(OFFICE))
    site.clock = lambda: NOW + timedelta(minutes=5)
    stop(site)
    assert "<dt>Withheld since then</dt><dd>0</dd>" in site.open(OFFICE).get("/replies").text


def test_of_two_who_stop_the_second_is_told_and_the_first_reason_stays(site):
    stop(site, HEAD, reason="a storm of mail")
    again = stop(site, OFFICE, reason="another")
    assert again.status_code == 409
    assert "Somebody else has stopped the replies already" in again.text
    assert held(site).reason == "a storm of mail"
    assert len(noted(site)) == 1


def test_of_two_who_start_the_second_is_told(site):
    stop(site)
    first, second = site.open(HEAD), site.open(OFFICE)
    shown = second.hidden("/replies")
    start(first)
    again = second.post("/replies/start", data=shown)
    assert again.status_code == 409
    assert [action for _, action, _ in noted(site)] == ["replies stopped", "replies started"]


def test_a_stop_that_came_after_the_page_was_shown_is_not_undone_by_it(site):
    """Whoever starts replies has read why they were stopped; a new stop has another reason."""
    stop(site)
    browser = site.open(OFFICE)
    shown = browser.hidden("/replies")
    later = NOW + timedelta(minutes=1)
    with site.database.write() as conn:
        start_replies(conn, HEAD, later)
        stop_replies(conn, "the cap was met", "breaker", later)
    assert browser.post("/replies/start", data=shown).status_code == 409
    assert held(site).by == "breaker"


def test_that_the_settings_let_none_go_out_is_said_where_it_can_be_known(site):
    assert "only rehearsed" not in site.open(OFFICE).get("/replies").text
    claim(site.database, a_reply_that_is_due(site), live=False)
    page = site.open(OFFICE).get("/replies").text
    assert "only rehearsed" in page
    assert "No reply goes out" in page


def test_that_not_everything_is_switched_on_is_said(site):
    assert "switched them on" not in site.open(OFFICE).get("/replies").text
    with site.database.write() as conn:
        switch_on(conn, SwitchedOn(frozenset({7, 8}), frozenset({"absence"})), "first", HEAD, NOW)
    assert "switched them on for years 7 and 8, with absence." in site.open(OFFICE).get("/replies").text
