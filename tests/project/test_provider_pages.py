"""The pages on Microsoft 365 and Google Workspace say what the program takes and prints."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from triage.check.answers import TABLE
from triage.init import init
from triage.settings import load_settings

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {"microsoft": "microsoft-365.md", "google": "google-workspace.md"}


def page(provider: str) -> str:
    return (DOCS / PAGES[provider]).read_text(encoding="utf-8")


def plain(text: str) -> str:
    """Text without the signs of Markdown, and with one space between words."""
    return " ".join(re.sub(r"[`*]|\\(?=\|)", "", text).split())


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.provider} {row.pattern[:30]}")
def test_each_line_that_a_check_prints_as_missing_is_on_its_providers_page(row):
    said = plain(page(row.provider))
    for line in row.line.replace("{mailbox}", "ADDRESS").split("; "):
        assert line in said


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.provider} {row.pattern[:30]}")
def test_each_answer_that_is_known_is_in_the_first_column_of_its_providers_page(row):
    answers = [line.split(" | ")[0] for line in page(row.provider).splitlines() if line.startswith("| `")]
    assert any(re.search(row.pattern, plain(answer), re.IGNORECASE) for answer in answers)


def settings_of(provider: str) -> dict[str, dict[str, object]]:
    """The tables that a page tells people to write."""
    return tables_of(page(provider))


def tables_of(page: str) -> dict[str, dict[str, object]]:
    """The first tables of a page, up to the command that comes next."""
    text = "\n".join(line[4:] for line in page.splitlines() if line.startswith("    ") or not line)
    return tomllib.loads(re.split(r"^triage ", text[text.index("[imap]") :], flags=re.MULTILINE)[0])


@pytest.mark.parametrize("provider", PAGES)
def test_what_a_page_says_to_set_is_taken(provider, tmp_path):
    init(tmp_path / "school")
    file = tmp_path / "school" / "settings.toml"
    text = file.read_text(encoding="utf-8")
    for table, keys in settings_of(provider).items():
        for key, value in keys.items():
            text = put(text, table, key, json.dumps(value))
    file.write_text(text, encoding="utf-8")
    settings = load_settings(file, {})
    assert (settings.oauth.provider, settings.smtp.login_as) == (provider, "mailbox")


def test_what_the_page_says_to_set_for_one_mailbox_alone_is_taken(tmp_path):
    init(tmp_path / "school")
    file = tmp_path / "school" / "settings.toml"
    text, alone = (
        file.read_text(encoding="utf-8"),
        tables_of(page("microsoft").partition("## One mailbox")[2]),
    )
    (mailbox,) = alone.pop("mailboxes")
    for table, keys in alone.items():
        for key, value in keys.items():
            text = put(text, table, key, json.dumps(value))
    file.write_text(text, encoding="utf-8")
    settings = load_settings(file, {"TRIAGE_MAILBOXES": json.dumps([mailbox])})
    grant = settings.oauth.grant("login", settings.mailboxes[0].address, lambda path: None)
    assert (grant.by_login, settings.mailboxes[0].auth, settings.smtp.login_as) == (True, "login", "mailbox")


def put(text: str, table: str, key: str, value: str) -> str:
    """Change one key of the shipped settings, which has every key."""
    found = re.compile(rf"(^\[{table}\]\n(?:(?!\[).*\n)*?{key} = )[^\n]*$", re.MULTILINE)
    changed, count = found.subn(lambda match: match[1] + value, text)
    assert count == 1
    return changed


@pytest.mark.parametrize("provider", PAGES)
def test_a_page_says_how_to_try_it(provider):
    assert "    triage check --mailbox ADDRESS\n" in page(provider)
