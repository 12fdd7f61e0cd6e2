"""A school's folder for each test, and the commands run in it: in this process, and as a program."""

import json
import os
import shutil
import subprocess

import pytest
from click.testing import CliRunner, Result

from tests.cli.school import MadeSchool, run_program
from triage.cli import main
from triage.init import init


@pytest.fixture(scope="session")
def _template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("template") / "school"
    init(folder)
    return folder


@pytest.fixture
def school(_template, tmp_path) -> MadeSchool:
    """A school's new folder."""
    shutil.copytree(_template, tmp_path / "school")
    return MadeSchool(tmp_path / "school")


@pytest.fixture
def triage(school):
    """Run a command on the school in this process, in a pipe of 100 columns."""

    def _triage(*words: object, **environ: str) -> Result:
        # Every test says what it expects; nothing of the tests' own environment may change that.
        cleared = dict.fromkeys((name for name in os.environ if name.startswith("TRIAGE_")), None)
        settings = {"TRIAGE_SETTINGS": str(school.file), "COLUMNS": "100"}
        return CliRunner().invoke(main, [str(word) for word in words], env=cleared | settings | environ)

    return _triage


@pytest.fixture
def rows(triage):
    """Run a command for its JSON: its rows of one kind."""

    def _rows(kind: str, *words: object, **environ: str) -> list[dict]:
        result = triage(*words, "--format", "json", **environ)
        found = [json.loads(line) for line in result.stdout.splitlines()]
        return [
            {key: value for key, value in row.items() if key != "kind"}
            for row in found
            if row["kind"] == kind
        ]

    return _rows


@pytest.fixture
def program(school):
    """Run a command on the school as a program of its own, its output in pipes unless told otherwise."""

    def _program(*words: object, **more: object) -> subprocess.CompletedProcess:
        return run_program(*words, environ={"TRIAGE_SETTINGS": str(school.file)}, **more)

    return _program
