"""``triage classify`` and ``triage explain`` tell in which language a message would be answered, and why."""

import pytest

from tests.offline.conftest import ABSENT, ROSTER

POLISH = "Jake jest dziś chory i nie przyjdzie jutro do szkoły. Ma gorączkę."


@pytest.fixture
def polish(folder):
    """The message of the folder, in Polish."""
    file = folder / "absent.eml"
    head = ABSENT.replace("Message-ID", "Content-Type: text/plain; charset=utf-8\nMessage-ID")
    file.write_text(head.replace("Jake won't be in school tomorrow.", POLISH), encoding="utf-8")
    return file


def test_the_object_has_the_language(classified, polish):
    (found,) = classified(polish)
    assert found["reply"]["language"] == "pl"


def test_the_explanation_says_which_and_why(triage_, polish):
    said = triage_("explain", "--roster", ROSTER, polish).stdout
    assert "Rule: language: Polish: the message is in Polish." in said


def test_of_english_nobody_is_told(triage_, folder):
    assert "language:" not in triage_("explain", "--roster", ROSTER, folder / "absent.eml").stdout
