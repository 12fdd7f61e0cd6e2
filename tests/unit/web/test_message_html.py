"""What is left of a message's HTML: its shape and its words; nothing that loads, leads, runs or styles."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.web.message_html import MOST_OPEN, framed, safe_html

PIECES = st.sampled_from(
    """
    <a href="//x" ping=y> <a href='javascript:1'> </a> <img src=x onerror=1 alt="> <script>"> <svg> </svg>
    <style> </style> <math> <mtext> <noscript> </noscript> <p title=" "> <!-- --> <![CDATA[ ]]> <textarea>
    </textarea> <title> </title> <table> <td background=x> <select> <template> <iframe srcdoc=x>
    <form action=x> <b style="a:url(x)"> " ' > < & x
    """.split()  # noqa: SIM905 - pieces
)


class Seen(HTMLParser):
    """The tags and attributes of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def seen(html: str) -> Seen:
    parser = Seen()
    parser.feed(html)
    parser.close()
    return parser


def test_headings_lists_and_tables_stay():
    source = "<h2>Trip</h2><ul><li>one</li></ul><table><tbody><tr><td>1</td></tr></tbody></table>"
    assert safe_html(source) == source


def test_where_a_link_leads_stands_beside_it_and_nothing_can_be_followed():
    shown = safe_html('<a href="https://evil.example/?a=1&b=2">the <b>portal</b></a>')
    assert shown == ('the <b>portal</b> <bdi dir="ltr">[leads to https://evil.example/?a=1&amp;b=2]</bdi>')


def test_a_link_that_says_where_it_leads_is_not_told_twice():
    assert safe_html('<a href="https://a.example/">https://a.example/</a>') == "https://a.example/"


def test_a_long_target_is_cut():
    shown = safe_html(f'<a href="https://a.example/{"x" * 5_000}">here</a>')
    assert len(shown) < 500


def test_a_link_that_would_run_something_leads_nowhere():
    assert safe_html('<a href="javascript:alert(1)">here</a>') == "here"


def test_a_picture_is_its_description():
    assert safe_html('<img src="https://evil.example/x" alt="the bus">') == "<bdi>[picture: the bus]</bdi>"


@pytest.mark.parametrize("source", ['<img src="x">', '<img src="x" alt=" ">'])
def test_a_picture_without_a_description_is_nothing(source):
    assert safe_html(source) == ""


@pytest.mark.parametrize("tag", ["script", "style", "svg", "template", "title", "noscript", "object"])
def test_what_is_no_text_goes_with_what_is_in_it(tag):
    assert safe_html(f"a<{tag}>gone</{tag}>b") == "ab"


@given(st.lists(PIECES, max_size=40))
def test_nothing_is_left_that_loads_leads_runs_or_styles(pieces):
    shown = safe_html(" ".join(pieces))
    found = seen(shown)
    assert found.attributes <= {"dir"}
    assert not found.tags & {
        "a",
        "img",
        "svg",
        "script",
        "style",
        "iframe",
        "form",
        "input",
        "link",
        "meta",
        "base",
    }


@given(st.text(max_size=300))
def test_any_text_can_be_framed(text):
    assert seen(safe_html(text)).attributes <= {"dir"}
    assert framed(text).endswith("</body></html>")


def test_a_frame_holds_a_document_of_its_own_language_and_charset():
    assert re.match(r'<!doctype html><html lang="und"><head><meta charset="utf-8">', framed("<p>x</p>"))


@pytest.mark.parametrize(("depth", "is_shown"), [(MOST_OPEN, True), (MOST_OPEN + 1, False)])
def test_html_is_laid_out_up_to_a_depth(depth, is_shown):
    assert ("too deep" not in framed("<div>" * depth + "x" + "</div>" * depth)) == is_shown


def test_paragraphs_and_items_that_are_not_ended_are_not_deep():
    assert "too deep" not in framed("<p>a<br><li>b" * 2_000)
