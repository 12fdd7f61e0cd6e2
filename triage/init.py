"""``triage init``: a school's folder, with everything in it that the school edits and keeps."""

import shutil
from pathlib import Path

from triage.resources import resource
from triage.settings import load_settings
from triage.store.db import open_database, upgrade
from triage.store.errors import StoreError
from triage.store.keys import Keyring, KeyringError

_IGNORED = """\
# Secrets and records stay out of version control.
secrets/
triage.key
triage.db*
"""


class InitError(Exception):
    """The folder cannot be made; the text is one line for people."""


def init(folder: Path) -> None:
    """Make a school's folder: settings, policy, wording, a key file, an empty database, a place for secrets.

    Raises InitError when the folder holds anything already, or when something cannot be written.
    """
    try:
        _refuse_used(folder)
        _write(folder)
        _make_database(folder)
    except OSError as error:
        raise InitError(f"{error.filename or folder}: cannot be written: {error.strerror}") from error
    except (KeyringError, StoreError) as error:
        raise InitError(str(error)) from error


def _refuse_used(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InitError(f"{folder}: there is a file of this name")
    if folder.is_dir() and any(folder.iterdir()):
        raise InitError(f"{folder}: it is not empty; a school's folder begins in a new or empty one")


def _write(folder: Path) -> None:
    # Names, flags and passwords will lie here: others on the machine have no business in it.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "secrets").mkdir(mode=0o700)
    for name in ("settings.toml", "policy.toml"):
        shutil.copyfile(resource(name), folder / name)
    shutil.copytree(resource("templates"), folder / "templates", copy_function=shutil.copyfile)
    (folder / ".gitignore").write_text(_IGNORED, encoding="utf-8")


def _make_database(folder: Path) -> None:
    settings = load_settings(folder / "settings.toml", {})
    keyring = Keyring.generate(settings.database.key_file)
    database = open_database(settings.database.url.get_secret_value(), keyring)
    try:
        upgrade(database)
    finally:
        database.close()
