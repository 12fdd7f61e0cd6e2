"""The digest's two templates: the same said twice, nothing of it unescaped, nothing to load."""

import re
import shutil

import pytest

from triage.message.digest_words import DigestWords
from triage.message.wording import WordingError
from triage.resources import resource

HOSTILE = '<img src="https://evil.example/x">&'
LINE = {
    "who": "Sara Pole",
    "pupils": ["Jake Pole, 8B"],
    "topics": ["behaviour"],
    "people": "",
    "not_right": "https://triage.oakfield.example/digest/not-right/1-2-3",
    "ask": "https://triage.oakfield.example/digest/raise/1-2-3",
}


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(resource("templates"), tmp_path / "templates")
    return tmp_path / "templates"


def rendered(folder, *lines, need="answer", **facts):
    group = {"need": need, "number": len(lines), "lines": list(lines)}
    known = {"school": "Oakfield School", "owner": "Mr R. Hale", "came": 14, "need_you": 3, "more": 0}
    where = {"where": "https://triage.oakfield.example/", "groups": [group]}
    return DigestWords(folder).render(known | where | facts)


def test_both_begin_with_how_many_came_and_how_many_need_the_reader(folder):
    text, html = rendered(folder, LINE)
    assert text.startswith("14 came, 3 need you.\n")
    assert "<h2>14 came, 3 need you</h2>" in html


def test_one_needs_you(folder):
    assert rendered(folder, LINE, need_you=1)[0].startswith("14 came, 1 needs you.")


def test_a_line_of_the_text_stands_alone_with_its_links_below(folder):
    text, _ = rendered(folder, LINE)
    lines = text.split("\n")
    place = lines.index("- Sara Pole, about Jake Pole, 8B: behaviour")
    assert lines[place + 1] == f"  Not right? {LINE['not_right']}"
    assert lines[place + 2] == f"  Raise this with the head of year: {LINE['ask']}"


def test_both_have_the_same_links(folder):
    text, html = rendered(folder, LINE)
    assert set(re.findall(r"https://[^\s\"<]+", text)) == set(re.findall(r'href="([^"]+)"', html))


def test_whoever_may_not_raise_has_no_such_link(folder):
    for words in rendered(folder, {**LINE, "ask": ""}):
        assert "Raise" not in words
        assert "Not right?" in words


@pytest.mark.parametrize("field", ["who", "people"])
def test_what_a_stranger_wrote_is_only_text_in_the_page(folder, field):
    html = rendered(folder, {**LINE, field: HOSTILE})[1]
    assert "<img" not in html
    assert "&lt;img" in html


def test_the_page_loads_nothing_and_has_no_style_and_no_script(folder):
    html = rendered(folder, LINE)[1].lower()
    assert not re.search(r"<(img|link|script|style|iframe)|\bsrc=|\bstyle=|@import|url\(", html)


@pytest.mark.parametrize("need", ["answer", "read", "guided", "with-others", "machine"])
def test_every_group_has_a_heading(folder, need):
    text, html = rendered(folder, LINE, need=need)
    assert "(1)" in text.split("\n\n")[1]
    assert "<h3>" in html


def test_of_those_without_a_line_the_number_is_told(folder):
    for words in rendered(folder, LINE, more=160):
        assert "160 more" in words


@pytest.mark.parametrize("name", ["digest.txt", "digest.html"])
@pytest.mark.parametrize("broken", ["{{ subject }}", "{% if %}", "{{ came.x.y }}"])
def test_a_template_that_cannot_be_used_is_told_at_start(folder, name, broken):
    (folder / "notify" / name).write_text(broken)
    with pytest.raises(WordingError):
        DigestWords(folder)


@pytest.mark.parametrize("name", ["digest.txt", "digest.html"])
def test_so_is_one_that_is_missing_or_empty(folder, name):
    (folder / "notify" / name).write_text(" ")
    with pytest.raises(WordingError):
        DigestWords(folder)
    (folder / "notify" / name).unlink()
    with pytest.raises(WordingError):
        DigestWords(folder)


def test_a_long_address_may_be_broken_in_the_page_and_is_whole_in_the_text(folder):
    text, html = rendered(folder, {**LINE, "who": "sara.pole@home.example"})
    assert "sara.pole@home.example" in text
    assert "sara.<wbr>pole@<wbr>home.<wbr>example" in html
