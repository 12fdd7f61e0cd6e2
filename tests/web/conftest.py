import shutil
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from tests.acceptance.school import RunningSchool
from tests.servers.ports import missing
from tests.web.browser import Browser, find_chromium
from tests.web.site import Site
from triage.store import passwords

LITTLE_WORK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(autouse=True, scope="module")
def _passwords_of_little_work() -> Iterator[None]:
    """A password takes a thousandth of the work here; what it takes in service is asked in tests/store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", LITTLE_WORK)
        patch.setattr(passwords, "NOBODYS", LITTLE_WORK.hash("nobody's"))
        yield


@pytest.fixture
def site(database) -> Site:
    """A review page over a database with nothing in it yet."""
    return Site(database)


@pytest.fixture(scope="session")
def _browser(tmp_path_factory) -> Iterator[Browser]:
    program = find_chromium()
    if program is None:
        missing("Chromium", "chromium")
    with Browser(program, tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def browser(_browser) -> Browser:
    """A real browser that has said nothing yet, of a usual width, in the light."""
    _browser.go("about:blank")
    _browser.resize(1280)
    _browser.prefer("light")
    _browser.said.clear()
    return _browser


@pytest.fixture
def running_school(dovecot, sink, sqlite_template, key_file, tmp_path) -> Iterator[RunningSchool]:
    """A school with a real mailbox, for a service that runs as a process of its own."""
    folder = tmp_path / "school"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "triage.db")
    school = RunningSchool(dovecot, sink, f"sqlite:///{folder}/triage.db", key_file, folder)
    yield school
    school.service.close()
