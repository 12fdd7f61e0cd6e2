"""A private Cyrus, where there is one: installed, or unpacked into a folder that CYRUS_ROOT names.

Debian's package conflicts with Dovecot's, so whoever wants both unpacks one: ``scripts/get-cyrus``. Whether a
password is right Cyrus asks of a socket of this process, as it would ask saslauthd.
"""

import os
import pwd
import shutil
import struct
import subprocess
import tempfile
import threading
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingUnixStreamServer
from typing import Self

import pytest

from tests.servers.imap_host import PASSWORD, ImapHost
from tests.servers.ports import free_ports, wait_for_port
from tests.servers.processes import end_tree

ABSENT = (
    "Cyrus is not installed; run scripts/get-cyrus build/cyrus and set CYRUS_ROOT=build/cyrus for its tests"
)
PROGRAMS = "usr/lib/cyrus/bin"
FOLDERS = "socket db log proc user quota msg backup sync lock ptclient"

SETTINGS = """
configdirectory: {folder}/conf
partition-default: {folder}/spool
cyrus_user: {user}
servername: mail.oakfield.example
sasl_pwcheck_method: saslauthd
sasl_saslauthd_path: {folder}/mux
sasl_mech_list: PLAIN
allowplaintext: yes
failedloginpause: 0
altnamespace: yes
unixhierarchysep: yes
autocreate_quota: 0
autocreate_inbox_folders: Sent
xlist-sent: Sent
"""

SERVICES = """
START {{
  recover cmd="{programs}/ctl_cyrusdb -C {folder}/imapd.conf -r"
}}
SERVICES {{
  imap cmd="{programs}/imapd -C {folder}/imapd.conf" listen="127.0.0.1:{port}" proto=tcp4 prefork=1
}}
EVENTS {{
}}
DAEMON {{
  idled cmd="{programs}/idled -d -C {folder}/imapd.conf"
}}
"""


def find_cyrus() -> Path | None:
    """Find the folder under which Cyrus lies, None where there is none.

    Raises FileNotFoundError where CYRUS_ROOT is set and holds none: that is a mistake and no absence.
    """
    root = Path(os.environ.get("CYRUS_ROOT") or "/").resolve()
    if all((root / PROGRAMS / name).exists() for name in ("imapd", "idled")):
        return root
    if os.environ.get("CYRUS_ROOT"):
        raise FileNotFoundError(f"CYRUS_ROOT is {root}, but there is no {PROGRAMS}/imapd below it")
    return None


class Cyrus(ImapHost):
    """One running server; use it as a context manager. Skips where it is not installed."""

    name = "cyrus"

    def __init__(self) -> None:
        super().__init__()
        (self.imap_port,) = free_ports(1)
        self.folder: Path
        self.process: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        root = find_cyrus()
        if root is None:
            pytest.skip(ABSENT)  # with CI=true too: only Dovecot is demanded there
        # A short path: unix sockets allow 108 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="cy-"))
        self._configure(root)
        self._passwords = _Passwords(str(self.folder / "mux"))
        self.process = subprocess.Popen(
            [_master(root), *self._arguments()],
            env=_environment(root),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            wait_for_port(self.imap_port)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self) -> None:
        """End the server with all its children and remove its folder."""
        end_tree(self.process)
        self._passwords.close()
        shutil.rmtree(self.folder)

    def _arguments(self) -> list[str]:
        # With a file of its own for its number: the usual one is the machine's, and holds up a second master.
        files = {"-C": "imapd.conf", "-M": "cyrus.conf", "-p": "master.pid"}
        return [word for option, name in files.items() for word in (option, str(self.folder / name))]

    def _configure(self, root: Path) -> None:
        user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        places = {
            "folder": self.folder,
            "user": user.pw_name,
            "programs": root / PROGRAMS,
            "port": self.imap_port,
        }
        (self.folder / "imapd.conf").write_text(SETTINGS.format(**places))
        (self.folder / "cyrus.conf").write_text(SERVICES.format(**places))
        self.folder.chmod(0o755)
        for name in ("spool", "conf", *(f"conf/{each}" for each in FOLDERS.split())):
            (self.folder / name).mkdir()
            if os.geteuid() == 0:
                os.chown(self.folder / name, user.pw_uid, user.pw_gid)


class _Passwords(ThreadingUnixStreamServer):
    """Answers as saslauthd does: every user has the one password."""

    daemon_threads = True

    def __init__(self, path: str) -> None:
        super().__init__(path, _Answer)
        Path(path).chmod(0o666)
        self._thread = threading.Thread(target=self.serve_forever, name="passwords")
        self._thread.start()

    def close(self) -> None:
        """End it and its thread."""
        self.shutdown()
        self._thread.join(10)
        self.server_close()


class _Answer(StreamRequestHandler):
    """Reads name, password, service and realm, each behind its length."""

    def handle(self) -> None:
        _, password, _, _ = [self._word() for _ in range(4)]
        said = b"OK" if password == PASSWORD.encode() else b"NO"
        self.wfile.write(struct.pack("!H", len(said)) + said)

    def _word(self) -> bytes:
        (length,) = struct.unpack("!H", self.rfile.read(2))
        return self.rfile.read(length)


def _master(root: Path) -> Path:
    found = [root / path for path in ("usr/sbin/cyrmaster", f"{PROGRAMS}/cyrmaster", f"{PROGRAMS}/master")]
    return next(path for path in found if path.exists())


def _environment(root: Path) -> dict[str, str]:
    """Return what its programs run in: an unpacked one brings libraries that this machine lacks."""
    if root == Path("/"):
        return dict(os.environ)
    folders = [str(path) for where in ("usr/lib", "lib") for path in root.glob(f"{where}/*-linux-*")]
    return os.environ | {"LD_LIBRARY_PATH": os.pathsep.join(folders)}
