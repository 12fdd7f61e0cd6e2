"""Whatever a school can set, call or be told about is in the documents."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from triage.check.servers import WORTH_KNOWING
from triage.cli import main
from triage.domain.model import Outcome, Topic, Trouble
from triage.settings import Settings
from triage.settings.errors import table_at

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def _keys(table: type[BaseModel], place: tuple[str, ...] = ()) -> Iterator[str]:
    """Every key of the settings by its dotted name, lists of tables without their number."""
    for key in table.model_fields:
        inner = table_at(Settings, (*place, key))
        if inner is None:
            yield ".".join((*place, key))
        else:
            yield from _keys(inner, (*place, key))


def _said(value: object, place: tuple[str, ...] = ()) -> Iterator[str]:
    """Every key that a settings file says."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _said(inner, (*place, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value:
            yield from _said(inner, place)
    else:
        yield ".".join(place)


def _commands(command: click.Command, words: tuple[str, ...] = ("triage",)) -> Iterator[str]:
    """Every command that does something, by the words that call it."""
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _commands(inner, (*words, name))
    else:
        yield " ".join(words)


KEYS = sorted(_keys(Settings))
COMMANDS = sorted(_commands(main))


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("key", KEYS)
def test_a_setting_is_documented(key):
    assert f"`{key}`" in _read("docs/settings.md")


def test_the_shipped_file_has_every_setting():
    assert sorted(set(_said(tomllib.loads(_read("settings.toml"))))) == KEYS


def test_no_setting_is_documented_that_there_is_not():
    rows = [line for line in _read("docs/settings.md").splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"^\| `([\w.]+)`|(?<=\| )`(hours\.\w+)`", row)}
    assert {one or other for one, other in named} <= set(KEYS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_documented(command):
    assert re.search(rf"^### `{command}\b", _read("docs/commands.md"), re.MULTILINE)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_names_only_commands_that_there_are(document):
    called = re.findall(r"(?:^    +|`)(triage(?: [a-z][a-z-]*)+)", document.read_text("utf-8"), re.MULTILINE)
    known = {" ".join(command.split()[:2]) for command in COMMANDS}
    assert {" ".join(words.split()[:2]) for words in called} <= known


@pytest.mark.parametrize("name", [*Topic, *Outcome, *Trouble])
def test_a_topic_is_documented(name):
    assert f"| `{name}` |" in _read("docs/topics.md")


@pytest.mark.parametrize("word", WORTH_KNOWING)
def test_what_a_server_may_offer_is_documented_with_what_becomes_of_its_lack(word):
    rows = [
        line.split(" | ") for line in _read("docs/servers.md").splitlines() if line.startswith(f"| `{word}`")
    ]
    assert [len(row) for row in rows] == [4]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_link_in_a_document_leads_somewhere(document):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_decision_is_in_the_list_of_decisions():
    decisions = {path.name for path in (ROOT / "docs" / "decisions").glob("0*.md")}
    assert set(re.findall(r"\((0[\w-]+\.md)\)", _read("docs/decisions/README.md"))) == decisions
