"""The commands as programs: exit codes, what a terminal sees, and what a pipe does not."""

import os
import pty
import subprocess

import pytest

from tests.cli.school import HEAD_OF_YEAR_8, MEDICAL, run_program


@pytest.fixture
def terminal(program, monkeypatch):
    """Run a command on a terminal of 100 columns; return what it shows there."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")

    def _terminal(*words):
        screen, end = pty.openpty()
        try:
            # What a command shows here is far less than a terminal's buffer holds.
            assert program(*words, stdout=end, stdin=end).returncode == 0
            return os.read(screen, 100_000).decode()
        finally:
            os.close(screen)
            os.close(end)

    return _terminal


def test_a_terminal_shows_a_table(school, terminal):
    school.case(MEDICAL)
    shown = terminal("flags", "--as", HEAD_OF_YEAR_8)
    assert "1 open flag" in shown
    assert "head of year" in shown


def test_a_pipe_gets_plain_lines_and_standard_error_is_silent(school, program):
    school.case(MEDICAL)
    done = program("flags", "--as", HEAD_OF_YEAR_8)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("flag\tflag=1\tcase=1\tseverity=review\t")


def test_what_migrates_the_database_does_not_reach_the_terminal(program, tmp_path):
    done = program("init", tmp_path / "new")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1


def test_wrong_settings_are_one_line_and_2(program, tmp_path):
    done = program("--settings", tmp_path / "settings.toml", "status")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


def test_any_other_trouble_is_one_line_and_1(program):
    done = program("show", "7")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "Error: there is no case 7\n")


def test_a_reader_that_goes_away_leaves_no_traceback(program):
    read, write = os.pipe()
    os.close(read)
    done = program("status", stdout=write)
    os.close(write)
    assert done.stderr == ""


# the demo


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo as started in an empty folder without a terminal, and that folder."""
    folder = tmp_path_factory.mktemp("empty")
    started = {"cwd": folder, "stdin": subprocess.DEVNULL}
    return run_program("demo", "--once", environ={"TMPDIR": str(folder)}, **started), folder


def test_the_demo_ends_with_0_and_says_nothing_on_standard_error(demo):
    done, _ = demo
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "words",
    [
        "What became of each message",
        "Flags for people",
        "Auto-Submitted: auto-replied",
        "In-Reply-To: <",
        "Message-ID: <",
        "mails at the sink: ",
    ],
)
def test_the_demo_shows_what_became_of_the_mail(demo, words):
    assert words in demo[0].stdout


def test_the_demo_leaves_nothing_behind(demo):
    assert list(demo[1].iterdir()) == []
