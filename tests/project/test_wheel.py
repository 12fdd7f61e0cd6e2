"""The wheel is whole: installed where no checkout is, it makes a school's folder and checks it."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Away from pyproject.toml uv has to be told again whose certificates count.
UV = (Path(sysconfig.get_path("scripts")) / "uv", "--system-certs")


def _run(*command: object, folder: Path, code: int = 0) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of the checkout by way of the source distribution."""
    out = tmp_path_factory.mktemp("dist")
    _run(*UV, "build", "--quiet", "--python", sys.executable, "--out-dir", out, ROOT, folder=out)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """An environment with the wheel and what the lock file says it needs, in an empty folder."""
    folder = tmp_path_factory.mktemp("installed")
    pinned = folder / "requirements.txt"
    export = ("export", "--quiet", "--frozen", "--no-dev", "--no-emit-project", "--output-file", pinned)
    _run(*UV, *export, "--project", ROOT, folder=folder)
    _run(*UV, "venv", "--quiet", "--python", sys.executable, folder / "env", folder=folder)
    python = folder / "env" / "bin" / "python"
    _run(*UV, "pip", "install", "--quiet", "--python", python, "--requirements", pinned, folder=folder)
    _run(*UV, "pip", "install", "--quiet", "--python", python, "--no-deps", wheel, folder=folder)
    return folder


@pytest.fixture(scope="module")
def school(installed):
    """A school's folder made by the installed command."""
    _run(installed / "env" / "bin" / "triage", "init", "school", folder=installed)
    return installed / "school"


@pytest.mark.parametrize("name", ["templates", "migrations"])
def test_a_folder_of_the_checkout_is_in_the_wheel_whole(wheel, name):
    kept = (path for path in (ROOT / name).rglob("*") if path.suffix in {".txt", ".py", ".mako"})
    files = {str(path.relative_to(ROOT)) for path in kept}
    assert {f"triage/_files/{file}" for file in files} <= set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize("name", ["alembic.ini", "policy.toml", "settings.toml"])
def test_a_file_of_the_checkout_is_in_the_wheel_as_it_is(wheel, name):
    assert zipfile.ZipFile(wheel).read(f"triage/_files/{name}") == (ROOT / name).read_bytes()


def test_the_wheel_carries_its_licence(wheel):
    assert any(name.endswith("licenses/LICENSE") for name in zipfile.ZipFile(wheel).namelist())


def test_the_wheel_carries_no_tests_and_nobodys_database(wheel):
    names = [PurePosixPath(name) for name in zipfile.ZipFile(wheel).namelist()]
    tests = [name for name in names if "tests" in name.parts or name.name.startswith(("test_", "conftest"))]
    assert tests == []
    assert [name for name in names if name.suffix in {".db", ".key"}] == []


def test_the_installed_package_is_not_the_checkouts(installed):
    where = _run(
        installed / "env/bin/python", "-c", "import triage; print(triage.__file__)", folder=installed
    )
    assert where.startswith(str(installed))


def test_the_installed_command_makes_a_school(school):
    assert (school / "triage.db").exists()


def test_the_installed_command_checks_that_school(installed, school):
    said = _run(installed / "env/bin/triage", "check", folder=school, code=1)
    for name in ("templates", "policy", "key-file", "database"):
        assert any(name in line and "fail" not in line for line in said.splitlines()), said
