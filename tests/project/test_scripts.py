"""The scripts behind ``make``: which Python they take, what they install, and what they say otherwise."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The programs that a script may call besides those a test puts before them.
TOOLS = ("sh", "cat", "chmod", "cut", "dirname", "mktemp", "printf", "rm", "sed", "tail", "touch")


@pytest.fixture
def machine(tmp_path):
    """A made-up machine: its PATH holds ordinary tools and the programs that a test writes."""
    path = tmp_path / "bin"
    path.mkdir()
    for tool in TOOLS:
        (path / tool).symlink_to(shutil.which(tool))
    return path


def _program(machine: Path, name: str, script: str) -> None:
    (machine / name).write_text(f"#!/bin/sh\n{script}\n")
    (machine / name).chmod(0o755)


def _call(script: Path, machine: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script, *words], env={"PATH": str(machine), **environ}, capture_output=True, text=True, check=False
    )


# scripts/get-servers


@pytest.fixture
def get_servers(machine, tmp_path):
    """Run the script as a user of a Debian on which so much is installed; apt-get only notes its calls."""

    def _run(*, uid: int, installed: str = "", apt: str = "exit 0", **environ: str):
        _program(machine, "id", f"echo {uid}")
        lines = [f'case "{installed}" in *"$4"*) echo installed ;; *) exit 1 ;; esac']
        _program(machine, "dpkg-query", "\n".join(lines))
        _program(machine, "apt-get", f'echo "$@" >>{tmp_path}/calls\n{apt}')
        environ.setdefault("POLICY_RC_D", str(tmp_path / "policy-rc.d"))
        return _call(ROOT / "scripts" / "get-servers", machine, TMPDIR=str(tmp_path), **environ)

    return _run


ALL = "dovecot-imapd dovecot-lmtpd dovecot-sieve chromium postgresql"


def _calls(tmp_path: Path) -> list[str]:
    calls = tmp_path / "calls"
    return calls.read_text().splitlines() if calls.exists() else []


def test_where_all_servers_are_installed_nothing_is_said_or_done(get_servers, tmp_path):
    done = get_servers(uid=0, installed=ALL)
    assert (done.returncode, done.stderr, _calls(tmp_path)) == (0, "", [])


def test_root_installs_exactly_what_is_missing(get_servers, tmp_path):
    get_servers(uid=0, installed="dovecot-imapd dovecot-lmtpd dovecot-sieve postgresql")
    assert _calls(tmp_path) == ["-q update", "-q install -y --no-install-recommends chromium"]


def test_no_service_is_started_while_installing(get_servers, tmp_path):
    policy = tmp_path / "policy-rc.d"
    get_servers(uid=0, apt=f"{policy}; echo $? >>{tmp_path}/policy")
    assert set((tmp_path / "policy").read_text().split()) == {"101"}


def test_the_rule_against_starting_services_is_taken_back(get_servers, tmp_path):
    get_servers(uid=0)
    assert not (tmp_path / "policy-rc.d").exists()


def test_a_rule_that_was_there_before_stays(get_servers, tmp_path):
    (tmp_path / "policy-rc.d").write_text("mine")
    get_servers(uid=0)
    assert (tmp_path / "policy-rc.d").read_text() == "mine"


def test_another_user_is_told_in_one_line_what_to_install(get_servers, tmp_path):
    done = get_servers(uid=1000)
    assert (done.returncode, done.stderr.count("\n"), _calls(tmp_path)) == (0, 1, [])
    assert f"apt-get install --no-install-recommends {ALL}" in done.stderr


def test_in_ci_a_missing_server_is_a_failure(get_servers):
    assert get_servers(uid=1000, CI="true").returncode == 1


def test_an_installation_that_fails_shows_why(get_servers):
    done = get_servers(uid=0, apt="echo no network >&2; exit 100")
    assert done.returncode == 1
    assert "no network" in done.stderr


# scripts/get-cyrus


def test_cyrus_and_the_libraries_that_this_machine_lacks_are_unpacked_and_nothing_is_installed(
    machine, tmp_path
):
    would = r"Remv dovecot-imapd [1]\nInst exim4-base (4)\nInst libical3 (3)\nInst cyrus-imapd (3)"
    apt = f'case $1 in install) printf "{would}\\n" ;; *) >a.deb ;; esac'
    _program(machine, "apt-get", f'echo "$@" >>{tmp_path}/calls\n{apt}')
    _program(machine, "dpkg-deb", f'echo "$@" >>{tmp_path}/unpacked')
    (machine / "mkdir").symlink_to(shutil.which("mkdir"))
    folder = tmp_path / "cyrus"
    done = _call(ROOT / "scripts" / "get-cyrus", machine, str(folder))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, f"get-cyrus: CYRUS_ROOT={folder}")
    assert _calls(tmp_path) == [
        "install --simulate --no-install-recommends cyrus-imapd",
        "-q download libical3 cyrus-imapd",
    ]
    assert (tmp_path / "unpacked").read_text() == f"--extract {folder}/packages/a.deb {folder}\n"


def test_a_machine_without_apt_is_told_that_cyrus_needs_it(machine, tmp_path):
    done = _call(ROOT / "scripts" / "get-cyrus", machine, str(tmp_path / "cyrus"))
    assert (done.returncode, done.stderr) == (1, "get-cyrus: needs Debian's apt-get and dpkg-deb\n")


# scripts/make-env


@pytest.fixture
def make_env(machine, tmp_path):
    """Run the script in a copy of its own, so that this checkout's environment stays."""
    copy = tmp_path / "copy"
    (copy / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "make-env", copy / "scripts")
    shutil.copy(ROOT / "pyproject.toml", copy)
    return lambda **environ: _call(copy / "scripts" / "make-env", machine, HOME=str(tmp_path), **environ)


def test_a_machine_without_python_3_11_is_told_in_one_line(make_env, machine):
    _program(machine, "python3", "exit 1")
    done = make_env()
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "no Python 3.11 or later found" in done.stderr


def test_a_python_that_is_chosen_is_the_only_one_tried(make_env, machine):
    _program(machine, "python3", "exit 0")
    assert "no Python 3.11 or later found" in make_env(PYTHON="/nowhere/python").stderr


def test_a_python_without_pip_is_told_in_one_line(make_env, machine):
    _program(machine, "python3", 'case "$*" in *version_info*) exit 0 ;; *) exit 1 ;; esac')
    done = make_env()
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "has no pip" in done.stderr


@pytest.mark.parametrize("script", ["scripts/make-env", "scripts/get-servers", ".ci/run"])
def test_a_script_can_be_called(script):
    assert os.access(ROOT / script, os.X_OK)


def test_ci_runs_the_same_tests_as_everybody():
    assert "CI=true exec make test" in (ROOT / ".ci" / "run").read_text()
