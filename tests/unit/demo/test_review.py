"""On a terminal the demo goes on with the review page, until it is told to stop."""

import os
import pty
import re
import signal
import subprocess
import sys
import urllib.request

import pytest

COMMAND = [sys.executable, "-c", "from triage.cli import main; main()", "demo"]


@pytest.fixture
def demo_on_a_terminal():
    """A demo whose standard output is a terminal: its process, and the reading end."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(COMMAND, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL)
    os.close(theirs)
    yield process, ours
    process.kill()
    process.wait()
    os.close(ours)


def read_until(terminal, pattern):
    said = ""
    while not (found := re.search(pattern, said)):
        try:
            said += os.read(terminal, 65_536).decode(errors="replace")
        except OSError:  # the other side has hung up
            pytest.fail(f"the demo ended before it said {pattern}: {said[-2000:]}")
    return found


def test_the_review_page_is_served_until_control_c(demo_on_a_terminal):
    process, terminal = demo_on_a_terminal
    address = read_until(terminal, r"review page: (http://127\.0\.0\.1:\d+/)")[1]
    with urllib.request.urlopen(address, timeout=30) as page:
        assert page.status == 200
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0
