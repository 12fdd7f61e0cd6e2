"""Every page in a real browser: light and dark, from 320 to 1600 pixels, and by keyboard.

axe-core finds what a program can of WCAG 2.2 A and AA. No page is wider than its window (1.4.10), asks
another origin for anything, or gives the browser reason to complain.
"""

import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.servers.ports import missing
from tests.store.builders import NOW
from tests.web.browser import find_chromium
from tests.web.serving import served
from tests.web.test_every_page import ANYBODY, TABLE, Walk, of_the_site
from tests.web.test_who_sees_what import ADMIN, HEAD, LEAD, OFFICE, TEACHER, YEAR_8
from triage.store.db import open_database
from triage.store.switches import start_replies, stop_replies
from triage.web.news import Streams

WIDTHS = (320, 768, 1600)
SCHEMES = ("light", "dark")
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
OF_COLOUR = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""What a dark scheme can change: it has other colours, and nothing else."""

UNBROKEN = "unbroken" * 40
A_PAGE_AND_MORE = 52
ELEMENT = re.compile(r"<(\w+)([^>]*)>")
CLASS = re.compile(r'\b(class|type|role|aria-current|disabled|readonly)(?:="([^"]*)")?')


OF_A_REFUSAL = "Failed to load resource: the server responded with a status of 4"
"""What the browser says of a page that there is not, where one was asked for."""


@dataclass
class Desk:
    """A browser window of somebody, and what it had to say about the pages."""

    page: Page
    here: str
    elsewhere: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda one: self._asked(one.url))
        self.page.on("console", lambda one: self._complained(one.text))
        self.page.on("pageerror", lambda one: self.said.append(f"{self.page.url}: {one}"))

    def _asked(self, url: str) -> None:
        if not url.startswith(self.here):
            self.elsewhere.append(url)

    def _complained(self, text: str) -> None:
        if not text.startswith(OF_A_REFUSAL):
            self.said.append(f"{self.page.url}: {text}")

    def go(self, path: str) -> None:
        """Open a page, with all on it that is folded."""
        self.page.goto(f"{self.here}{path}")
        self.unfold()

    def unfold(self) -> None:
        """Open all that is folded."""
        self.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    def faults(self) -> Iterator[str]:
        """Yield what is wrong with the page that is open, in each width and scheme."""
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            wide = self.page.evaluate("document.scrollingElement.scrollWidth")
            if wide > width:
                yield f"{wide} pixels wide in a window of {width}: {self.page.evaluate(TOO_WIDE)}"
            for scheme in SCHEMES:
                self.page.emulate_media(color_scheme=scheme)
                yield from self.violations(WCAG if scheme == "light" else OF_COLOUR, f"{width}, {scheme}")

    def violations(self, which: dict[str, object], at: str) -> Iterator[str]:
        """Yield what axe finds."""
        # What stands in the frame of a message is its sender's, and runs no script.
        options = {"runOnly": which, "resultTypes": ["violations"], "iframes": False}
        for found in Axe().run(self.page, options=options).response["violations"]:
            for node in found["nodes"]:
                yield f"{found['id']} ({at}): {node['html'][:200]}: {node['failureSummary'][:400]}"


TOO_WIDE = """[...document.querySelectorAll('body *')]
    .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .slice(0, 3).map(one => one.outerHTML.slice(0, 120)).join(' | ')"""


@dataclass
class Desks:
    """One browser with a window for each person, who has signed in once."""

    chromium: Browser
    world: Walk
    here: str
    _desks: dict[str | None, Desk] = field(default_factory=dict)

    def of(self, who: str | None) -> Desk:
        """The window of somebody."""
        if who not in self._desks:
            context = self.chromium.new_context(viewport={"width": 1280, "height": 900})
            if who is not None:
                token = self.world.browser(who).cookies["triage"]
                context.add_cookies([{"name": "triage", "value": token, "url": self.here}])
            self._desks[who] = Desk(context.new_page(), self.here)
        return self._desks[who]

    @property
    def elsewhere(self) -> list[str]:
        """What any window has asked another origin for."""
        return [url for desk in self._desks.values() for url in desk.elsewhere]

    @property
    def said(self) -> list[str]:
        """What any window had to complain about."""
        return [line for desk in self._desks.values() for line in desk.said]

    def close(self) -> None:
        """Close the windows."""
        for desk in self._desks.values():
            desk.page.context.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory, sqlite_template, keyring) -> Iterator[Walk]:
    """A full school on SQLite: a queue of more than a page, mail of past weeks, words that do not break."""
    file = tmp_path_factory.mktemp("axe") / "triage.db"
    shutil.copyfile(sqlite_template, file)
    database = open_database(f"sqlite:///{file}", keyring)
    world = Walk(database)
    for number in range(A_PAGE_AND_MORE):
        world.add("contentious", at=NOW - timedelta(days=number % 30))
    world.add("contentious", text=UNBROKEN, subject=UNBROKEN)
    world.add("offensive", text="\u0634\u0643\u0631\u0627 " * 30)
    yield world
    world.close()
    database.close()


@pytest.fixture(scope="module")
def here(world) -> Iterator[str]:
    """The address of the site, as in service."""
    with served(world.app(streams=Streams())) as address:
        yield address.rstrip("/")


@pytest.fixture(scope="module")
def desks(world, here) -> Iterator[Desks]:
    program = find_chromium()
    if program is None:
        missing("Chromium", "chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(program), args=["--no-sandbox"])
        desks = Desks(chromium, world, here)
        yield desks
        desks.close()
        chromium.close()


def shape(html: str) -> frozenset[tuple[str, ...]]:
    """The kinds of elements of a page: where there is no other kind, axe finds no other fault."""
    return frozenset((name, *map(str, CLASS.findall(more))) for name, more in ELEMENT.findall(html))


def pages(world: Walk) -> Iterator[tuple[str | None, str]]:
    """Yield who opens what: every page of the table that is one, where it shows something new."""
    known: dict[str, list[frozenset[tuple[str, ...]]]] = defaultdict(list)
    for name in of_the_site("GET"):
        for who in ANYBODY:
            for kind in TABLE[name].kinds:
                if TABLE[name].answer(who, kind) != 200:
                    continue
                answer = world.get(who, name, world.kinds[kind])
                kinds = shape(answer.text)
                if answer.headers["content-type"].startswith("text/html") and not any(
                    kinds <= each for each in known[name]
                ):
                    known[name].append(kinds)
                    yield who, world.address(name, world.kinds[kind])


OTHER_PAGES = (
    (YEAR_8, "/flags?page=2"),
    (YEAR_8, "/flags?view=1"),
    (YEAR_8, "/cases/999999"),
    (HEAD, "/reports?range=school-year"),
    (ADMIN, "/service?verify=1"),
    (TEACHER, "/own?page=2"),
)


@pytest.fixture
def stopped(world) -> Iterator[None]:
    with world.database.write() as conn:
        stop_replies(conn, "the wrong words went out", HEAD, NOW)
    yield
    with world.database.write() as conn:
        start_replies(conn, HEAD, NOW)


@pytest.mark.timeout(1200)  # so many pages that a busy machine takes minutes
def test_axe_finds_nothing_on_any_page_in_any_width_or_scheme(desks, world):
    found = {}
    for who, path in (*pages(world), *OTHER_PAGES):
        desks.of(who).go(path)
        found[f"{who}: {path}"] = list(desks.of(who).faults())
    told = [f"{where}: {fault}" for where, faults in found.items() for fault in faults]
    told += [f"asked another origin: {url}" for url in desks.elsewhere]
    told += [f"the browser said at {line}" for line in desks.said]
    assert not told, "\n".join(told)


def test_axe_finds_nothing_where_replies_are_stopped(desks, world, stopped):
    for who, path in ((HEAD, "/replies"), (HEAD, "/flags"), (ADMIN, "/service")):
        desks.of(who).go(path)
        assert list(desks.of(who).faults()) == []


def test_axe_and_the_window_would_tell(desks):
    desk = desks.of(YEAR_8)
    desk.go("/account")
    desk.page.evaluate("""document.querySelector('main').insertAdjacentHTML('beforeend',
        '<button></button><p class="faulty">pale</p><p class="wide">wide</p>');
        document.querySelector('.faulty').style = 'color: #999; background: #aaa';
        document.querySelector('.wide').style = 'width: 2000px'""")
    faults = "\n".join(desk.faults())
    assert "button-name (320, light)" in faults
    assert "color-contrast (1600, dark)" in faults
    assert "pixels wide in a window of 320" in faults


# by keyboard

STOPS = """[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .filter(one => one.type !== 'hidden' && !one.disabled && one.checkVisibility())
    .filter(one => one.type !== 'radio' || one.checked)"""
"""What can be reached, in the order of reading; of radio buttons the one that holds."""

AT = f"{STOPS}.indexOf(document.activeElement)"
MARKED = """(() => { const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2; })()"""


def walk(page: Page) -> tuple[list[int], list[str]]:
    """Press Tab until the end of a page; returns where it has stopped, and what it did not mark."""
    stops, dark = [], []
    for _ in range(3 * page.evaluate(f"{STOPS}.length")):
        page.keyboard.press("Tab")
        at = page.evaluate(AT)
        if at < 0:
            break
        if stops[-1:] == [at]:
            continue  # a field for a day has stops inside of it, which the browser marks
        stops.append(at)
        if not page.evaluate(MARKED):
            dark.append(page.evaluate("document.activeElement.outerHTML.slice(0, 100)"))
    return stops, dark


BY_KEYBOARD = (
    (None, "/sign-in"),
    (LEAD, "/flags"),
    (LEAD, "/cases/2"),
    (LEAD, "/account"),
    (OFFICE, "/office"),
    (TEACHER, "/own"),
    (HEAD, "/reports"),
    (HEAD, "/replies"),
    (HEAD, "/going-live"),
    (ADMIN, "/service"),
    (ADMIN, "/audit"),
)


@pytest.mark.parametrize(("who", "path"), BY_KEYBOARD)
def test_tab_reaches_every_control_in_the_order_of_reading_and_marks_it(desks, who, path):
    desk = desks.of(who)
    desk.page.set_viewport_size({"width": 1280, "height": 900})
    desk.go(path)
    # Some pages put the focus into their first field: begin where a page begins.
    desk.page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    stops, dark = walk(desk.page)
    assert stops == list(range(desk.page.evaluate(f"{STOPS}.length")))
    assert dark == []


def test_the_first_stop_leads_past_the_menu(desks):
    page = desks.of(LEAD).page
    desks.of(LEAD).go("/flags")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_queue_is_gone_through_with_single_keys(desks, world):
    """j and k go, a ticks, o opens; r sends "rang home". In a field they are letters."""
    desk = desks.of(YEAR_8)
    desk.go("/flags")
    page, at = desk.page, "document.activeElement.closest('.entry')?.id ?? ''"
    first, second = page.evaluate("[...document.querySelectorAll('.entry')].slice(0, 2).map(one => one.id)")
    seen = []
    for key in ("j", "j", "k", "a"):
        page.keyboard.press(key)
        seen.append(page.evaluate(at))
    assert seen == [first, second, first, first]
    assert page.evaluate(f"document.querySelector('#{first} input[type=checkbox]').checked")
    page.focus("#words")
    page.keyboard.type("jokra")
    assert page.input_value("#words") == "jokra"
    page.focus(f"#{first}")
    page.keyboard.press("o")
    page.wait_for_url("**/cases/*")
    desk.go("/flags")
    before = page.inner_text("#today")
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("r")
    assert page.inner_text("#today") != before
