"""Output for people and for pipes: one row a line, nothing of a sender's that steers a terminal."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from triage.console import Output, Section, printable
from triage.domain.model import Route

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 10, 14, 9, 30, tzinfo=UTC)
HOSTILE = "one\ntwo\t\x1b[31m\x9b\u202e\ud800"


@pytest.fixture
def shown(capsys, monkeypatch):
    """Show sections in a style on 60 columns; return what was written."""
    monkeypatch.setenv("COLUMNS", "60")

    def _shown(style: str, *sections: Section) -> str:
        Output(style, LONDON, NOW).show(*sections)
        return capsys.readouterr().out

    return _shown


def a_section(*rows, upright=False, empty=""):
    return Section("thing", "Things", rows, empty, upright)


def test_auto_is_lines_where_there_is_no_terminal(shown):
    assert shown("auto", a_section({"id": 1})) == "thing\tid=1\n"


def test_a_terminal_forced_by_the_environment_changes_no_pipe(shown, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert shown("auto", a_section({"id": 1})) == "thing\tid=1\n"


def test_a_line_begins_with_its_kind_and_names_its_values(shown):
    assert shown("lines", a_section({"id": 1, "state": "open"})) == "thing\tid=1\tstate=open\n"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "-"),
        ("", "-"),
        ((), "-"),
        (0, "0"),
        (True, "yes"),
        (["a", "b"], "a, b"),
        (Route.HEAD_OF_YEAR, "head-of-year"),
        (NOW, "2026-10-14T10:30+01:00"),
    ],
)
def test_a_value_in_a_line(shown, value, words):
    assert shown("lines", a_section({"is": value})) == f"thing\tis={words}\n"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (NOW, "Wed 14 Oct 10:30"),
        (datetime(2025, 1, 2, 8, 5, tzinfo=UTC), "Thu 2 Jan 2025 08:05"),
        (Route.HEAD_OF_YEAR, "head of year"),
        (None, "-"),
        (False, "no"),
    ],
)
def test_a_value_in_a_table_is_said_as_people_say_it(shown, value, words):
    assert words in shown("table", a_section({"is": value})).splitlines()[3]


def test_json_is_one_object_a_line_with_its_kind(shown):
    lines = shown("json", a_section({"id": 1, "at": NOW}, {"id": 2, "at": None})).splitlines()
    assert [json.loads(line) for line in lines] == [
        {"kind": "thing", "id": 1, "at": "2026-10-14T10:30:00+01:00"},
        {"kind": "thing", "id": 2, "at": None},
    ]


def test_json_keeps_a_text_whole(shown):
    assert json.loads(shown("json", a_section({"text": HOSTILE})))["text"] == HOSTILE


@pytest.mark.parametrize("style", ["lines", "json"])
def test_one_row_is_one_line_whatever_a_sender_wrote(shown, style):
    assert len(shown(style, a_section({"text": HOSTILE})).splitlines()) == 1


@pytest.mark.parametrize("style", ["lines", "json", "table"])
@pytest.mark.parametrize("upright", [True, False])
def test_nothing_of_a_senders_steers_the_terminal(shown, style, upright):
    assert not {"\x1b", "\x9b", "\u202e", "\ud800"} & set(
        shown(style, a_section({"a": HOSTILE}, upright=upright))
    )


def test_markup_in_a_value_is_shown_and_not_obeyed(shown):
    assert "[red]Jake[/red] :smile:" in shown("table", a_section({"text": "[red]Jake[/red] :smile:"}))


def test_a_table_has_a_title_and_a_heading_for_each_key(shown):
    title, heading, *_ = shown("table", a_section({"last_read": 1, "folder": "INBOX"})).splitlines()
    assert (title.strip(), heading.split()) == ("Things", ["last", "read", "folder"])


def test_a_table_without_rows_says_its_own_words(shown):
    assert shown("table", a_section(empty="no things")).strip() == "no things"


@pytest.mark.parametrize("style", ["lines", "json"])
def test_a_pipe_gets_no_words_in_place_of_rows(shown, style):
    assert shown(style, a_section(empty="no things")) == ""


def test_a_date_is_never_broken_to_make_room(shown):
    row = {"at": NOW, "text": "words " * 30, "until": NOW}
    assert shown("table", a_section(row)).count("Wed 14 Oct 10:30") == 2


def test_a_table_is_as_wide_as_the_terminal(shown):
    assert max(len(line) for line in shown("table", a_section({"text": "words " * 50})).splitlines()) <= 60


def test_an_upright_row_keeps_the_lines_of_its_text(shown):
    lines = shown("table", a_section({"text": "one\ntwo"}, upright=True)).splitlines()
    assert [line.split() for line in lines[1:3]] == [["text", "one"], ["two"]]


def test_an_upright_row_leaves_out_what_is_empty(shown):
    row = {"id": 0, "none": None, "text": "", "list": []}
    assert shown("table", a_section(row, upright=True)).split() == ["Things", "id", "0"]


def test_a_hint_is_for_people_only(capsys):
    for style in ("table", "lines", "json"):
        Output(style, LONDON, NOW).hint("go on")
    assert capsys.readouterr().out.strip() == "go on"


def test_printable_makes_one_line_of_anything():
    assert printable("one\r\ntwo\x1b[2J\n") == "one  two [2J"
