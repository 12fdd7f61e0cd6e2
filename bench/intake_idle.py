"""What mailboxes that are listened to over TLS take of memory, in a process that does nothing else."""

import gc
import pwd
import smtplib
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import psutil
from imapclient import IMAPClient

from tests.servers.dovecot import Dovecot
from tests.servers.imap_host import PASSWORD
from tests.servers.ports import LOOPBACK
from triage.mail.idle import Idle
from triage.mail.imap import ImapServer, Login, connect
from triage.mail.watch import Patience, Watch

MAILBOXES = 1_000
BEFORE = 100
"""How many there are before it is measured: what is loaded once is loaded then."""

WOKEN = 50
TARGET = 50
SECONDS = 300
RAW = b"From: parent@home.example\nSubject: PE kit\n\nIt is lost.\n"
MANY = """
service imap-login {
  service_count = 0
  process_min_avail = 2
  client_limit = 20000
}
service imap {
  process_limit = 12000
}
service anvil {
  client_limit = 40000
}
service auth {
  client_limit = 40000
}
default_client_limit = 40000
"""
"""For so many connections: a login process serves many of them."""


class ManyUsers(Dovecot):
    """A Dovecot whose every user has a uid of its own: a uid may watch but 128 folders (inotify)."""

    def _configure(self) -> None:
        super()._configure()
        path = self.folder / "dovecot.conf"
        told = path.read_text()
        begin = told.index("userdb {")
        end = told.index("}", begin) + 2
        users = self.folder / "users"
        entry = pwd.getpwnam("nobody")
        users.write_text(
            "".join(
                f"{user}::{20_000 + number}:{entry.pw_gid}::{self.folder}/mail/{user}::\n"
                for number, user in enumerate(map(_user, range(MAILBOXES)))
            )
        )
        userdb = f"userdb {{\n  driver = passwd-file\n  args = username_format=%n {users}\n}}\n"
        path.write_text(told[:begin] + userdb + told[end:] + MANY)

    def _make_folders(self) -> None:
        super()._make_folders()
        (self.folder / "mail").chmod(0o1777)


def _user(number: int) -> str:
    return f"m{number:04d}"


def report() -> None:
    """Print the memory of each mailbox, of the service's own and of the bare library's connections."""
    with ManyUsers() as server:
        place = (server.imaps_port, server.certificates.ca_file)
        raw = _apart(_bare, *place)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            own, woken = process.submit(_watched, server.lmtp_port, *place).result()
    print(f"{MAILBOXES} mailboxes that are listened to over TLS, in one process; memory each, in KiB")
    print(f"  {'raw: the library alone':28} {raw:7.1f}")
    print(f"  {'listened to':28} {own:7.1f}  {own / raw:.1f} times raw; to be {TARGET} or less")
    print(f"  {'woken by a message':28} {woken:7d} of {WOKEN}")


def _apart(work: Callable[..., float], *given: object) -> float:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *given).result()


def _bare(port: int, ca_file: Path) -> float:
    """Open connections with the library, one context for all, and have them wait; return KiB each."""
    context = ssl.create_default_context(cafile=str(ca_file))
    held: list[IMAPClient] = []

    def one(number: int) -> None:
        client = IMAPClient(LOOPBACK, port, ssl_context=context)
        client.login(_user(number), PASSWORD)
        client.select_folder("INBOX", readonly=True)
        client.idle()
        held.append(client)

    for number in range(BEFORE):
        one(number)
    before = _memory()
    for number in range(BEFORE, MAILBOXES):
        one(number)
    return (_memory() - before) / (MAILBOXES - BEFORE)


def _watched(lmtp_port: int, port: int, ca_file: Path) -> tuple[float, int]:
    """Listen to mailboxes as the service does; return KiB each, and how many of some a message has woken."""
    server = ImapServer(LOOPBACK, port, "tls", ca_file=ca_file)
    may_open, woken = [BEFORE], set()

    def open_(number: int) -> Idle:
        while number >= may_open[0]:
            time.sleep(0.1)
        session = connect(server, Login(_user(number), PASSWORD))
        session.select("INBOX")
        return session.idle()

    watch = Watch(range(MAILBOXES), open_, woken.add, patience=Patience(threads=8))
    watch.start()
    try:
        _wait(lambda: watch.listening == BEFORE)
        before = _memory()
        may_open[0] = MAILBOXES
        _wait(lambda: watch.listening == MAILBOXES)
        each = (_memory() - before) / (MAILBOXES - BEFORE)
        time.sleep(2)
        woken.clear()
        for number in range(0, MAILBOXES, MAILBOXES // WOKEN):
            _deliver(lmtp_port, _user(number))
        _wait(lambda: len(woken) >= WOKEN, 10)
    finally:
        watch.stop()
    return each, len(woken)


def _deliver(port: int, user: str) -> None:
    with smtplib.LMTP(LOOPBACK, port, local_hostname="mx.oakfield.example") as lmtp:
        lmtp.sendmail("parent@home.example", [f"{user}@oakfield.example"], RAW)


def _memory() -> float:
    """Return the KiB of this process that are its own and in memory."""
    gc.collect()
    return psutil.Process().memory_info().rss / 1024


def _wait(is_so: Callable[[], bool], seconds: float = SECONDS) -> None:
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.05)
