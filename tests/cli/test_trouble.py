"""What goes wrong is one line on standard error, an exit code, and never a secret or a parent's word."""

import shutil

import click
import pytest
from click.testing import CliRunner

from tests.cli.school import HEAD_OF_YEAR_8, MEDICAL, PRIVATE
from triage.cli import main
from triage.store.keys import Keyring
from triage.trouble import Commands

NEED_SETTINGS = (
    ("upgrade",),
    ("run",),
    ("poll",),
    ("flags",),
    ("show", "1"),
    ("status",),
    ("replies", "stop"),
    ("replies", "start"),
    ("roster", "import", "settings.toml"),
    ("roster", "show"),
    ("user", "disable", "it@oakfield.example"),
    ("user", "sessions"),
)
NEED_RECORD = tuple(words for words in NEED_SETTINGS if words[:2] != ("roster", "import"))
SECRET = "quincetree"


@pytest.fixture
def fails(triage):
    """Run a command that must fail with one line on standard error; return that line."""

    def _fails(*words: object, code: int = 1, **environ: str) -> str:
        result = triage(*words, **environ)
        assert (result.exit_code, result.stdout) == (code, "")
        (line,) = result.stderr.splitlines()
        assert line.startswith("Error: ")
        assert "mistake in the program" not in line
        return line

    return _fails


# settings


@pytest.mark.parametrize("words", [words for words in NEED_SETTINGS if words[:2] != ("roster", "import")])
def test_wrong_settings_exit_with_2_and_name_the_key(fails, words):
    assert "TRIAGE_IMAP__PORT" in fails(*words, code=2, TRIAGE_IMAP__PORT="x")


@pytest.mark.parametrize("words", [("status",), ("poll",)])
def test_a_wrong_key_of_the_file_is_named(school, fails, words):
    text = school.file.read_text(encoding="utf-8")
    school.file.write_text(text.replace("poll_seconds", "pol_seconds"), encoding="utf-8")
    assert "settings.toml: imap.pol_seconds: unknown key" in fails(*words, code=2)


def test_missing_settings_exit_with_2_and_say_what_makes_them(fails):
    assert "triage init FOLDER" in fails("--settings", "/nowhere/settings.toml", "status", code=2)


def test_a_secret_is_not_in_an_error_of_the_settings(fails):
    assert SECRET not in fails("status", code=2, TRIAGE_SMTP__PASSWORD=SECRET, TRIAGE_IMAP__PORT=SECRET)


# the record


@pytest.mark.parametrize("words", NEED_RECORD)
def test_a_missing_key_file_is_named(school, fails, words):
    (school.folder / "triage.key").unlink()
    assert "triage.key" in fails(*words)


@pytest.mark.parametrize("words", [("flags", "--as", HEAD_OF_YEAR_8), ("show", "1", "--as", HEAD_OF_YEAR_8)])
def test_another_key_file_is_said_and_shows_nothing(school, fails, words):
    school.case(MEDICAL)
    (school.folder / "triage.key").unlink()
    Keyring.generate(school.folder / "triage.key")
    assert not any(word in fails(*words) for word in PRIVATE)


@pytest.mark.parametrize("words", [words for words in NEED_RECORD if words != ("upgrade",)])
def test_a_database_without_tables_says_what_makes_them(school, fails, words):
    for file in school.folder.glob("triage.db*"):
        file.unlink()
    assert "triage upgrade" in fails(*words)


def test_a_file_that_is_no_database_is_said(school, fails):
    for file in school.folder.glob("triage.db*"):
        file.unlink()
    (school.folder / "triage.db").write_text("this is no database\n" * 100)
    assert "the database cannot be opened" in fails("status")


def test_a_database_that_cannot_be_reached_is_said_without_its_password(fails):
    url = f"postgresql://triage:{SECRET}@127.0.0.1:1/triage"
    assert SECRET not in fails("status", TRIAGE_DATABASE__URL=url)


def test_a_folder_of_the_database_that_is_gone_is_named(school, fails):
    assert "/nowhere/triage.db" in fails("status", TRIAGE_DATABASE__URL="sqlite:////nowhere/triage.db")


# the school's files


@pytest.mark.parametrize("words", [("poll",), ("run",)])
def test_a_bad_policy_is_refused_with_table_and_key(school, fails, words):
    (school.folder / "policy.toml").write_text("[absence]\ncolour = 'red'\n")
    line = fails(*words)
    assert "[absence]" in line
    assert "colour" in line


def test_a_missing_policy_is_named(school, fails):
    (school.folder / "policy.toml").unlink()
    assert "policy.toml: No such file" in fails("poll")


def test_missing_wording_is_named(school, fails):
    shutil.rmtree(school.folder / "templates")
    assert "templates" in fails("poll")


@pytest.mark.parametrize(
    "words", [("flags",), ("show", "1"), ("status",), ("replies", "stop"), ("roster", "show")]
)
def test_who_looks_needs_no_policy(school, triage, words):
    (school.folder / "policy.toml").unlink()
    school.case(MEDICAL)
    assert triage(*words).exit_code == 0


def test_init_refuses_a_folder_in_use(school, fails):
    assert "it is not empty" in fails("init", school.folder)


@pytest.mark.parametrize("name", ["nowhere.csv", "."])
def test_a_roster_that_cannot_be_read_is_named(fails, tmp_path, name):
    assert str(tmp_path / name) in fails("roster", "import", tmp_path / name)


# what nobody foresaw


@click.group(cls=Commands)
def broken():
    """Commands with mistakes in them."""


@broken.command()
def value():
    raise ValueError("what a parent wrote")


@broken.command()
def pipe():
    raise BrokenPipeError


def test_a_mistake_in_the_program_is_told_by_sort_and_place_alone():
    result = CliRunner().invoke(broken, ["value"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "ValueError at triage/" in result.stderr
    assert "parent" not in result.stderr


def test_a_reader_that_went_away_is_no_mistake():
    result = CliRunner().invoke(broken, ["pipe"])
    assert "mistake" not in result.output


# help


def _commands(command, words=()):
    yield words, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _commands(inner, (*words, name))


COMMANDS = dict(_commands(main))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_explains_itself_and_its_options(triage, words):
    result = triage(*words, "--help")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 100
    options = [one for one in COMMANDS[words].params if isinstance(one, click.Option)]
    assert COMMANDS[words].help
    assert all(option.help for option in options)


def test_the_list_of_commands_cuts_no_sentence(triage):
    listed = triage("--help").stdout.partition("Commands:\n")[2].splitlines()
    assert len(listed) == len(main.commands)
    assert [line for line in listed if line.endswith("...")] == []
