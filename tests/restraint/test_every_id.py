"""Every requirement has a test that bears its id, and every such test a requirement."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
REQUIREMENTS = tomllib.loads((FOLDER / "requirements.toml").read_text("utf-8"))["requirement"]
TESTED = [one["id"] for one in REQUIREMENTS if "until" not in one]
SERIES = {"a": 20, "v": 8, "m": 1, "d": 3, "t": 2, "e": 3, "i": 8, "s": 2}
PEERS = 25
TITLED = "also-spam also-idle also-date also-first-contact provider-authserv provider-sent-ids"
TITLED += " provider-null-sender provider-internaldate provider-smtp-steps"


def names() -> Iterator[str]:
    """The name of every test of this folder but of this file."""
    for path in FOLDER.glob("test_*.py"):
        if path != Path(__file__):
            tree = ast.parse(path.read_text("utf-8"))
            yield from (one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef))


TESTS = sorted(name for name in names() if name.startswith("test_"))


def bears(name: str, of: str) -> bool:
    """Whether a test's name begins with an id and goes on as a sentence."""
    return re.match(rf"test_{of.replace('-', '_')}_[a-z]+_", name) is not None


@pytest.mark.parametrize("of", TESTED)
def test_every_requirement_has_a_test_by_its_id(of):
    assert [name for name in TESTS if bears(name, of)]


def test_every_test_here_bears_the_id_of_a_requirement():
    assert [name for name in TESTS if not any(bears(name, of) for of in TESTED)] == []


def test_no_row_of_the_standards_is_left_out_and_none_is_there_twice():
    numbered = [f"{letter}{number}" for letter, last in SERIES.items() for number in range(1, last + 1)]
    peers = [f"peer-{number:02}" for number in range(1, PEERS + 1)]
    assert sorted(one["id"] for one in REQUIREMENTS) == sorted([*numbered, *peers, *TITLED.split()])


def test_what_has_no_test_yet_says_why_and_is_no_more_than_the_purge():
    untested = {one["id"]: one["until"] for one in REQUIREMENTS if "until" in one}
    assert list(untested) == ["peer-25"]
    assert all(why.startswith("issue ") for why in untested.values())


@pytest.mark.parametrize("one", REQUIREMENTS, ids=lambda one: one["id"])
def test_a_requirement_is_said_in_a_line_of_our_own_with_its_source(one):
    assert {"id", "words", "source"} <= one.keys() <= {"id", "words", "source", "until", "rest"}
    assert 10 < len(one["words"]) <= 110
    assert one["source"]
