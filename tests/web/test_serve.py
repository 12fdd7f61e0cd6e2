"""`triage run` as a process: the page and the worker beside it, stopped gracefully."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import psutil
import pytest

from tests.acceptance.school import RunningSchool, a_mail
from tests.servers.ports import LOOPBACK, START_SECONDS
from tests.servers.processes import end_tree

COMMAND = [sys.executable, "-c", "from triage.cli import main; main()", "run"]
GREETING = "review page: "


def start(environ: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start the service in an environment of its own."""
    return subprocess.Popen(
        COMMAND,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def running(school: RunningSchool) -> Iterator[subprocess.Popen[str]]:
    """Run the service of a school; whatever a test leaves of it is ended."""
    process = start(school.variables())
    try:
        yield process
    finally:
        end_tree(process)
        process.stdout.close()
        process.stderr.close()


@pytest.fixture
def service(running_school) -> Iterator[subprocess.Popen[str]]:
    with running(running_school) as process:
        yield process


def wait_for(happened: Callable[[], object]) -> None:
    """Return when something has happened; raise TimeoutError when it does not in time."""
    end = time.monotonic() + START_SECONDS
    while not happened():
        if time.monotonic() > end:
            raise TimeoutError("it did not happen")
        time.sleep(0.01)


def address_of(service) -> str:
    """Wait until the page is served, and return its address."""
    line = service.stdout.readline()
    assert line.startswith(GREETING), line + service.stderr.read()
    return line.removeprefix(GREETING).split()[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_signal_ends_page_and_worker_with_exit_code_0(service, number):
    address = address_of(service)
    with urllib.request.urlopen(address, timeout=30) as page:
        assert page.status == 200
    children = psutil.Process(service.pid).children(recursive=True)
    service.send_signal(number)
    _, errors = service.communicate(timeout=60)
    assert (service.returncode, "Traceback" in errors) == (0, False)
    assert not [child for child in children if child.is_running()]
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((LOOPBACK, int(address.rpartition(":")[2].strip("/"))), timeout=5)


def test_a_client_that_keeps_its_connection_does_not_hold_up_the_end(service):
    port = int(address_of(service).rpartition(":")[2].strip("/"))
    with socket.create_connection((LOOPBACK, port), timeout=30) as kept:
        kept.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert kept.recv(15) == b"HTTP/1.1 200 OK"
        service.send_signal(signal.SIGTERM)
        service.communicate(timeout=60)
    assert service.returncode == 0


def test_what_is_under_way_is_finished_before_the_end(running_school):
    for _ in range(20):
        running_school.deliver(a_mail(to=running_school.address()))
    with running(running_school) as service:
        wait_for(lambda: running_school.replies)
        service.send_signal(signal.SIGTERM)
        service.communicate(timeout=60)
    assert service.returncode == 0
    assert set(running_school.states()) == {"decided"}
    assert running_school.tally()["sent"] == 1
    assert set(running_school.tally()) <= {"pending", "sent", "withheld"}


def test_the_answers_name_no_software_and_keep_the_log_empty(service):
    address = address_of(service)
    with urllib.request.urlopen(address, timeout=30) as page:
        assert page.headers["Server"] is None
    service.send_signal(signal.SIGTERM)
    output, errors = service.communicate(timeout=60)
    assert (output, errors) == ("", "")


def test_a_port_that_is_taken_is_one_clear_line(running_school):
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        process = start({**running_school.variables(), "TRIAGE_WEB__PORT": str(port)})
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (1, "")
    (line,) = errors.splitlines()
    assert line.startswith(f"Error: the review page cannot listen on 127.0.0.1, port {port}: Address")
    assert line.endswith("already in use; stop what uses it, or set another [web] port")
