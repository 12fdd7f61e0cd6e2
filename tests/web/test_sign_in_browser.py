"""Signing in with a real browser, up to a safeguarding message: by keyboard, in every width and scheme."""

from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest

from tests.web.people import LEAD, PASSWORD, School
from tests.web.serving import served
from tests.web.site import DISCLOSURE, SECRET
from triage.web.app import create_app
from triage.web.local_door import local_door

WIDTHS = (320, 768, 1440)
LABELLED = """[...document.querySelectorAll('input:not([type=hidden], [hidden]), select, button')]
    .every(one => one.innerText.trim() || [...one.labels].some(label => label.innerText.trim()))"""
KEY = "document.querySelector('.key').innerText.replaceAll(' ', '')"
OF_THE_PAGE = """[...document.styleSheets].every(sheet => sheet.href)
    && !document.querySelector('script, style, [style]')"""


@pytest.fixture
def school(database) -> School:
    """A school whose safeguarding lead has a password and no code yet."""
    school = School(database)
    school.add(LEAD)
    return school


@pytest.fixture
def address(school) -> Iterator[str]:
    """The address of the site, served as in service."""
    with served(create_app(school.database, school.site.school, school.clock, door=local_door())) as address:
        yield address


def enter(browser) -> None:
    browser.press("Enter", 13, "\r")
    browser.wait_for_page()


def type_in(browser, *texts: str, field: str = "#code") -> None:
    """Type into a field and those after it, and send the form by Enter.

    The page moves the focus there by itself, but only some time after it has loaded.
    """
    browser.run(f"document.querySelector('{field}').focus()")
    for number, text in enumerate(texts):
        if number:
            browser.press("Tab", 9)
        browser.write(text)
    enter(browser)


def sign_in(browser, address) -> None:
    browser.go(address)
    type_in(browser, LEAD, PASSWORD, field="#address")


def set_up(browser, address, school, to="/account") -> str:
    browser.go(f"{address}account/code?to={to}")
    secret = browser.run(KEY)
    type_in(browser, pyotp.TOTP(secret).at(school.clock()), PASSWORD)
    return secret


def test_the_lead_signs_in_sets_up_the_code_and_reads_by_keyboard_alone(browser, school, address):
    case = school.site.message(DISCLOSURE)
    browser.go(f"{address}cases/{case}")
    type_in(browser, LEAD, PASSWORD, field="#address")
    assert "Set up your code" in browser.text()
    assert SECRET not in browser.text()
    secret = browser.run(KEY)
    type_in(browser, pyotp.TOTP(secret).at(school.clock()), PASSWORD)
    assert SECRET in browser.text()
    school.clock.move(minutes=15)
    browser.go(f"{address}cases/{case}")
    assert SECRET not in browser.text()
    type_in(browser, pyotp.TOTP(secret).at(school.clock()))
    assert SECRET in browser.text()
    assert browser.said == []


def test_a_wrong_password_is_said_where_a_screen_reader_finds_it(browser, school, address):
    browser.go(address)
    type_in(browser, LEAD, "not the right one", field="#address")
    assert browser.run("document.querySelector('[role=alert]').innerText").startswith("The address or the")
    assert browser.run("document.querySelector('#password').getAttribute('aria-describedby')") == "said"
    assert browser.run("document.querySelector('#address').value") == LEAD


def test_signing_out_leaves_nothing_to_go_back_to(browser, school, address):
    sign_in(browser, address)
    browser.click("header button")
    assert "Sign in" in browser.text()
    browser.go(f"{address}flags")
    assert "Sign in" in browser.text()


@pytest.fixture
def pages(browser, school, address) -> list[str]:
    """Every page of somebody who is signed in with the code, in three browsers."""
    sign_in(browser, address)
    set_up(browser, address, school)
    for hours in (1, 2):
        school.signed_in(LEAD)
        school.clock.now += timedelta(minutes=hours)
    return [f"{address}{page}" for page in ("account", "account/password", "account/code", "sign-in/code")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_is_labelled_and_is_all_its_own(browser, pages, scheme):
    browser.prefer(scheme)
    for page in pages:
        for width in WIDTHS:
            browser.resize(width)
            browser.go(page)
            assert browser.run("document.documentElement.scrollWidth") <= width, page
        assert browser.run(LABELLED), page
        assert browser.run(OF_THE_PAGE), page
        assert browser.run("document.querySelectorAll('h1').length") == 1, page
    assert browser.said == []


def test_the_picture_is_dark_on_light_in_the_dark_too(browser, pages):
    browser.prefer("dark")
    browser.go(next(page for page in pages if page.endswith("account/code")))
    colours = browser.run(
        "[...document.querySelectorAll('.qr path')].map(one => "
        "[getComputedStyle(one).fill, getComputedStyle(one).stroke])"
    )
    assert colours == [["rgb(255, 255, 255)", "none"], ["rgb(0, 0, 0)", "rgb(0, 0, 0)"]]
