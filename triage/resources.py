"""Where the files that come with the program lie: templates, migrations, policy, settings."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """Return the path of a shipped file or folder, such as "templates" or "policy.toml".

    A wheel carries them inside the package; a checkout has them at its top.
    Raises FileNotFoundError when neither has it.
    """
    for folder in (_PACKAGE / "_files", _PACKAGE.parent):
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(f"{name} is missing from this installation: install school-triage again")
