"""``triage init``: what a school's folder holds, who can read it, and when it is refused."""

import stat

import pytest

from triage.init import InitError, init
from triage.resources import resource
from triage.settings import load_settings
from triage.store.db import current_revision, head_revision, open_database
from triage.store.keys import Keyring


def _mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def school(tmp_path):
    """A folder as ``triage init`` makes it."""
    init(tmp_path / "school")
    return tmp_path / "school"


def test_the_folder_holds_what_a_school_edits_and_keeps(school):
    made = {path.name for path in school.iterdir()} - {"triage.db-wal", "triage.db-shm"}
    assert made == {
        ".gitignore",
        "policy.toml",
        "secrets",
        "settings.toml",
        "templates",
        "triage.db",
        "triage.key",
    }


def test_its_settings_load(school):
    assert load_settings(school / "settings.toml", {}).policy_file == school / "policy.toml"


def test_every_template_is_there(school):
    shipped = {path.relative_to(resource("templates")) for path in resource("templates").rglob("*.txt")}
    assert {path.relative_to(school / "templates") for path in school.rglob("*.txt")} == shipped


@pytest.mark.parametrize("name", ["triage.key", "triage.db"])
def test_only_its_owner_can_read_key_and_record(school, name):
    assert _mode(school / name) == 0o600


@pytest.mark.parametrize("name", [".", "secrets"])
def test_only_its_owner_can_look_into_the_folder_and_its_secrets(school, name):
    assert _mode(school / name) == 0o700


def test_the_database_is_at_the_newest_revision(school):
    settings = load_settings(school / "settings.toml", {})
    url = settings.database.url.get_secret_value()
    database = open_database(url, Keyring.load(school / "triage.key"))
    try:
        assert current_revision(database) == head_revision()
    finally:
        database.close()


def test_secrets_and_records_stay_out_of_version_control(school):
    ignored = (school / ".gitignore").read_text().split()
    assert {"secrets/", "triage.key", "triage.db*"} <= set(ignored)


def test_two_schools_have_two_keys(school, tmp_path):
    init(tmp_path / "other")
    assert (school / "triage.key").read_text() != (tmp_path / "other" / "triage.key").read_text()


def test_an_empty_folder_is_used(tmp_path):
    (tmp_path / "empty").mkdir()
    init(tmp_path / "empty")
    assert (tmp_path / "empty" / "settings.toml").exists()


def test_a_folder_that_holds_anything_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InitError, match="it is not empty"):
        init(tmp_path)


def test_a_refused_folder_is_left_as_it_was(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InitError):
        init(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_school_is_never_made_twice(school):
    with pytest.raises(InitError, match="it is not empty"):
        init(school)


def test_a_file_of_that_name_is_refused(tmp_path):
    (tmp_path / "school").write_text("")
    with pytest.raises(InitError, match="there is a file of this name"):
        init(tmp_path / "school")


def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InitError, match="cannot be written: Not a directory"):
        init(tmp_path / "file" / "school")
