"""Each fact about servers and libraries has a test that holds it off."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FACTS = tomllib.loads((Path(__file__).parent / "facts.toml").read_text("utf-8"))["fact"]
NAMED = [(fact["id"], test) for fact in FACTS for test in fact["tests"]]


@cache
def names_in(path: str) -> frozenset[str]:
    """Return the tests of a file as pytest names them, "TestNews::test_..." for one of a class."""
    return frozenset(_names(ast.parse((ROOT / path).read_text("utf-8"))))


def _names(within: ast.Module | ast.ClassDef, before: str = "") -> Iterator[str]:
    for one in within.body:
        if isinstance(one, ast.ClassDef) and one.name.startswith("Test"):
            yield from _names(one, f"{one.name}::")
        if isinstance(one, ast.FunctionDef) and one.name.startswith("test_"):
            yield before + one.name


@pytest.mark.parametrize(("fact", "test"), NAMED, ids=lambda value: str(value).rpartition("::")[2])
def test_what_is_said_to_test_a_fact_is_there(fact, test):
    path, _, name = test.partition("::")
    assert name in names_in(path)


def test_no_fact_is_left_out_and_none_is_there_twice():
    assert [fact["id"] for fact in FACTS] == list(range(1, 14))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: str(fact["id"]))
def test_a_fact_is_said_in_a_line_of_our_own_and_has_a_test(fact):
    assert fact.keys() == {"id", "words", "tests"}
    assert 10 < len(fact["words"]) <= 120
    assert fact["tests"]
