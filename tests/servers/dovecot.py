"""A private Dovecot: its own configuration, folder and ports; every user name logs in with one password."""

import grp
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

import psutil

from tests.servers.certificates import Certificates, make_certificates
from tests.servers.imap_host import PASSWORD, ImapHost
from tests.servers.ports import (
    LOOPBACK,
    START_SECONDS,
    find_program,
    free_ports,
    missing,
    wait_for_port,
    wait_until_free,
)
from tests.servers.processes import end_tree
from triage.mail.imap import ImapServer

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_uid = {uid}
mail_gid = {gid}
mail_home = {folder}/mail/%n
mail_location = maildir:~/Maildir
mail_max_userip_connections = {connections}
{offers}
postmaster_address = postmaster@oakfield.example
hostname = mx.oakfield.example
auth_mechanisms = plain login{mechanisms}
auth_username_format = %Ln
auth_failure_delay = 0
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%n allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
{special}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp_port}
  }}
}}
service stats {{
  chroot =
}}
"""


TOKENS = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
"""
"""What is added where tokens are taken, as the provider says of each that it is asked about (RFC 7662)."""

INTROSPECTION = """
introspection_url = {introspection}
introspection_mode = post
force_introspection = yes
active_attribute = active
active_value = true
username_attribute = username
username_format = {whose}
"""

SIEVE = """
submission_host = 127.0.0.1:{submission_port}
protocol lmtp {{
  mail_plugins = sieve
}}
plugin {{
  sieve = file:~/.dovecot.sieve
  sieve_default = {folder}/default.sieve
  sieve_extensions = +vacation-seconds
  sieve_vacation_min_period = 0
  sieve_vacation_send_from_recipient = yes
}}
"""
"""What is added where a script answers for every user: Pigeonhole, sending through ``submission_port``."""

SPECIAL = """  mailbox "{name}" {{
    auto = create
    special_use = {use}
  }}"""


def find_dovecot() -> Path | None:
    """Find the program, None when it or one of its two services is not installed."""
    libraries = [
        f"{prefix}/{kind}/dovecot" for prefix in ("/usr", "/usr/local") for kind in ("lib", "libexec")
    ]
    if not all(find_program(service, *libraries) for service in ("imap", "lmtp")):
        return None
    return find_program("dovecot", "/usr/sbin", "/usr/local/sbin")


def find_sieve() -> Path | None:
    """Find the compiler of Pigeonhole, None when that is not installed."""
    return find_program("sievec")


def dovecot_version() -> str | None:
    """Say the version of the installed Dovecot, None when there is none."""
    program = find_dovecot()
    if program is None:
        return None
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return said.stdout.split()[0]


class Dovecot(ImapHost):
    """One running server; use it as a context manager or by ``start`` and ``stop``.

    ``connections`` is how many one user may hold open at a time from one address, 0 for any number.
    ``offers`` is all that it says it can, where that is to be less than it can.
    ``special`` are the folders that everybody has from the start, each with its attribute (RFC 6154).
    ``sieve`` is a script that each message of each user runs, by Pigeonhole; what it sends goes to
    ``submission_port``, with its user as envelope sender.
    ``introspection`` is where it asks about tokens; without it takes passwords alone. A token of the school's
    app is for all mailboxes, and its provider cannot say which is meant; with ``whose`` "%u" a token is good
    only for the mailbox that the provider names.
    """

    name = "dovecot"

    def __init__(
        self,
        *,
        connections: int = 0,
        offers: str = "",
        special: Mapping[str, str] | None = None,
        sieve: str = "",
        submission_port: int = 0,
        introspection: str = "",
        whose: str = "anybody",
    ) -> None:
        self.whose = whose
        self.introspection = introspection
        self.connections = connections
        self.special = special or {self.sent_folder: r"\Sent"}
        self.offers = offers
        self.moves = not offers or {"MOVE", "UIDPLUS"} & set(offers.split()) != set()
        self.sieve = sieve
        self.submission_port = submission_port
        self.imap_port, self.imaps_port, self.lmtp_port = free_ports(3)
        super().__init__()
        self._process: subprocess.Popen[bytes] | None = None
        self._password = PASSWORD
        self.folder: Path
        self.certificates: Certificates

    def start(self) -> Self:
        """Write the configuration and start; skip or fail where Dovecot is not installed."""
        if find_dovecot() is None:
            missing("Dovecot", "dovecot-imapd and dovecot-lmtpd")
        if self.sieve and find_sieve() is None:
            missing("Pigeonhole", "dovecot-sieve")
        # A short path: Dovecot's unix sockets allow 108 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="dv-"))
        self.certificates = make_certificates(self.folder / "tls")
        self._configure()
        if self.sieve:
            self._compile()
        self._make_folders()
        self._run()
        return self

    def stop(self) -> None:
        """End the server with all its children and remove its folder."""
        if self._process is not None:
            end_tree(self._process)
            self._process = None
            shutil.rmtree(self.folder)

    def restart(self) -> None:
        """End the server with all its children, and start it again over the same mail."""
        assert self._process is not None
        end_tree(self._process, seconds=1)
        with suppress(ProcessLookupError):  # what was begun while the others ended still holds the ports
            os.killpg(self._process.pid, signal.SIGKILL)
        for port in (self.imap_port, self.imaps_port, self.lmtp_port):
            wait_until_free(port)
        self._run()

    def change(self, *, connections: int | None = None, password: str = PASSWORD) -> None:
        """Have the running server take a new limit of connections, and a new password of everybody."""
        assert self._process is not None
        self.connections = self.connections if connections is None else connections
        self._password = password
        self._configure()
        assert self._process.poll() is None, self.log()
        self._process.send_signal(signal.SIGHUP)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()

    def imap(self, security: str = "plain", timeout: float = 10, **more) -> ImapServer:
        """Return where this server listens, as the service's own value; TLS trusts our authority."""
        port = self.imaps_port if security == "tls" else self.imap_port
        ca_file = None if security == "plain" else self.certificates.ca_file
        values = {"host": LOOPBACK, "port": port, "security": security, "ca_file": ca_file, **more}
        return ImapServer(timeout=timeout, **values)

    def deliver(
        self, user: str, raw: bytes, mail_from: str = "parent@home.example", to: str | None = None
    ) -> None:
        """Deliver by LMTP, as a mail gateway does; Dovecot writes ``mail_from`` into Return-Path.

        ``to`` is an address of the user's at another domain.
        """
        with smtplib.LMTP(LOOPBACK, self.lmtp_port, local_hostname="mx.oakfield.example") as lmtp:
            lmtp.sendmail(mail_from, [to or self.address(user)], raw)

    def deliver_all(self, user: str, mails: Mapping[str, bytes]) -> None:
        """Deliver messages by their envelope senders over one LMTP connection."""
        with smtplib.LMTP(LOOPBACK, self.lmtp_port, local_hostname="mx.oakfield.example") as lmtp:
            for mail_from, raw in mails.items():
                lmtp.sendmail(mail_from, [self.address(user)], raw)

    def renumber(self, user: str) -> None:
        """Lose the index and the list of UIDs, so that the next SELECT has a new UIDVALIDITY."""
        maildir = self._maildir(user)
        for path in [maildir / "dovecot-uidlist", *maildir.glob("dovecot.index*")]:
            path.unlink()

    def keep_copy(self, user: str, folder: Path) -> Path:
        """Copy a user's mail as a backup does, with the numbers of its messages; return the copy."""
        copy = folder / f"{user}-backup"
        subprocess.run(["cp", "-a", self._maildir(user), copy], check=True)
        return copy

    def restore(self, user: str, copy: Path) -> None:
        """Put a user's mail back as it was when ``copy`` was made; sessions end, as at any restore."""
        self.kill_sessions()
        shutil.rmtree(self._maildir(user))
        subprocess.run(["cp", "-a", copy, self._maildir(user)], check=True)

    def kill_sessions(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End every imap process while the master lives on: by SIGTERM each says BYE, by SIGKILL nothing."""
        assert self._process is not None
        assert self._process.poll() is None, self.log()
        children = psutil.Process(self._process.pid).children(recursive=True)
        ended = [child for child in children if _is_imap(child)]
        for child in ended:
            with suppress(psutil.NoSuchProcess):
                child.send_signal(number)
        psutil.wait_procs(ended, timeout=5)

    def log(self) -> str:
        """Return what Dovecot wrote to its log."""
        return (self.folder / "dovecot.log").read_text()

    def _maildir(self, user: str) -> Path:
        return self.folder / "mail" / user / "Maildir"

    @property
    def _configuration(self) -> Path:
        return self.folder / "dovecot.conf"

    def _run(self) -> None:
        self._process = subprocess.Popen(
            [find_dovecot(), "-F", "-c", self._configuration],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        for port in (self.imap_port, self.imaps_port, self.lmtp_port):
            wait_for_port(port)
        # It listens before it serves, and a signal that comes meanwhile ends it.
        with socket.create_connection((LOOPBACK, self.imap_port), timeout=START_SECONDS) as greeted:
            assert greeted.recv(4) == b"* OK", self.log()

    def _configure(self) -> None:
        entry = _account()
        values = {
            "folder": self.folder,
            "cert": self.certificates.cert_file,
            "key": self.certificates.key_file,
            "connections": self.connections,
            "offers": f"imap_capability = {self.offers}" if self.offers else "",
            "password": self._password,
            "mechanisms": " xoauth2 oauthbearer" if self.introspection else "",
            "introspection": self.introspection,
            "whose": self.whose,
            "special": "\n".join(SPECIAL.format(name=name, use=use) for name, use in self.special.items()),
            "user": entry.pw_name,
            "group": grp.getgrgid(entry.pw_gid).gr_name,
            "uid": entry.pw_uid,
            "gid": entry.pw_gid,
            "imap_port": self.imap_port,
            "imaps_port": self.imaps_port,
            "lmtp_port": self.lmtp_port,
            "submission_port": self.submission_port,
        }
        text = CONFIGURATION + (SIEVE if self.sieve else "") + (TOKENS if self.introspection else "")
        (self.folder / "oauth2.conf").write_text(INTROSPECTION.format(**values))
        whole = self.folder / "dovecot.conf.new"
        whole.write_text(text.format(**values))
        whole.rename(self._configuration)  # the server may be reading the one before

    def _compile(self) -> None:
        """Compile the script that answers for everybody beforehand: a delivery may not write beside it."""
        script = self.folder / "default.sieve"
        script.write_text(self.sieve)
        subprocess.run([find_sieve(), "-c", self._configuration, script], check=True, capture_output=True)

    def _make_folders(self) -> None:
        self.folder.chmod(0o755)
        mail = self.folder / "mail"
        mail.mkdir()
        if os.geteuid() == 0:
            os.chown(mail, _account().pw_uid, _account().pw_gid)


def _account() -> pwd.struct_passwd:
    """Return as whom Dovecot runs: whoever runs the tests, but never root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _is_imap(process: psutil.Process) -> bool:
    try:
        return process.name() == "imap"
    except psutil.NoSuchProcess:
        return False
