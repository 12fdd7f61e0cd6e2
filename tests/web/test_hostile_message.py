"""A hostile message changes nothing outside of its box, loads nothing, and costs no more than its bound."""

import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from tests.store.builders import NOW, a_mailbox, an_intake, take_in
from tests.web.hostile import SCRIPT, elsewhere, layout, letter, still
from tests.web.serving import served
from tests.web.site import CONTENTIOUS, SCHOOL
from triage.demo.choosing import BY_CHOICE
from triage.message.parse import parse
from triage.web.app import create_app
from triage.web.message_html import framed, safe_html
from triage.web.render import Renderer
from triage.web.safety import SafeHeaders

YEAR_8 = "year8@oakfield.example"
AWAY = "http://away.example"
PLAIN = (
    b"From: Sara <sara@home.example>\r\nSubject: Reading\r\nMessage-ID: <a@home.example>\r\n\r\nWhich?\r\n"
)
BOX_EMPTIED = """(() => {
    const copy = document.documentElement.cloneNode(true);
    copy.querySelectorAll('article.letter, .what, .beside').forEach(box => box.replaceChildren());
    return copy.outerHTML;
})()"""
IN_THE_BOX = """[...document.querySelectorAll(
    'article.letter, article.letter *, .entry .what *, .entry dl *')].flatMap(
    one => [one.localName, ...[...one.attributes].map(each => '@' + each.name)])"""
OF_OURS = frozenset(
    """
    a article bdi br button dd details div dl dt form h2 h3 h4 input li mark p span strong summary ul
    @action @aria-label @aria-labelledby @class @dir @form @href @id @method @name @type @value
    """.split()  # noqa: SIM905 - words
)
LOADED = {"/img.png", "/link.css", "/import.css", "/svg.png", "/poster", "/iframe"}
LARGEST_PAGE = 250_000


def kept(site, raw: bytes) -> int:
    """Take in a message as it came over the wire; returns its case."""
    with site.database.write() as conn:
        mailbox = a_mailbox(conn)
    message = parse(raw, NOW)
    uid = next(site._uids)
    return take_in(site.database, an_intake(mailbox, uid, message=message, flags=[CONTENTIOUS])).case_id


@pytest.fixture
def address(site) -> Iterator[str]:
    with served(create_app(site.database, site.school, lambda: NOW, door=BY_CHOICE)) as address:
        yield address


@pytest.fixture
def reader(browser, site, address):
    """A head of year at a real browser."""
    browser.go(address)
    browser.click(f"button[value='{site.token(YEAR_8)}']")
    return browser


def outside(browser, page: str) -> str:
    """The page as the browser has it, without what stands in the boxes of messages."""
    browser.go(page)
    return re.sub(r"\d+", "0", browser.run(BOX_EMPTIED))


@pytest.mark.parametrize("text", [SCRIPT, "x" * 1_000_000, SCRIPT * 20_000], ids=["script", "huge", "both"])
def test_outside_of_its_box_the_page_is_that_of_a_plain_message(site, reader, address, text):
    plain = outside(reader, f"{address}cases/{kept(site, PLAIN)}")
    assert outside(reader, f"{address}cases/{kept(site, letter(AWAY, text=text))}") == plain


def test_the_queue_around_it_is_that_of_a_plain_message(site, reader, address):
    kept(site, PLAIN)
    plain = outside(reader, f"{address}flags")
    site.open(YEAR_8).post("/flags/1/rang", data={"version": "0"}, page="/flags")
    kept(site, letter(AWAY))
    assert outside(reader, f"{address}flags") == plain


@pytest.mark.parametrize("page", ["cases/1", "flags"])
def test_within_its_box_there_are_no_elements_and_no_attributes_but_ours(site, reader, address, page):
    kept(site, letter(AWAY))
    reader.go(f"{address}{page}")
    found = set(reader.run(IN_THE_BOX))
    assert found - OF_OURS <= {"@tabindex", "@data-case"}
    assert found & {"article", "bdi"}


def test_no_script_of_a_message_runs(site, reader, address):
    case = kept(site, letter(AWAY))
    for page in (f"cases/{case}", f"cases/{case}/messages/{case}", "flags"):
        reader.go(f"{address}{page}")
        assert "owned" not in reader.run("document.title")
    assert reader.said == []


def test_a_turned_text_leaves_what_follows_it_as_it_is(site, reader, address):
    kept(site, letter(AWAY, text="\u202e" * 50 + "\u2067" * 50 + "turned"))
    reader.go(f"{address}cases/1")
    left = "(one => one.getBoundingClientRect().left)(document.querySelector('article.letter .guess'))"
    turned = reader.run(left)
    kept(site, PLAIN)
    reader.go(f"{address}cases/2")
    assert turned == reader.run(left)


def test_marks_piled_on_a_letter_do_not_reach_out_of_their_box(site, reader, address):
    kept(site, letter(AWAY, text="a" + "\u0301" * 5_000))
    reader.go(f"{address}cases/1")
    assert reader.run("getComputedStyle(document.querySelector('.text')).overflow") == "clip"


class TestNothingIsLoaded:
    """A real server stands elsewhere, and nobody comes to it."""

    def test_whoever_loads_such_html_as_it_is_comes_elsewhere(self, browser):
        """The tests below would see it: this is what the HTML does where nothing holds it."""
        with elsewhere() as (away, asked), served(_showing(still(layout(away)), safe=False)) as address:
            browser.go(address)
            _wait_until(lambda: set(asked) >= LOADED)
        assert set(asked) >= LOADED

    def test_no_page_of_a_message_asks_elsewhere(self, site, reader, address):
        with elsewhere() as (away, asked):
            case = kept(site, letter(away))
            for page in (f"cases/{case}/messages/{case}", f"cases/{case}", "flags"):
                reader.go(f"{address}{page}")
                reader.run("document.querySelectorAll('details').forEach(one => one.open = true)")
                time.sleep(0.4)  # a refresh or a pre-load comes after the page
        assert asked == []

    def test_the_frame_alone_holds_what_no_sanitiser_has_seen(self, browser):
        with elsewhere() as (away, asked), served(_showing(layout(away), safe=True)) as address:
            browser.go(address)
            time.sleep(0.4)
        assert asked == []

    def test_the_layout_is_shown_and_not_its_tricks(self, site, reader, address):
        case = kept(site, letter(AWAY))
        shown = site.open(YEAR_8).get(f"/cases/{case}/messages/{case}").text
        (document,) = Frames.of(shown)
        assert "<h2>Trip</h2><p>Please <em>pay</em></p>" in re.sub(r">\s+<", "><", document)
        assert f"[leads to {AWAY}/followed]" in document


class Frames(HTMLParser):
    """The documents in the frames of a page, each of which must be locked."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag == "iframe":
            named = dict(attrs)
            assert named["sandbox"] in {None, ""}
            assert named["title"]
            assert "src" not in named
            self.found.append(named["srcdoc"])

    @classmethod
    def of(cls, page: str) -> list[str]:
        parser = cls()
        parser.feed(page)
        return parser.found


@pytest.mark.parametrize(
    "text",
    ["x" * 1_000_000, SCRIPT * 20_000, "&" * 1_000_000, "\n" * 1_000_000],
    ids=["x", "script", "&", "lines"],
)
def test_a_huge_message_makes_no_huge_page(site, text):
    case = kept(site, letter(AWAY, text=text))
    browser = site.open(YEAR_8)
    for page in (f"/cases/{case}", f"/cases/{case}/messages/{case}", "/flags"):
        answer = browser.get(page)
        assert (answer.status_code, len(answer.content) < LARGEST_PAGE) == (200, True), len(answer.content)


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "<b>",
        "<div></x>",
        "<div><table></div>",
        "<table><tr><td>",
        "<a href=x>",
        '<a href="',
        "<b><p>",
        "<font>",
    ],
)
def test_html_that_is_deep_is_not_laid_out_and_costs_little(piece):
    begun = time.perf_counter()
    shown = framed(piece * (131_072 // len(piece)))
    assert "too deep" in shown
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize(
    "piece", ["<p>", "<br>", "<li>x", "<img alt=x>", "&", "<", "<p dir=rtl>", "<a href=http://x>y</a>"]
)
def test_html_that_is_long_costs_little(piece):
    begun = time.perf_counter()
    safe_html(piece * (131_072 // len(piece)))
    assert time.perf_counter() - begun < 5


def _showing(html: str, *, safe: bool) -> Starlette:
    """A site that shows HTML unsanitised: in the page's frame with the headers of the site, or as a page."""
    renderer = Renderer(SCHOOL)

    def page(request):
        answer = renderer.page(request, "laid_out.html", case=1, document=html, cut=False)
        if not safe:
            answer.body = html.encode()
            answer.headers["content-length"] = str(len(answer.body))
        return answer

    return Starlette(routes=[Route("/", page)], middleware=[Middleware(SafeHeaders)] if safe else [])


def _wait_until(done, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.05)
