from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.acceptance.school import RunningSchool
from tests.fixed_words import by_words
from triage.bootstrap import Service


@pytest.fixture
def start_school(dovecot, sink, database_url, key_file, tmp_path) -> Iterator:
    """Start schools on the database of the test: ``start_school(count=3)``."""
    started = []

    def start(**options) -> RunningSchool:
        folder = tmp_path / f"school{len(started)}"
        folder.mkdir()
        started.append(RunningSchool(dovecot, sink, database_url, key_file, folder, **options))
        return started[-1]

    yield start
    for school in started:
        school.service.close()


@pytest.fixture
def start_worded(start_school):
    """Start schools as ``start_school`` does, whose classifier finds what its few words say."""

    def start(**options) -> RunningSchool:
        school = start_school(**options)
        context = replace(school.service.context, classify=by_words())
        school.service = Service(context, school.service.settings)
        return school

    return start


@pytest.fixture
def worded(start_worded) -> RunningSchool:
    """A school of one mailbox whose classifier finds what its few words say."""
    return start_worded()


@pytest.fixture
def school(start_school) -> RunningSchool:
    """A school of one mailbox, open at all hours, its mailbox met while it was empty."""
    return start_school()
