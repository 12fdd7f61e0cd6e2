import pytest

from triage.message.html import html_to_text


def test_paragraphs_are_apart():
    assert html_to_text("<p>One</p><p>Two<br>three</p>") == "One\n\nTwo\nthree"


def test_a_tables_rows_are_lines_and_its_cells_are_apart():
    rows = "<table><tr><td>Name</td><td>Jake</td></tr><tr><td>Form</td><td>8B</td></tr></table>"
    assert [line.split() for line in html_to_text(rows).splitlines()] == [["Name", "Jake"], ["Form", "8B"]]


def test_a_list_keeps_its_items_apart():
    assert [line.strip() for line in html_to_text("<ul><li>cough<li>fever</ul>").splitlines()] == [
        "* cough",
        "* fever",
    ]


@pytest.mark.parametrize("tag", ["script", "style", "title"])
def test_what_is_no_text_is_left_out(tag):
    assert html_to_text(f"<html><head><{tag}>no</{tag}></head><body>yes</body></html>") == "yes"


def test_entities_are_characters():
    assert html_to_text("<p>Zo&euml; &amp; Jake&#39;s</p>") == "Zoë & Jake's"


def test_a_word_cut_by_tags_is_one_word():
    assert html_to_text('<p>sui<span style="x">ci</span>de</p>') == "suicide"


def test_a_style_does_not_hide_words_from_the_school():
    assert html_to_text('<p style="display:none">he is hurt</p>') == "he is hurt"


def test_a_marked_quotation_is_quoted():
    quotation = '<blockquote type="cite"><p>Where is he?</p><p>Is he ill?</p></blockquote>'
    html = f"<div>He is ill.</div>{quotation}<p>Anna</p>"
    lines = [line for line in html_to_text(html).splitlines() if line.strip(" >")]
    assert lines == ["He is ill.", "> Where is he?", "> Is he ill?", "Anna"]


def test_an_indented_paragraph_is_no_quotation():
    assert html_to_text('<blockquote style="margin: 0 0 0 40px">mine</blockquote>').strip() == "mine"


@pytest.mark.parametrize("depth", [90, 2_000, 20_000])
def test_text_is_read_at_any_depth(depth):
    assert html_to_text("<div>" * depth + "he is hurt" + "</div>" * depth).strip() == "he is hurt"


def test_text_after_a_lone_surrogate_is_read():
    assert html_to_text("<p>a\udc80 he is hurt</p>") == "a\ufffd he is hurt"


def test_a_wide_cell_does_not_widen_every_row():
    html = "<table><tr><td>" + "w" * 50_000 + "<td>x" + "<tr><td>a<td>b" * 5_000
    assert len(html_to_text(html)) < 2 * len(html)


def test_a_number_that_is_no_character_does_not_raise():
    assert html_to_text("<p>&#" + "9" * 6_000 + "; hurt</p>").endswith("hurt")
    assert html_to_text("<div>" * 300 + "&#" + "9" * 6_000 + "; hurt").endswith("hurt")


@pytest.mark.parametrize(
    "html", ["", " ", "<", "<!--", "<![CDATA[", "<?xml version='1.0' encoding='x'?>", "\0", "</p>"]
)
def test_what_is_no_html_is_text(html):
    assert "p>" not in html_to_text(html)
