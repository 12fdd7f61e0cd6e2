"""The page in a real browser: its forms, its keyboard, its widths and its two schemes."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.store.builders import NOW
from tests.web.serving import served
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE, SECRET
from triage.demo.choosing import BY_CHOICE
from triage.web.app import create_app

YEAR_8 = "year8@oakfield.example"
LEAD = "safe@oakfield.example"
UNBROKEN = "unbroken" * 60
WIDTHS = (320, 360, 768, 1440, 1600)
LABELLED = """[...document.querySelectorAll('input:not([type=hidden]), select, button')]
    .every(one => [one, ...one.labels].some(each => each.ariaLabel || each.textContent.trim()))"""
LEVELS = "[...document.querySelectorAll('h1, h2, h3')].map(one => Number(one.tagName[1]))"


@pytest.fixture
def address(site) -> Iterator[str]:
    """The address of the page, served as in service."""
    with served(create_app(site.database, site.school, lambda: NOW, door=BY_CHOICE)) as address:
        yield address


def take_view(browser, site, address, who):
    browser.go(address)
    browser.click(f"button[value='{site.token(who)}']")


def test_a_head_of_year_reads_a_flag_and_resolves_it(browser, site, address):
    site.message(CONTENTIOUS)
    take_view(browser, site, address, YEAR_8)
    assert "Today: 1, about 2 minutes" in browser.text()
    browser.click(".queue a")
    assert SECRET in browser.text()
    browser.run("document.querySelector('select').value = 'dealt with in person'")
    browser.run("document.querySelector('.resolve textarea').value = 'met at the gate'")
    browser.click(".primary")
    browser.run("document.querySelector('details.closed').open = true")
    assert "dealt with in person: met at the gate" in browser.text()
    browser.click("nav a")
    assert "Nothing waits for you." in browser.text()
    assert browser.said == []


def test_a_flag_can_be_resolved_by_keyboard_alone(browser, site, address):
    site.message(CONTENTIOUS)
    take_view(browser, site, address, YEAR_8)
    browser.click(".queue a")
    while browser.run("document.activeElement.tagName") != "SELECT":
        browser.press("Tab", 9)
    browser.press("n", 78, "n")
    browser.press("Tab", 9)
    browser.write("by keyboard")
    browser.press("Tab", 9)
    browser.press("Enter", 13, "\r")
    browser.wait_for_page()
    browser.run("document.querySelector('details.closed').open = true")
    assert "nothing to do: by keyboard" in browser.text()


def test_the_first_tab_offers_to_skip_to_the_content(browser, site, address):
    take_view(browser, site, address, YEAR_8)
    browser.press("Tab", 9)
    assert browser.run("document.activeElement.innerText") == "Skip to the content"
    assert browser.run("document.activeElement.getBoundingClientRect().left >= 0")


def test_a_form_without_a_reason_is_not_sent(browser, site, address):
    site.message(CONTENTIOUS)
    take_view(browser, site, address, YEAR_8)
    browser.click(".queue a")
    assert not browser.run("document.querySelector('.resolve').checkValidity()")


@pytest.fixture
def pages(browser, site, address) -> list[str]:
    """Every kind of page, filled with what is long and does not break."""
    case = site.message(
        replace(CONTENTIOUS, why=UNBROKEN, deadline=NOW),
        ABSENCE,
        DISCLOSURE,
        text=UNBROKEN,
        subject=UNBROKEN,
        sender=f"{UNBROKEN}@home.example",
        quoted=f"\n> {UNBROKEN}",
    )
    take_view(browser, site, address, LEAD)
    return [address, f"{address}flags", f"{address}cases/{case}", f"{address}cases/999"]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_window(browser, pages, width):
    browser.resize(width)
    for page in pages:
        browser.go(page)
        browser.run("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert browser.run("document.documentElement.scrollWidth") <= width, page


def test_every_control_has_a_name(browser, pages):
    for page in pages:
        browser.go(page)
        assert browser.run(LABELLED), page


def test_headings_begin_with_one_of_the_first_level_and_leave_none_out(browser, pages):
    for page in pages:
        browser.go(page)
        levels = browser.run(LEVELS)
        assert (levels[0], levels.count(1)) == (1, 1), page
        assert all(after <= before + 1 for before, after in pairwise(levels)), page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_scheme_that_the_reader_prefers(browser, pages, scheme):
    browser.prefer(scheme)
    browser.go(pages[0])
    red, *_ = browser.run("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (red > 200) == (scheme == "light")
