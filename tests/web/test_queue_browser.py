"""The queue in a real browser: its keys, what comes while somebody works in it, and the bar that closes."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.web.browser import Browser
from tests.web.families import YEAR_8, receive, site
from tests.web.serving import served
from tests.web.site import CONTENTIOUS
from triage.domain.model import Topic

__all__ = ["site"]

ILL = replace(CONTENTIOUS, topic=Topic.MEDICAL)
SHOWN = "document.querySelector('{}').checkVisibility()"
FOCUS = "document.activeElement.id"


@pytest.fixture
def queue(browser, site) -> Iterator[Browser]:
    """A browser at a queue of two."""
    for flag in (CONTENTIOUS, ILL):
        receive(site, flag)
    with served(site.app()) as address:
        browser.go(address)
        browser.click(f"button[value='{site.token(YEAR_8)}']")
        browser.go(f"{address}flags")
        time.sleep(1)  # until the stream of news has looked for the first time
        yield browser


def wait_until(browser: Browser, script: str) -> None:
    """Wait until something on the page is true: the stream looks every five seconds."""
    end = time.monotonic() + 30
    while not browser.run(script):
        assert time.monotonic() < end, script
        time.sleep(0.1)


def test_r_closes_the_entry_and_the_next_one_has_the_focus(queue):
    queue.press("j", 74, "j")
    assert queue.run(FOCUS) == "entry-2"
    queue.press("r", 82, "r")
    queue.wait_for_page()
    assert "Closed: Medical, rang home." in queue.text()
    assert queue.run(FOCUS) == "entry-1"


def test_a_question_mark_opens_all_keys_and_escape_leads_back(queue):
    assert not queue.run(SHOWN.format("#keys"))
    queue.press("?", 191, "?")
    assert queue.run(SHOWN.format("#keys"))
    told = queue.run("[...document.querySelectorAll('#keys kbd')].map(one => one.textContent).join('')")
    assert told == "jkoarnh?"
    queue.press("Escape", 27)
    assert not queue.run(SHOWN.format("#keys"))
    assert queue.said == []


def test_h_hides_words_and_names_and_shows_them_again(queue):
    queue.press("h", 72, "h")
    queue.wait_for_page()
    assert "Sara" not in queue.text()
    queue.press("h", 72, "h")
    queue.wait_for_page()
    assert "Sara" in queue.text()


def test_what_comes_while_somebody_is_in_the_list_waits_until_they_ask_for_it(queue, site):
    queue.press("j", 74, "j")
    queue.press("a", 65, "a")
    receive(site, replace(ILL, topic=Topic.CONFIDENTIAL))
    wait_until(queue, SHOWN.format("#show"))
    assert queue.run("document.querySelectorAll('.entry').length") == 2
    queue.press("n", 78, "n")
    wait_until(queue, "document.querySelectorAll('.entry').length === 3")
    assert queue.run(FOCUS) == "entry-2"
    assert queue.run("document.querySelector('#entry-2 input').checked")
    assert not queue.run(SHOWN.format("#show"))


def test_what_comes_while_nobody_is_in_the_list_stands_there_at_once(queue, site):
    receive(site, replace(ILL, topic=Topic.CONFIDENTIAL))
    wait_until(queue, "document.querySelectorAll('.entry').length === 3")


def test_with_a_tick_the_bar_that_closes_stays_in_sight(queue):
    queue.resize(1280, 300)
    in_sight = "document.querySelector('.bulk').getBoundingClientRect().bottom <= innerHeight + 1"
    assert not queue.run(in_sight)
    queue.press("j", 74, "j")
    queue.press("a", 65, "a")
    assert queue.run(in_sight)
