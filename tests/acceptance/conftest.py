from collections.abc import Iterator

import pytest

from tests.acceptance.school import RunningSchool


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
def school(start_school) -> RunningSchool:
    """A school of one mailbox, open at all hours, its mailbox met while it was empty."""
    return start_school()
