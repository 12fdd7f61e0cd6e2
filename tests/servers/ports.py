"""Free ports, waiting for a greeting, and the rule for a server that is not installed."""

import os
import shutil
import socket
import time
from pathlib import Path
from typing import NoReturn

import pytest

LOOPBACK = "127.0.0.1"
START_SECONDS = 20.0


def free_ports(number: int) -> list[int]:
    """Return so many different free loopback ports; all are held until the last is known."""
    held = [socket.create_server((LOOPBACK, 0)) for _ in range(number)]
    ports: list[int] = [server.getsockname()[1] for server in held]
    for server in held:
        server.close()
    return ports


def wait_for_port(port: int, seconds: float = START_SECONDS) -> None:
    """Return when something listens; raise TimeoutError when nothing does in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection((LOOPBACK, port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError(f"nothing listens on {LOOPBACK}:{port} after {seconds:g} s")


def wait_until_free(port: int, seconds: float = START_SECONDS) -> None:
    """Return when nothing listens any more; raise TimeoutError when something still does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_server((LOOPBACK, port)).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError(f"something still listens on {LOOPBACK}:{port} after {seconds:g} s")


def find_program(name: str, *folders: str) -> Path | None:
    """Find a program in PATH, then in folders that a user's PATH often leaves out."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *folders])
    found = shutil.which(name, path=path)
    return Path(found) if found else None


def in_ci() -> bool:
    """Whether a missing real server is a failure (CI=true) and not a skip."""
    return os.environ.get("CI", "").lower() == "true"


def missing(server: str, packages: str) -> NoReturn:
    """Say once and clearly that a real server is not installed: a failure with CI=true, else a skip."""
    line = f"{server} is not installed; install Debian's {packages} to run these tests"
    if in_ci():
        pytest.fail(line, pytrace=False)
    pytest.skip(line)
