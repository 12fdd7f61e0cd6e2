"""The reports as people open them: who, with which numbers, as plot and table, as a file and on paper."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest

from tests.factories import LONDON, PEOPLE, TEACHER, a_message, a_roster, an_identity
from tests.store.builders import NOW, a_mailbox, an_intake, take_in
from tests.web.serving import served
from tests.web.site import SCHOOL
from triage.domain.model import Flag, Outcome, Route, Severity, Topic
from triage.domain.pages import Page, may_open
from triage.domain.visibility import viewer
from triage.store.roster import replace_roster
from triage.web.app import create_app
from triage.web.report_facts import TABLES
from triage.web.safety import HEADERS

HEAD, LEAD, ADMIN = "head@oakfield.example", "safe@oakfield.example", "admin@oakfield.example"
YEAR_8, YEAR_7 = "year8@oakfield.example", "year7@oakfield.example"
LAST_WEEK = datetime(2026, 10, 6, 10, 0, tzinfo=LONDON)  # of the clock of the tests: Wednesday 14 October
QUARREL = Flag(Topic.CONTENTIOUS, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8, why="heat")
DISCLOSURE = Flag(Topic.SAFEGUARDING, Severity.IMMEDIATE, Route.SAFEGUARDING_LEAD, year=8, why="a phrase")
ABOUT_HEAD = Flag(Topic.COMPLAINT, Severity.HIGH, Route.CHAIR_OF_GOVERNORS, year=8, about=HEAD, why="x")
PATHS = ("/reports", "/reports/week", "/reports/weeks.csv", "/own/evenings", "/own/evenings.csv")


@pytest.fixture
def receive(site):
    """Take in messages of last week, or so many weeks before, with flags."""
    with site.database.write() as conn:
        replace_roster(conn, site.database.keyring, a_roster(), "roster.csv", NOW)

    def take(
        *raised, number=1, weeks=0, topics=(Topic.BEHAVIOUR,), late=False, pupils=("P001",), box=TEACHER
    ):
        at = LAST_WEEK - weeks * timedelta(days=7)
        for _ in range(number):
            uid = next(site._uids)
            with site.database.write() as conn:
                mailbox = a_mailbox(conn, box)
            message = a_message(message_id=f"<{uid}@home.example>", received=at)
            made = an_intake(
                mailbox, uid, message=message, identity=an_identity(pupils=pupils), flags=raised, now=at
            )
            outcomes = (Outcome.OUT_OF_HOURS,) if late else ()
            decided = replace(made.decision, topics=dict.fromkeys(topics, 0.9), outcomes=outcomes)
            take_in(site.database, replace(made, decision=decided))

    return take


class _Tables(HTMLParser):
    """Reads the tables of a page, by their captions."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[list[str]]] = {}
        self._open: list[list[str]] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self._open = []
        elif tag == "tr":
            self._open.append([])
        elif tag in {"td", "th", "caption"}:
            self._cell = []

    def handle_endtag(self, tag):
        if tag == "caption":
            self._caption = "".join(self._cell)
        elif tag in {"td", "th"}:
            self._open[-1].append("".join(self._cell))
        elif tag == "table":
            self.found[self._caption] = self._open

    def handle_data(self, data):
        if self._cell is not None:
            self._cell.append(data)


def tables(page) -> dict[str, dict[str, list[str]]]:
    """The rows of each table of a page, by the table's caption and the row's first cell."""
    parser = _Tables()
    parser.feed(page.text)
    return {caption: {row[0]: row[1:] for row in rows} for caption, rows in parser.found.items()}


def numbers(site, who, caption, path="/reports") -> dict[str, list[str]]:
    page = site.open(who).get(path)
    assert page.status_code == 200, page.text
    return tables(page)[caption]


def sheet(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


class TestWhoOpensThem:
    @pytest.mark.parametrize("who", [person.address for person in PEOPLE] + [TEACHER])
    def test_as_the_table_of_pages_says(self, site, who):
        person = viewer(SCHOOL, who)
        browser = site.open(who)
        reports, own = (200 if may_open(person, page) else 404 for page in (Page.REPORTS, Page.OWN_MAIL))
        week = reports if "year" not in who else 404
        assert [browser.get(path).status_code for path in PATHS] == [reports, week, reports, own, own]

    @pytest.mark.parametrize("path", PATHS)
    def test_nobody_without_signing_in(self, site, path):
        assert site.open().get(path).status_code == 303

    @pytest.mark.parametrize(
        "path",
        ["/reports?range=x", "/reports/week?week=x", "/reports/week?week=2026-10-06", "/own/evenings?range="],
    )
    def test_what_cannot_be_reported_is_refused(self, site, path):
        assert site.open(HEAD).get(path).status_code == 400

    def test_the_week_that_is_not_over_is_refused(self, site):
        assert site.open(HEAD).get("/reports/week?week=2026-10-12").status_code == 400

    @pytest.mark.parametrize("name", ["x", "staff", "weeks.csv"])
    def test_there_is_no_file_of_what_is_not_told(self, site, name):
        assert site.open(HEAD).get(f"/reports/{name}.csv").status_code == 404


class TestWhatIsCounted:
    def test_messages_and_flags_of_each_week_and_in_all(self, site, receive):
        receive(QUARREL, number=2, late=True)
        receive(weeks=1)
        found = numbers(site, HEAD, "Each week")
        assert found["5 Oct 2026"] == ["2", "2", "100%", "0", "0", "2"]
        assert found["28 Sep 2026"] == ["1", "0", "0%", "0", "0", "0"]
        assert found["All weeks"] == ["3", "2", "67%", "0", "0", "2"]

    def test_the_range_tells_how_far_back(self, site, receive):
        receive(weeks=5)
        four, half = (
            numbers(site, HEAD, "Each week", f"/reports?range={one}") for one in ("4-weeks", "half-term")
        )
        assert (four["All weeks"][0], half["All weeks"][0]) == ("0", "1")

    def test_by_topic(self, site, receive):
        receive(weeks=3, topics=(Topic.MEDICAL,))
        receive(QUARREL, number=4, topics=(Topic.CONTENTIOUS,))
        receive(topics=())
        found = numbers(site, HEAD, "Messages and flags by topic")
        assert (found["Contentious"], found["No topic"]) == (
            ["4", "1.0", "4", "1.0"],
            ["1", "0.2", "0", "0.0"],
        )

    def test_weeks_before_the_first_message_are_left_out_of_rows_plots_and_what_comes_a_week(
        self, site, receive
    ):
        receive(QUARREL, number=3, weeks=1, topics=(Topic.CONTENTIOUS,))
        assert list(numbers(site, HEAD, "Each week")) == [
            "Week from",
            "28 Sep 2026",
            "5 Oct 2026",
            "All weeks",
        ]
        assert numbers(site, HEAD, "Messages and flags by topic")["Contentious"] == ["3", "1.5", "3", "1.5"]
        assert "28 Sep 2026 to 11 Oct 2026: 2 weeks that are over." in site.open(HEAD).get("/reports").text
        assert list(numbers(site, TEACHER, "Each week", "/own/evenings"))[1] == "28 Sep 2026"

    def test_a_week_without_mail_after_the_first_message_counts(self, site, receive):
        receive(weeks=3)
        assert numbers(site, HEAD, "Each week")["5 Oct 2026"][0] == "0"

    def test_whose_years_are_counted_is_a_sentence_of_its_own(self, site, receive):
        receive()
        assert "Of year 8 only. Mail of newsletters" in site.open(YEAR_8).get("/reports").text

    def test_a_head_of_year_sees_their_year_and_no_other(self, site, receive):
        receive(QUARREL)
        receive(replace(QUARREL, year=7), pupils=("P002",), number=3)
        assert numbers(site, YEAR_8, "Each week")["All weeks"][0] == "1"
        assert list(numbers(site, YEAR_8, "Messages and flags by year")) == ["Year", "Year 8"]
        assert "all mailboxes" not in site.open(YEAR_8).get("/reports").text

    def test_what_is_about_the_viewer_is_in_no_number(self, site, receive):
        receive(ABOUT_HEAD)
        pages = [site.open(who).get("/reports").text for who in (HEAD, LEAD)]
        assert [re.findall(r"<dd>(\d+)</dd>", page)[0] for page in pages] == ["0", "1"]


class TestSmallNumbersOfWhatIsCloselyKept:
    @pytest.mark.parametrize(
        ("who", "shown"),
        [(LEAD, "4"), (HEAD, "fewer than 5"), (ADMIN, "fewer than 5"), (YEAR_8, "fewer than 5")],
    )
    def test_are_told_by_year_to_who_may_see_the_flags(self, site, receive, who, shown):
        receive(DISCLOSURE, number=4)
        assert numbers(site, who, "Flags by topic and year")["Safeguarding"] == [shown]

    def test_that_there_is_none_is_not_told_either(self, site, receive):
        receive(QUARREL)
        assert numbers(site, YEAR_8, "Flags by topic and year")["Safeguarding"] == ["fewer than 5"]

    def test_large_ones_are_told(self, site, receive):
        receive(DISCLOSURE, number=5)
        assert numbers(site, YEAR_8, "Flags by topic and year")["Safeguarding"] == ["5"]

    def test_of_a_year_no_table_and_no_file_tells_them(self, site, receive):
        receive(QUARREL)
        browser = site.open(YEAR_8)
        before = everything(browser)
        receive(DISCLOSURE, number=3, topics=(Topic.SAFEGUARDING, Topic.MEDICAL))
        assert everything(browser) == before

    def test_the_headteacher_has_the_whole_school_counted(self, site, receive):
        receive(weeks=3)
        receive(DISCLOSURE, number=3)
        assert numbers(site, HEAD, "Messages and flags by topic")["Safeguarding"] == ["3", "0.8", "3", "0.8"]


def everything(browser) -> list[str]:
    page = browser.get("/reports").text
    names = re.findall(r'href="(/reports/[^"]+\.csv[^"]*)"', page)
    assert len(names) == 10
    return [re.sub(r'value="[^"]*"', "", page), *(browser.get(name).text for name in names)]


class TestEvenings:
    def test_a_teacher_sees_their_own(self, site, receive):
        receive(late=True, number=2)
        receive()
        receive(late=True, box="m.lee@oakfield.example", number=5)
        browser = site.open(TEACHER)
        assert (
            "<strong>2</strong> messages reached your mailbox out of hours"
            in browser.get("/own/evenings").text
        )
        assert sheet(browser.get("/own/evenings.csv"))[-1] == ["All weeks", "3", "2", "67%"]

    def test_of_nine_mailboxes_no_number_is_given_and_of_ten_one(self, site, receive):
        for box in range(9):
            receive(late=True, box=f"t{box}@oakfield.example")
        browser = site.open(HEAD)
        assert "Fewer than 10 mailboxes" in browser.get("/reports").text
        assert browser.get("/reports/staff.csv").status_code == 404
        receive(box="t9@oakfield.example")
        found = numbers(site, HEAD, "Mail out of hours over all mailboxes")
        assert (found["Mailboxes that had mail"], found["Share out of hours"]) == (["10"], ["90%"])

    def test_nobody_elses_page_names_a_mailbox(self, site, receive):
        receive(late=True)
        for path in PATHS[:3]:
            assert TEACHER not in site.open(HEAD).get(path).text


class TestTheWeek:
    def test_it_says_in_sentences_what_was_other_than_usual(self, site, receive):
        receive(number=3)
        receive(late=True)
        for week in range(1, 5):
            receive(weeks=week, number=2)
        page = site.open(HEAD).get("/reports/week").text
        assert "<li>4 messages came from people; 2 more than usual.</li>" in page
        assert "<li>1 message came after hours, a quarter of all; 1 more than usual.</li>" in page
        assert "No deadline of a flag fell in this week." in page

    def test_in_a_new_school_there_is_nothing_to_compare_with(self, site, receive):
        receive()
        page = site.open(HEAD).get("/reports/week").text
        assert "<li>1 message came from people.</li>" in page
        assert "There is no week before it to compare with yet." in page

    def test_from_week_to_week(self, site):
        browser = site.open(HEAD)
        earlier = re.search(
            r'href="(/reports/week\?week=[\d-]+)" rel="prev"', browser.get("/reports/week").text
        )[1]
        assert earlier == "/reports/week?week=2026-09-28"
        assert 'href="/reports/week?week=2026-10-05" rel="next"' in browser.get(earlier).text


class TestFiles:
    @pytest.mark.parametrize("name", ["weeks", "hours", "topics", "years", "topics-years", "corrections"])
    def test_a_file_has_the_numbers_of_the_table_on_the_page(self, site, receive, name):
        receive(QUARREL, number=2)
        browser = site.open(LEAD)
        answer = browser.get(f"/reports/{name}.csv")
        (shown,) = [
            rows
            for rows in tables(browser.get("/reports")).values()
            if [*next(iter(rows)).split("\n"), *next(iter(rows.values()))] == sheet(answer)[0]
        ]
        assert [row[0] for row in sheet(answer)] == list(shown)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}-4-weeks.csv"'

    @pytest.mark.parametrize("name", TABLES)
    def test_no_two_columns_of_a_file_are_called_the_same(self, site, receive, name):
        receive(QUARREL, number=2)
        for number in range(10):
            receive(box=f"staff{number}@oakfield.example")
        head = sheet(site.open(LEAD).get(f"/reports/{name}.csv"))[0]
        assert len(set(head)) == len(head)

    def test_the_waits_have_names_in_two_rows_on_the_page_and_in_one_in_the_file(self, site, receive):
        receive(QUARREL, number=2)
        browser = site.open(LEAD)
        told = sheet(browser.get("/reports/times.csv"))
        parser = _Tables()
        parser.feed(browser.get("/reports").text)
        shown = parser.found["From receipt to the first look, and until resolved"]
        assert shown[0] == ["", "First look", "Resolved", "Deadlines"]
        assert len(shown[1]) == len(told[0]) == 10
        assert told[0][3:5] == ["First look: half within", "First look: nine in ten within"]
        assert told[0][6:] == [
            "Resolved: half within",
            "Resolved: nine in ten within",
            "Deadlines past",
            "Deadlines kept (%)",
        ]
        assert [row[0] for row in told[1:]] == [row[0] for row in shown[2:]]

    def test_it_begins_with_the_mark_by_which_excel_knows_utf_8(self, site):
        assert site.open(HEAD).get("/reports/weeks.csv").content.startswith(b"\xef\xbb\xbfWeek from,")


@pytest.fixture
def two_weeks(receive) -> None:
    """Two weeks with mail, of two topics and two years."""
    receive(QUARREL, number=9, late=True)
    receive(weeks=1, pupils=("P002",), topics=(Topic.MEDICAL,))


class TestPlots:
    def test_a_plot_holds_no_script_no_style_and_nothing_from_elsewhere(self, site, two_weeks):
        page = site.open(HEAD).get("/reports").text
        drawn = "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
        assert drawn.count("<svg") == 8
        assert not re.search(r"<style|<script|style=|href|http|pygal", drawn)

    def test_each_stands_above_a_table_and_says_what_it_shows(self, site, two_weeks):
        page = site.open(HEAD).get("/reports").text
        said = re.findall(r'role="img" aria-label="([^"]+)"', page)
        assert said[::2] == said[1::2]  # for a desk and for a telephone; a page shows one
        assert len(said) == 8
        assert said[0] == "Messages each week: 10 in all, 90% of them out of hours."
        for figure in page.split("</figure>")[1:]:
            assert figure.index("<table") < (figure + "<svg").index("<svg")

    def test_patterns_of_one_page_have_names_of_their_own(self, site, two_weeks):
        page = site.open(HEAD).get("/reports").text
        patterns = re.findall(r'<pattern id="([^"]+)"', page)
        assert len(set(patterns)) == len(patterns) == 8
        assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(patterns)

    def test_where_every_number_of_a_plot_is_hidden_there_is_none_of_it(self, site, receive):
        receive(topics=())
        receive(topics=(), weeks=1)
        page = site.open(YEAR_8).get("/reports").text
        assert plotted(page) == ["weeks", "hours"]

    def test_what_would_be_one_column_or_one_bar_is_not_drawn(self, site, receive):
        receive()
        assert plotted(site.open(HEAD).get("/reports").text) == ["hours", "topics"]
        assert plotted(site.open(HEAD).get("/reports/week").text) == []
        assert plotted(site.open(TEACHER).get("/own/evenings").text) == []

    def test_without_a_message_there_is_no_plot(self, site):
        assert "<svg" not in site.open(HEAD).get("/reports").text


def plotted(page: str) -> list[str]:
    return re.findall(r'<pattern id="hatch-(\w+)"', page)


def test_a_full_report_weighs_less_than_100_kilobytes_with_everything(site, receive):
    for week in range(5):
        for topic in Topic:
            receive(replace(QUARREL, topic=topic), topics=(topic,), weeks=week, late=week % 2 == 0)
    browser = site.open(LEAD)
    page = browser.get("/reports?range=half-term")
    linked = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert linked
    assert len(page.content) + sum(len(browser.get(path).content) for path in linked) < 100_000


class TestInARealBrowser:
    @pytest.fixture
    def signed_in(self, browser, site, receive) -> Iterator[str]:
        receive(QUARREL, number=6, late=True)
        receive(weeks=2, pupils=("P002",), topics=(Topic.MEDICAL,))
        app = create_app(site.database, site.school, site.clock, site.own, site.door)
        with served(app) as address:
            browser.go(address)
            browser.click(f"button[value='{site.token(HEAD)}']")
            yield address.rstrip("/")

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_the_plots_have_colours_under_the_strict_policy(self, browser, signed_in, scheme):
        browser.prefer(scheme)
        browser.go(f"{signed_in}/reports")
        paint = "getComputedStyle(document.querySelector('{}')).fill"
        plain = browser.run(paint.format("svg .row-0"))
        hatched = browser.run(paint.format("svg rect.row-1"))
        assert plain != "rgb(0, 0, 0)"
        assert hatched == 'url("#hatch-weeks")'
        assert browser.said == []

    @pytest.mark.parametrize("width", [320, 1280])
    @pytest.mark.parametrize("path", ["/reports", "/reports/week"])
    def test_no_page_is_wider_than_its_window(self, browser, signed_in, path, width):
        browser.resize(width)
        browser.go(f"{signed_in}{path}")
        assert browser.run("document.documentElement.scrollWidth") <= width


def test_the_policy_was_not_loosened_for_plots():
    assert "img-src" not in HEADERS["Content-Security-Policy"]
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
