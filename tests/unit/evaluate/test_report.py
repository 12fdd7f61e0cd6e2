"""The report is one page that runs nothing and loads nothing, whatever people have written."""

from html.parser import HTMLParser

import pytest

from tests.unit.evaluate.made import scored
from triage.domain.model import Evidence, Topic
from triage.evaluate.figures import figures
from triage.evaluate.report import report

HOSTILE = '<script>alert("1")</script><img src=https://away.example/x onerror=go()> & </div>'
EDGES = {(Topic.ABSENCE, "idiom"): (3, 10)}
LOADING = {"src", "href", "srcset", "action", "data", "poster", "background", "xlink:href", "style", "ping"}


class _Page(HTMLParser):
    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[str]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, [name for name, _ in attrs]))

    def handle_data(self, data):
        self.text += data


def page_of(*found):
    return report(figures(found), found, EDGES)


@pytest.fixture(scope="module")
def hostile():
    """A page over messages whose text, evidence and id are full of mark-up."""
    shown = Evidence(Topic.MEDICAL, HOSTILE, 0, len(HOSTILE))
    wrong = scored(found=[Topic.MEDICAL], text=HOSTILE, evidence=[shown], id=HOSTILE)
    return _Page(page_of(wrong, scored(topics=[Topic.ABSENCE], text=HOSTILE, id=HOSTILE)))


# nothing runs, nothing is loaded


def test_no_script_is_on_the_page(hostile):
    assert "script" not in {tag for tag, _ in hostile.tags}


def test_nothing_on_the_page_acts(hostile):
    assert not [name for _, names in hostile.tags for name in names if name.startswith("on")]


def test_nothing_on_the_page_is_loaded_from_anywhere(hostile):
    assert not [(tag, name) for tag, names in hostile.tags for name in names if name in LOADING]


def test_the_style_of_the_page_loads_nothing():
    style = page_of(scored()).partition("<style>")[2].partition("</style>")[0]
    assert not [word for word in ("url(", "@import", "//") if word in style]


def test_what_people_wrote_makes_no_tag(hostile):
    clean = _Page(page_of(scored(found=[Topic.MEDICAL]), scored(topics=[Topic.ABSENCE])))
    assert {tag for tag, _ in hostile.tags} == {tag for tag, _ in clean.tags}


@pytest.mark.parametrize("where", ["text", "evidence", "id"])
def test_what_people_wrote_is_shown_as_they_wrote_it(where):
    shown = [Evidence(Topic.MEDICAL, HOSTILE, 0, 0)] if where == "evidence" else []
    changed = {} if where == "evidence" else {where: HOSTILE}
    page = _Page(page_of(scored(found=[Topic.MEDICAL], evidence=shown, **changed)))
    assert HOSTILE in page.text


# what it shows


def test_the_figures_are_on_the_page():
    assert "macro-F1" in page_of(scored())


@pytest.mark.parametrize("topic", Topic)
def test_every_topic_has_a_curve_and_a_reliability_plot(topic):
    assert page_of(scored(topics=[topic], found=[topic])).count(f"<figcaption>{topic.value}<") == 2


def test_what_is_found_beside_the_one_topic_of_a_message_is_counted():
    beside = scored(topics=[Topic.ABSENCE], found=[Topic.ABSENCE, Topic.MEDICAL])
    assert "<tr><td>absence<td>medical<td>2" in page_of(beside, beside)


def test_the_cases_of_a_suite_are_counted_by_their_cell():
    assert "<td>3/10" in page_of(scored())


def test_a_missed_topic_is_told_as_not_found():
    assert "<b>x-7</b>, not found, 0.20" in page_of(
        scored(topics=[Topic.MEDICAL], scores={Topic.MEDICAL: 0.2}, id="x-7")
    )


def test_a_topic_that_is_not_there_is_told_as_found():
    assert "<b>x-7</b>, found, and is not, 0.90" in page_of(scored(found=[Topic.MEDICAL], id="x-7"))


def test_a_right_message_is_not_among_the_worst():
    assert "x-7" not in page_of(scored(topics=[Topic.MEDICAL], found=[Topic.MEDICAL], id="x-7"))


def test_of_a_long_message_the_beginning_is_shown():
    page = page_of(scored(found=[Topic.MEDICAL], text="a" * 300 + "quince"))
    assert ("a" * 300 in page, "quince" in page) == (True, False)
