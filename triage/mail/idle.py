"""One connection that waits for the server to tell of new mail (RFC 2177).

What a server tells is only heard here, never taken for the truth: it says that a look is worth while, and the
look reads the mailbox as any other does.
"""

import re
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from triage.mail.deadline import Deadline, in_time
from triage.mail.errors import MailError

_NEW = re.compile(rb"\* \d+ (?:EXISTS|RECENT)\s*", re.IGNORECASE)
_BYE = re.compile(rb"\* BYE\b", re.IGNORECASE)
_PIECE = 65_536
_PIECES = 16
_LONGEST_LINE = 10_000
_NOTHING_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_KEEPALIVE = {"TCP_KEEPIDLE": 120, "TCP_KEEPINTVL": 30, "TCP_KEEPCNT": 4}
"""After two minutes of silence the kernel asks every half minute, and hangs up after four times unheard."""


class NoIdleError(Exception):
    """The server does not offer to tell of new mail: the mailbox is polled and no more."""


class Idle:
    """A session with a folder open that waits. Every method raises MailError, and nothing else.

    Mail that comes while waiting begins is told in the same breath as the waiting, where nobody hears it: so
    whoever begins or renews it looks into the mailbox afterwards.
    """

    def __init__(
        self,
        client: Any,  # noqa: ANN401 - imapclient has no types
        where: str,
        seconds: float,
        when_closed: Callable[[], None] | None = None,
    ) -> None:
        self._client = client
        self._when_closed = when_closed
        self._where = where
        self._seconds = seconds
        self._timeout = client.socket().gettimeout()
        self._rest = b""
        _keep_alive(client.socket())

    @property
    def connection(self) -> socket.socket:
        """What is watched for something to hear; it does not block while the server is waited for."""
        found: socket.socket = self._client.socket()
        return found

    def begin(self) -> None:
        """Ask the server to tell. What a server answers before it agrees is taken for a refusal."""
        with in_time("command", self._where, Deadline(self._seconds, self._client.socket)):
            self._client.idle()
        self._rest = b""
        self.connection.setblocking(False)

    def renew(self) -> None:
        """End the waiting and begin it again: the proof that the server is still there."""
        self.connection.settimeout(self._timeout)
        with in_time("command", self._where, Deadline(self._seconds, self._client.socket)):
            self._client.idle_done()
        self.begin()

    def hears(self) -> bool:
        """Read what the server has said, without waiting; tell whether it was that there is new mail."""
        lines = (self._rest + self._said()).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > _LONGEST_LINE or any(map(_BYE.match, lines)):
            raise self._gone("the server ends the connection")
        return any(map(_NEW.fullmatch, lines))

    def close(self) -> None:
        """Hang up, without a word and without waiting. Never raises."""
        with suppress(Exception):
            self._client.shutdown()
        if self._when_closed is not None:
            self._when_closed()
            self._when_closed = None

    def _said(self) -> bytes:
        """Read until nothing is left, in TLS too: what is decrypted already wakes no selector."""
        pieces: list[bytes] = []
        for _ in range(_PIECES):
            try:
                piece = self.connection.recv(_PIECE)
            except _NOTHING_YET:
                return b"".join(pieces)
            except OSError as error:
                raise self._gone("the connection is lost") from error
            if not piece:
                raise self._gone("the connection is lost")
            pieces.append(piece)
        raise self._gone("the server says more than there can be to say")

    def _gone(self, words: str) -> MailError:
        return MailError("broken", f"{self._where}: {words}; it is opened again")


def _keep_alive(connection: socket.socket) -> None:
    """Have the kernel find out when the other end is gone without a word: no byte tells it otherwise."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if hasattr(socket, name):  # which of them there are depends on the system
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
