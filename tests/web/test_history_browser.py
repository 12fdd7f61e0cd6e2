"""The histories, the repeats and the chronology in a real browser: on a phone, by keyboard, and on paper."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.web.browser import Browser
from tests.web.families import JAKE, LEAD, OSCAR, YEAR_8, receive, site
from tests.web.serving import served
from tests.web.site import CONTENTIOUS, DISCLOSURE, Site
from triage.domain.model import Topic

__all__ = ["site"]

UNBROKEN = "unbroken" * 60
PAPER = """(() => {
    const of = (selector) => getComputedStyle(document.querySelector(selector));
    return {
        menu: of('nav').display, head: of('.chronology thead').display, running: of('.on-paper').display,
        ink: of('.chronology .text').color, paper: of('.chronology').backgroundColor,
        short: of('tbody tr').breakInside,
    };
})()"""


@pytest.fixture
def address(site) -> Iterator[str]:
    """The address of the page, served as in service."""
    with served(site.app()) as address:
        yield address


def take_view(browser: Browser, site: Site, address: str, who: str) -> None:
    browser.go(address)
    browser.click(f"button[value='{site.token(who)}']")


@pytest.mark.parametrize("width", [320, 1600])
def test_nothing_is_wider_than_the_window(browser, site, address, width):
    receive(site, CONTENTIOUS, subject=UNBROKEN, text=UNBROKEN)
    receive(site, CONTENTIOUS, text=UNBROKEN)
    receive(site, DISCLOSURE, sender=f"{UNBROKEN[:60]}@home.example", sender_name=UNBROKEN)
    take_view(browser, site, address, LEAD)
    browser.resize(width)
    for path in ("flags", f"pupils/{JAKE}", f"pupils/{JAKE}/chronology"):
        browser.go(f"{address}{path}")
        browser.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        assert browser.run("document.documentElement.scrollWidth") <= width, path
        assert browser.said == []


def test_the_family_is_reached_from_the_queue_by_links_alone(browser, site, address):
    receive(site, CONTENTIOUS)
    receive(site, replace(CONTENTIOUS, year=10), pupils=(OSCAR,))
    take_view(browser, site, address, LEAD)
    browser.click(f"a[href='/pupils/{JAKE}']")
    browser.click(".carers a")
    assert "The family of Sara Pole" in browser.text()
    assert "Oscar Pole, 10C" in browser.text()


def test_three_messages_about_one_thing_are_closed_with_one_key(browser, site, address):
    for flag in (CONTENTIOUS, CONTENTIOUS, CONTENTIOUS, replace(CONTENTIOUS, topic=Topic.MEDICAL)):
        receive(site, flag)
    take_view(browser, site, address, YEAR_8)
    assert "Today: 4 flags, 2 things to do, about 4 minutes" in browser.text()
    browser.press("j", 74, "j")
    browser.press("j", 74, "j")
    browser.press("r", 82, "r")
    browser.wait_for_page()
    assert "Today: 1, about 2 minutes" in browser.text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_a_chronology_is_black_on_white_with_its_head_on_each_page(browser, site, address, scheme):
    receive(site, DISCLOSURE)
    take_view(browser, site, address, LEAD)
    browser.go(f"{address}pupils/{JAKE}/chronology")
    assert browser.run(PAPER)["running"] == "none"
    browser.prefer(scheme, "print")
    assert browser.run(PAPER) == {
        "menu": "none",
        "head": "table-header-group",
        "running": "table-row",
        "ink": "rgb(0, 0, 0)",
        "paper": "rgb(255, 255, 255)",
        "short": "avoid",
    }
