"""The whole story, as a school lives it: mail into a real mailbox, the service, two people at browsers."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.acceptance.school import a_mail, now
from tests.servers.ports import missing
from tests.web.browser import find_chromium
from tests.web.people import PASSWORD, SECRET, kept
from tests.web.test_serve import address_of, running
from triage.store import accounts, audit

YEAR_8, LEAD = "t.nakamura@oakfield.example", "p.llewellyn@oakfield.example"
COMPLAINT = (
    "Jake was given a detention for something another boy did. It is not fair and we do not accept it. "
    "I want it taken off his record, and I want somebody to ring me. Sara Pole"
)
DISCLOSURE = "Jake says he wants to kill himself tonight and he has taken tablets. Please help."
SECONDS = 60_000
NOTE = "Rang at ten, she comes in on Friday."
NOTHING = "Today: nothing waits for you"


@pytest.fixture
def chromium() -> Iterator[Browser]:
    program = find_chromium()
    if program is None:
        missing("Chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(program), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def school(running_school):
    """The school, where the head of year 8 has a password, and the safeguarding lead a code besides."""
    running_school.environ = {"TRIAGE_IMAP__POLL_SECONDS": "5"}
    yesterday = now() - timedelta(days=1)
    with running_school.service.database.write() as conn:
        accounts.add_account(conn, YEAR_8, kept(), yesterday)
        lead = accounts.add_account(conn, LEAD, kept(), yesterday)
        code = pyotp.TOTP(SECRET).at(yesterday)
        assert accounts.confirm_totp(conn, lead, SECRET, code, yesterday)
    return running_school


@pytest.fixture
def address(school) -> Iterator[str]:
    """The address of the site; the worker reads the mailbox beside it."""
    with running(school) as service:
        yield address_of(service).rstrip("/")


def sign_in(chromium: Browser, address: str, who: str) -> Page:
    """Sign in by keyboard; a page moves the focus into its first field some time after it has loaded."""
    page = chromium.new_page()
    page.set_default_timeout(SECONDS)
    page.goto(address)
    page.locator("#address").focus()
    page.keyboard.type(who)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    if who == LEAD:
        page.locator("#code").focus()
        page.keyboard.type(pyotp.TOTP(SECRET).now())
        page.keyboard.press("Enter")
    page.wait_for_selector("#today")
    # Whatever loads the page anew takes this away.
    page.evaluate("window.neverLeft = true")
    return page


def press(page: Page, name: str) -> None:
    """Press a button by its name with the keyboard; what it is folded into is opened first."""
    button = page.get_by_role("button", name=re.compile(rf"^{name}\b"), include_hidden=True)
    folds = button.locator("xpath=ancestor::details[not(@open)]")
    while folds.count():
        folds.first.locator("> summary").focus()
        page.keyboard.press("Enter")
    button.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_message_becomes_a_flag_that_is_read_taken_and_closed_and_a_disclosure_is_for_the_lead_alone(
    chromium, school, address
):
    head_of_year, lead = (sign_in(chromium, address, who) for who in (YEAR_8, LEAD))
    assert head_of_year.inner_text("#today") == lead.inner_text("#today") == NOTHING

    # A parent writes; the flag comes to the open page by itself.
    school.deliver(a_mail(COMPLAINT, to=school.address()))
    expect(head_of_year.locator("#today")).to_have_text("Today: 1, about 2 minutes", timeout=SECONDS)
    expect(head_of_year.locator(".entry")).to_have_count(1)
    expect(head_of_year.locator("#news")).to_have_text("The queue has changed.")
    assert head_of_year.evaluate("window.neverLeft")

    # The head of year opens it by key, reads it and takes it.
    head_of_year.keyboard.press("j")
    head_of_year.keyboard.press("o")
    head_of_year.wait_for_url("**/cases/1")
    assert "It is not fair and we do not accept it." in head_of_year.inner_text("main")
    press(head_of_year, "Take it")
    expect(head_of_year.locator("#flag-1")).to_contain_text(re.compile(r"Taken by\s*you"))

    # A child is in danger: the lead is told, and of that the head of year sees nothing.
    school.deliver(a_mail(DISCLOSURE, to=school.address()))
    expect(lead.locator(".severity.immediate")).to_have_text("Now", timeout=SECONDS)
    assert lead.evaluate("window.neverLeft")
    lead.goto(f"{address}/cases/2")
    assert DISCLOSURE in lead.inner_text("main")
    seen = head_of_year.goto(f"{address}/cases/2")
    assert seen.status == 404
    assert "There is no such case, or none that you may see." in head_of_year.inner_text("main")
    head_of_year.goto(f"{address}/flags")
    assert head_of_year.inner_text("#today") == "Today: 1, about 2 minutes"

    # The head of year rings home, and closes the flag with a reason and a note, by keyboard.
    head_of_year.goto(f"{address}/cases/1")
    head_of_year.get_by_label("Close it as").focus()
    head_of_year.keyboard.type("Dealt with by")
    head_of_year.keyboard.press("Tab")
    head_of_year.keyboard.type(NOTE)
    press(head_of_year, "Close")
    expect(head_of_year.locator("#closed")).to_be_focused()
    expect(head_of_year.locator("#closed")).to_have_text("Closed. Nothing else waits for you.")
    told = head_of_year.text_content("#flag-1")
    assert "Closed by Ms T. Nakamura" in told
    assert NOTE in told
    head_of_year.goto(f"{address}/flags")
    assert head_of_year.inner_text("#today") == NOTHING

    with school.service.database.read() as conn:
        looked = {(line.actor, line.object) for line in audit.lines(conn) if line.action == "text viewed"}
        assert audit.verify(conn, school.service.database.keyring) is None
    assert looked == {(YEAR_8, "case 1"), (LEAD, "case 2")}
