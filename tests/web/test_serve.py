"""`triage run` as a process: the page and the worker beside it, stopped gracefully."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlencode

import psutil
import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from sqlalchemy import func, select

from tests.acceptance.school import RunningSchool, a_mail
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.ports import LOOPBACK, START_SECONDS, free_ports, wait_for_port
from tests.servers.processes import end_tree
from tests.web.site import HIDDEN
from triage.serve import GRACE_SECONDS
from triage.store.sessions import open_session
from triage.store.tables import sign_in_failures

COMMAND = [sys.executable, "-c", "from triage.cli import main; main()", "run"]
GREETING = "review page: "
OPEN_AT = "safe@oakfield.example"


NO_TERMINAL = {"stdin": subprocess.DEVNULL, "start_new_session": True}


def start(environ: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start the service in an environment of its own."""
    return subprocess.Popen(
        COMMAND,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **NO_TERMINAL,
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
        kept.sendall(b"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert kept.recv(15) == b"HTTP/1.1 200 OK"
        service.send_signal(signal.SIGTERM)
        service.communicate(timeout=60)
    assert service.returncode == 0


def test_an_open_page_does_not_hold_up_the_end(service, running_school):
    port = int(address_of(service).rpartition(":")[2].strip("/"))
    database = running_school.service.database
    with database.write() as conn:
        _, token = open_session(conn, OPEN_AT, datetime.now(UTC))
    asked = f"GET /flags/news HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: triage={token}\r\n\r\n"
    with socket.create_connection((LOOPBACK, port), timeout=30) as page:
        page.sendall(asked.encode())
        got = b""
        while b": still here" not in got:
            got += page.recv(4096)
        began = time.monotonic()
        service.send_signal(signal.SIGTERM)
        while page.recv(4096):
            pass
        ended = time.monotonic() - began
    _, errors = service.communicate(timeout=60)
    assert (service.returncode, errors) == (0, "")
    assert ended < GRACE_SECONDS / 2


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


# by https


@pytest.fixture
def certificates(tmp_path) -> Certificates:
    return make_certificates(tmp_path / "certificates")


def by_https(running_school, certificates, **more: str) -> Mapping[str, str]:
    """The environment of a site with its own certificate, at a port of its own."""
    (port,) = free_ports(1)
    return {
        **running_school.variables(),
        "TRIAGE_WEB__PORT": str(port),
        "TRIAGE_WEB__ADDRESS": f"https://localhost:{port}",
        "TRIAGE_WEB__CERTIFICATE": str(certificates.cert_file),
        "TRIAGE_WEB__CERTIFICATE_KEY": str(certificates.key_file),
        **more,
    }


def test_with_its_own_certificate_the_site_is_served_by_https(running_school, certificates):
    process = start(by_https(running_school, certificates))
    try:
        address = address_of(process)
        assert address.startswith("https://localhost:")
        trusted = ssl.create_default_context(cafile=str(certificates.ca_file))
        with urllib.request.urlopen(address, timeout=30, context=trusted) as page:
            cookie = page.headers["Set-Cookie"]
        assert page.headers["Strict-Transport-Security"]
        with pytest.raises(OSError, match=r"reset|closed|disconnected|Remote end"):
            urllib.request.urlopen(address.replace("https", "http"), timeout=30)
    finally:
        end_tree(process)
        process.communicate()
    assert cookie.startswith("__Host-triage-before=")
    assert cookie.endswith("; Secure")


@pytest.mark.parametrize("key", ["missing", "encrypted", "another"])
def test_a_certificate_that_cannot_be_used_is_one_clear_line(running_school, certificates, tmp_path, key):
    file = tmp_path / "web.key"
    if key == "encrypted":
        file.write_bytes(encrypted(certificates.key_file.read_bytes()))
    elif key == "another":
        file.write_bytes(make_certificates(tmp_path / "others").key_file.read_bytes())
    process = start(by_https(running_school, certificates, TRIAGE_WEB__CERTIFICATE_KEY=str(file)))
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (1, "")
    (line,) = errors.splitlines()
    assert line.startswith(
        f"Error: the certificate {certificates.cert_file} cannot be used with the key {file}: "
    )


def encrypted(key: bytes) -> bytes:
    """A key as it is when it needs a password."""
    return load_pem_private_key(key, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"a password")
    )


# behind a proxy


def sign_in(address: str, site: str, forwarded: str) -> int:
    head = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https", "Origin": site}
    with urllib.request.urlopen(
        urllib.request.Request(f"{address}sign-in", headers=head), timeout=30
    ) as page:
        cookie = page.headers["Set-Cookie"].partition(";")[0]
        fields = dict(HIDDEN.findall(page.read().decode()))
    body = urlencode({**fields, "address": "nobody@oakfield.example", "password": "x"}).encode()
    sent = urllib.request.Request(f"{address}sign-in", body, {**head, "Cookie": cookie})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(sent, timeout=30)
    refused.value.close()
    return refused.value.code


@pytest.mark.parametrize(("proxies", "clients"), [('["127.0.0.1"]', 2), ('["192.0.2.1"]', 1)])
def test_only_a_proxy_that_is_named_is_believed_about_who_calls(running_school, proxies, clients):
    site = "https://triage.oakfield.example"
    (port,) = free_ports(1)
    environ = {"TRIAGE_WEB__ADDRESS": site, "TRIAGE_WEB__PROXIES": proxies, "TRIAGE_WEB__PORT": str(port)}
    process = start({**running_school.variables(), **environ})
    try:
        assert address_of(process) == f"{site}/"
        wait_for_port(port)
        for client in ("192.0.2.7", "198.51.100.9"):
            assert sign_in(f"http://{LOOPBACK}:{port}/", site, client) == 403
    finally:
        end_tree(process)
        process.communicate()
    with running_school.service.database.read() as conn:
        keys = conn.execute(select(func.count()).select_from(sign_in_failures)).scalar_one()
    # For each client two, of the address there and of unknown addresses there; one of the address everywhere.
    assert keys == 2 * clients + 1
