"""The pages for parents, teachers and the office say what is really there, and parents can read theirs."""

import re
import warnings
from pathlib import Path

import pytest

from triage.settings.tables import HelpLinesTable

with warnings.catch_warnings():
    # It asks setuptools for its own version in a way that setuptools is giving up.
    warnings.simplefilter("ignore")
    import textstat

ROOT = Path(__file__).resolve().parents[2]
PARENTS, TEACHERS, OFFICE = (f"docs/for-{name}.md" for name in ("parents", "teachers", "the-office"))
GRADE = 6.0
"""Of the Flesch-Kincaid formula, as for the words of replies."""
EASE = 70.0
LONGEST = 110
"""Of lines: nobody reads a page that is longer."""


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose(name: str) -> str:
    lines = [line for line in read(name).splitlines() if line and not line.startswith(("#", "|", "*For"))]
    return re.sub(r"[*\[\]]", "", "\n".join(lines))


def templates() -> str:
    return "\n".join(
        path.read_text("utf-8") for path in (ROOT / "triage" / "web" / "templates").glob("*.html")
    )


def digest() -> str:
    return " ".join(read("templates/notify/digest.txt").split())


def test_parents_can_read_their_page():
    assert textstat.flesch_kincaid_grade(prose(PARENTS)) <= GRADE
    assert textstat.flesch_reading_ease(prose(PARENTS)) >= EASE


@pytest.mark.parametrize("name", [PARENTS, TEACHERS, OFFICE])
def test_a_page_for_people_is_short(name):
    assert len(read(name).splitlines()) <= LONGEST


@pytest.mark.parametrize("line", ["emergency", "samaritans", "childline"])
def test_the_help_lines_of_the_page_for_parents_are_those_of_the_replies(line):
    assert f"| {HelpLinesTable.model_fields[line].default} |" in read(PARENTS)


def test_the_page_for_parents_names_no_setting_and_no_command():
    assert "`" not in read(PARENTS)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (TEACHERS, ("Not right?", "Pause my mailbox", "Your mail")),
        (
            OFFICE,
            ("Absence list", "Rung", "Closed to this list", "Stop every reply", "Still open from before"),
        ),
        (OFFICE, ("Replies in other languages",)),
    ],
)
def test_what_a_page_calls_by_name_is_on_the_site(name, words):
    assert [word for word in words if word not in read(name) or word not in templates()] == []


@pytest.mark.parametrize("words", ["Not right?", "Raise this with the head of year"])
def test_the_links_of_the_digest_are_called_by_their_names(words):
    assert words in read(TEACHERS)
    assert words.lower() in digest().lower()


@pytest.mark.parametrize("key", ["replies.absence_by_email", "replies.help_lines.reviewed"])
def test_a_setting_that_the_office_is_told_of_is_one(key):
    assert f"`{key}`" in read(OFFICE)
    assert f"`{key}`" in read("docs/settings.md")
