"""The absence list in a real browser: ticked line by line, and printed."""

from collections.abc import Iterator

import pytest

from tests.web.serving import served
from tests.web.site import ABSENCE, Site
from triage.demo.choosing import BY_CHOICE
from triage.web.app import create_app

OFFICE = "office@oakfield.example"
SHOWN = "[...document.querySelectorAll('{}')].filter(one => one.checkVisibility()).length"
STYLE = "getComputedStyle(document.querySelector('{}')).{}"


@pytest.fixture
def at_the_list(browser, site: Site) -> Iterator[None]:
    """A browser at the list, with two lines on it."""
    site.messages(ABSENCE, ABSENCE)
    with served(create_app(site.database, site.school, site.clock, door=BY_CHOICE)) as address:
        browser.go(address)
        browser.click(f"button[value='{site.token(OFFICE)}']")
        browser.go(f"{address}office")
        yield
        browser.prefer("light")


def test_a_tick_moves_the_line_down_and_keeps_ones_place(browser, at_the_list):
    browser.click("#line-1 button, #line-2 button")
    assert "Rung today 1" in browser.text()
    assert browser.run("document.querySelector('.line:target') !== null")
    assert browser.run("document.querySelectorAll('#today ~ ul .line').length") == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_it_is_black_on_white_with_boxes_instead_of_buttons(browser, at_the_list, scheme):
    assert (browser.run(SHOWN.format(".box")), browser.run(SHOWN.format("main button"))) == (0, 2)
    browser.prefer(scheme, media="print")
    assert (browser.run(SHOWN.format(".box")), browser.run(SHOWN.format("main button"))) == (2, 0)
    assert browser.run(SHOWN.format("header, .skip")) == 0
    assert browser.run(STYLE.format(".roll", "color")) == "rgb(0, 0, 0)"
    assert browser.run(STYLE.format(".roll", "backgroundColor")) == "rgb(255, 255, 255)"


def test_on_paper_it_fits_the_width_of_a4(browser, at_the_list):
    browser.prefer("light", media="print")
    browser.resize(687)  # 210 mm less the margins, in pixels of a 96th of an inch
    assert browser.run("document.documentElement.scrollWidth") <= 687
