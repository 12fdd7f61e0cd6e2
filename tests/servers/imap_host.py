"""What every IMAP server of the tests can do: mailboxes of their own, and a look from outside."""

import imaplib
import itertools
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from imapclient import imap_utf7

from tests.servers.ports import LOOPBACK
from triage.mail.imap import ImapServer, Login

PASSWORD = "secret"


class ImapHost:
    """A server on ``imap_port`` at which every user of ``new_user`` logs in with one password."""

    name: str
    imap_port: int
    keeps_keywords = True
    moves = True
    sent_folder = "Sent"

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def new_user(self) -> str:
        """Name a mailbox that no other test has; it exists once mail comes or someone logs in."""
        return f"u{next(self._numbers):04d}"

    def address(self, user: str) -> str:
        """Return the user's address at the made-up school; it logs in too."""
        return f"{user}@oakfield.example"

    def imap(self, security: str = "plain", timeout: float = 10) -> ImapServer:
        """Return where this server listens, as the service's own value."""
        return ImapServer(LOOPBACK, self.imap_port, security, timeout)

    def login(self, user: str) -> Login:
        """Return the right login of a user."""
        return Login(user, password=PASSWORD)

    def append(
        self, user: str, raw: bytes, internaldate: datetime | None = None, *, folder: str = "INBOX"
    ) -> int:
        """Append a message by IMAP with an INTERNALDATE of its own; return the UID."""
        return self.append_all(user, [raw], internaldate, folder=folder)[0]

    def append_all(
        self, user: str, raws: list[bytes], internaldate: datetime | None = None, *, folder: str = "INBOX"
    ) -> list[int]:
        """Append messages over one connection; return their UIDs."""
        when = imaplib.Time2Internaldate(internaldate) if internaldate else None
        with self.session(user) as imap:
            return [_uid(imap.append(wired(folder), None, when, raw)) for raw in raws]

    @contextmanager
    def session(self, user: str, folder: str | None = None) -> Iterator[imaplib.IMAP4]:
        """Open a session by the standard library, to see and change the mailbox as its owner does."""
        with imaplib.IMAP4(LOOPBACK, self.imap_port, timeout=10) as imap:
            imap.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            imap.login(user, PASSWORD)
            if folder is not None:
                imap.select(wired(folder))
            yield imap

    def flags(self, user: str, uid: int, *, folder: str = "INBOX") -> frozenset[str]:
        """Read a message's flags without \\Recent, which belongs to the session."""
        with self.session(user) as imap:
            imap.select(wired(folder), readonly=True)
            _, answer = imap.uid("FETCH", str(uid), "(FLAGS)")
        flags = imaplib.ParseFlags(answer[0])
        return frozenset(flag.decode() for flag in flags) - {"\\Recent"}

    def expunge(self, user: str, *uids: int) -> None:
        """Delete messages for good, as their owner may between two commands of ours."""
        with self.session(user, "INBOX") as imap:
            imap.uid("STORE", ",".join(map(str, uids)), "+FLAGS", "(\\Deleted)")
            imap.expunge()


def wired(folder: str) -> str:
    """Return a folder's name as it goes over the wire: quoted, in modified UTF-7."""
    return f'"{imap_utf7.encode(folder).decode("ascii")}"'


def _uid(appended) -> int:
    """Read the UID from "[APPENDUID 7 101] done" (RFC 4315)."""
    kind, answer = appended
    assert kind == "OK", answer
    return int(answer[0].split()[2].rstrip(b"]"))
