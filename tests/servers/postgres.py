"""A private PostgreSQL: its own cluster in a temporary folder, on a free port, never run as root."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from tests.servers.ports import LOOPBACK, find_program, free_ports, wait_for_port
from tests.servers.processes import end_tree

UNPRIVILEGED = ("postgres", "nobody")
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "fsync": "off",  # the machine may forget it all when the tests end
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
}


class Postgres:
    """A running cluster that gives out empty databases, each with a name of its own."""

    def __init__(self, folder: Path, port: int, process: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self.port = port
        self._process = process
        self._numbers = count(1)

    @classmethod
    def start(cls, **settings: str) -> Self:
        """Make and start a cluster, with further settings. Raises FileNotFoundError without PostgreSQL."""
        initdb, postgres = find_postgres("initdb"), find_postgres("postgres")
        if initdb is None or postgres is None:
            raise FileNotFoundError("initdb and postgres are in no known folder")
        folder = Path(tempfile.mkdtemp(prefix="triage-postgres-"))
        try:
            return cls._start(folder, initdb, postgres, SETTINGS | settings)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    @classmethod
    def _start(cls, folder: Path, initdb: Path, postgres: Path, settings: Mapping[str, str]) -> Self:
        _give_away(folder)
        data = folder / "data"
        made = ["-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run([*_as_user(), str(initdb), *made], check=True, capture_output=True, cwd=folder)
        (port,) = free_ports(1)
        options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
        command = [*_as_user(), str(postgres), "-D", str(data), "-p", str(port), *options]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        cluster = cls(folder, port, process)
        try:
            cluster._wait()
        except BaseException:
            cluster.stop()
            raise
        return cluster

    def url(self, database: str) -> str:
        """Return the URL of a database."""
        return f"postgresql://postgres@{LOOPBACK}:{self.port}/{database}"

    def fresh_url(self, template: str = "template1") -> str:
        """Make a new database, empty or a copy of another that nobody uses now, and return its URL."""
        name = f"t{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as conn:
            conn.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')  # type: ignore[arg-type]
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop a database with every connection that is open to it."""
        name = url.rpartition("/")[2]
        with psycopg.connect(self.url("postgres"), autocommit=True) as conn:
            conn.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[arg-type]

    def stop(self) -> None:
        """End the server with all its children and remove what it stored."""
        end_tree(self._process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait(self) -> None:
        wait_for_port(self.port)
        for _ in range(1000):
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None:
                    raise
            else:
                return
        raise TimeoutError("PostgreSQL listens but lets nobody in")


def find_postgres(program: str) -> Path | None:
    """Find one of PostgreSQL's programs in PATH or in Debian's folders, the newest version first."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return find_program(program, *map(str, folders))


def _as_user() -> Sequence[str]:
    """Return the words that run a command as an unprivileged user, none when this is one already."""
    if os.geteuid() != 0:
        return ()
    user = _unprivileged()
    return ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")


def _give_away(folder: Path) -> None:
    if os.geteuid() == 0:
        user = _unprivileged()
        os.chown(folder, user.pw_uid, user.pw_gid)


def _unprivileged() -> pwd.struct_passwd:
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in UNPRIVILEGED if name in known)
