"""Messages in files, and the commands that judge them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import triage.demo
from triage.cli import main
from triage.resources import resource

ROSTER = Path(triage.demo.__file__).parent / "roster.csv"
ABSENT = """\
Return-Path: <rachel.marlowe@postbox.example>
Authentication-Results: mx.oakfield.example; dmarc=pass header.from=postbox.example
Received: from mail.postbox.example by mx.oakfield.example; Fri, 23 Oct 2026 21:40:00 +0100
From: Rachel Marlowe <rachel.marlowe@postbox.example>
To: j.whitlock@oakfield.example
Subject: Jake Marlowe 8A
Message-ID: <absent@postbox.example>
Date: Fri, 23 Oct 2026 21:39:00 +0100

Jake won't be in school tomorrow.
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder with one message about an absence."""
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "absent.eml").write_text(ABSENT)
    return tmp_path / "mail"


@pytest.fixture
def triage_():
    """Run a command with the shipped settings and the made-up roster."""

    def _run(*words: object, given: bytes | None = None) -> Result:
        settings = ["--settings", str(resource("settings.toml"))]
        return CliRunner().invoke(main, [*settings, *(str(word) for word in words)], input=given)

    return _run


@pytest.fixture
def classified(triage_):
    """Classify paths and return the objects."""

    def _classified(*words: object, given: bytes | None = None) -> list[dict]:
        result = triage_("classify", "--roster", ROSTER, *words, given=given)
        return [json.loads(line) for line in result.stdout.splitlines()]

    return _classified
