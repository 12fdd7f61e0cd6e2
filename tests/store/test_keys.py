"""The key file and what is done with it."""

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from triage.store.keys import Keyring, KeyringError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "triage.key"


def test_what_is_encrypted_is_decrypted_again(keyring: Keyring):
    assert keyring.decrypt(keyring.encrypt("Jake, 8B – Zoë")) == "Jake, 8B – Zoë"


def test_lone_surrogates_of_hostile_mail_survive(keyring: Keyring):
    assert keyring.decrypt(keyring.encrypt("a\udce9b")) == "a\udce9b"


def test_the_same_text_never_looks_the_same_twice(keyring: Keyring):
    assert keyring.encrypt("Jake") != keyring.encrypt("Jake")


def test_a_new_key_file_is_for_its_owner_only(path: Path):
    Keyring.generate(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_file_is_never_overwritten(path: Path):
    Keyring.generate(path)
    before = path.read_bytes()
    with pytest.raises(KeyringError, match="never overwritten"):
        Keyring.generate(path)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_told_in_words(tmp_path: Path):
    with pytest.raises(KeyringError, match="cannot be written"):
        Keyring.generate(tmp_path / "nowhere" / "triage.key")


def test_a_missing_key_file_names_the_command_that_makes_one(path: Path):
    with pytest.raises(KeyringError, match="triage init"):
        Keyring.load(path)


def test_a_key_file_that_is_a_folder_is_told_in_words(tmp_path: Path):
    with pytest.raises(KeyringError, match="cannot be read"):
        Keyring.load(tmp_path)


def test_what_another_school_encrypted_is_refused_in_words(keyring: Keyring, path: Path):
    with pytest.raises(KeyringError, match="cannot be decrypted"):
        Keyring.generate(path).decrypt(keyring.encrypt("Jake"))


def test_an_older_key_still_decrypts_and_the_newest_encrypts(path: Path):
    old = Keyring.generate(path)
    stored = old.encrypt("Jake")
    path.write_text(f"encrypt {Fernet.generate_key().decode()}\n" + path.read_text())
    renewed = Keyring.load(path)
    assert renewed.decrypt(stored) == "Jake"
    with pytest.raises(KeyringError):
        old.decrypt(renewed.encrypt("Jake"))


def test_comments_and_empty_lines_are_allowed(path: Path):
    keyring = Keyring.generate(path)
    path.write_text("# kept in the school's safe\n\n" + path.read_text())
    assert Keyring.load(path).digest("a") == keyring.digest("a")


@pytest.mark.parametrize(
    "line", ["encrypt abc", "digest !!!", "encrypt", "decrypt " + "A" * 44, "encrypt a b", "digest é"]
)
def test_a_bad_line_is_named_by_its_number_without_the_key(path: Path, line: str):
    Keyring.generate(path)
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(KeyringError, match=r"triage\.key, line 3") as caught:
        Keyring.load(path)
    assert "AAAA" not in str(caught.value)


def test_a_file_without_a_digest_key_is_refused(path: Path):
    path.write_text(f"encrypt {Fernet.generate_key().decode()}\n")
    with pytest.raises(KeyringError, match="exactly one"):
        Keyring.load(path)


def test_a_digest_depends_on_the_key(keyring: Keyring, path: Path):
    assert keyring.digest("a") != Keyring.generate(path).digest("a")


def test_parts_of_a_digest_do_not_run_together(keyring: Keyring):
    assert keyring.digest("ab", "c") != keyring.digest("a", "bc")
    assert keyring.digest("a", "") != keyring.digest("a")


def test_nothing_of_the_keys_shows_in_the_repr(path: Path):
    key = Keyring.generate(path)
    secrets = [line.split()[1] for line in path.read_text().splitlines()]
    assert not any(secret in repr(key) + str(vars(key)) for secret in secrets)
