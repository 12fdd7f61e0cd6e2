"""The tests' servers, and the header that says which of them are real."""

import importlib.metadata
import importlib.util
import sqlite3
import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

from tests.servers.cyrus import find_cyrus
from tests.servers.dovecot import dovecot_version
from tests.servers.ports import find_program, in_ci

pytest_plugins = ["tests.servers.fixtures_mail", "tests.young"]
if importlib.util.find_spec("tests.servers.fixtures_store") is not None:
    pytest_plugins.append("tests.servers.fixtures_store")


LONGEST = (
    "tests/web/test_every_page.py",
    "tests/web/test_axe.py",
    "tests/acceptance/test_never_twice.py",
    "tests/acceptance/test_loops.py",
    "tests/acceptance/test_flood.py",
    "tests/web/test_reports.py",
    "tests/project/test_wheel.py",
)
"""The files that take longest: each is run whole by one process, and all should end at the same time."""


settings.register_profile("shared machine", settings(), deadline=None)
settings.load_profile("shared machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, and leave all others in their order."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(LONGEST)))


def pytest_report_header() -> list[str]:
    """Say which servers the tests use, with their versions, and what a missing one means."""
    servers = {
        "Dovecot": dovecot_version(),
        "PostgreSQL": _version_of("postgres", *_postgres_folders()),
        "SQLite": sqlite3.sqlite_version,
        "pymap": _installed("pymap"),
        "Cyrus (may be)": find_cyrus() and "there",
        "aiosmtpd": _installed("aiosmtpd"),
        "Chromium": _version_of("chromium"),
    }
    shown = ", ".join(f"{name} {version or 'missing'}" for name, version in servers.items())
    rule = "fails the tests (CI=true)" if in_ci() else "skips its tests (CI=true makes that a failure)"
    return [f"servers: {shown}", f"a missing real server {rule}"]


def _postgres_folders() -> list[str]:
    return [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]


def _version_of(program: str, *folders: str) -> str | None:
    found = find_program(program, *folders)
    if found is None:
        return None
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    return next((word for word in said.split() if word[0].isdigit()), "of unknown version")


def _installed(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
