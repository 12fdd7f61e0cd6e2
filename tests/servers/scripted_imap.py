"""An IMAP server that says exactly what a test tells it to: for what no sound server would say."""

import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Self

from tests.servers.certificates import Certificates
from tests.servers.ports import LOOPBACK
from triage.mail.imap import ImapServer, Login

LOGIN = Login("teacher", password="secret")
SOUND = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2 AUTH=PLAIN\r\nTAG OK done\r\n",
    "LOGIN": b"TAG OK logged in\r\n",
    "EXAMINE": b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4] ok\r\nTAG OK [READ-ONLY] done\r\n",
    "LOGOUT": b"* BYE bye\r\nTAG OK done\r\n",
    "NOOP": b"TAG OK done\r\n",
}

Said = bytes | None | Callable[[bytes], bytes | None]


class ScriptedImap:
    """Answers each command by its name; TAG stands for the command's tag, None drops the connection.

    An answer may be a function of the whole command line. A command without an answer waits for ever.
    ``lines`` keeps what the client said. With ``certificates`` it speaks TLS from the first byte.
    """

    def __init__(
        self,
        greeting: bytes | None = b"* OK ready\r\n",
        *,
        trickle: bool = False,
        certificates: Certificates | None = None,
        **answers: Said,
    ):
        self.certificates = certificates
        self.greeting = greeting
        self.trickle = trickle
        self.answers = {**SOUND, **answers}
        self.lines: list[bytes] = []
        self._tag = b""
        self._listener = socket.create_server((LOOPBACK, 0))
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, name="scripted imap")

    def imap(self, security: str = "plain", timeout: float = 5, **more) -> ImapServer:
        """Return where this server listens, as the service's own value."""
        ca_file = self.certificates.ca_file if self.certificates else None
        values = {"port": self._listener.getsockname()[1], "security": security, "ca_file": ca_file, **more}
        return ImapServer(LOOPBACK, timeout=timeout, **values)

    def say(self, said: bytes) -> None:
        """Say something that nobody has asked for."""
        for each in list(self._open):
            each.sendall(said)

    def drop(self) -> None:
        """Hang up on whoever is connected."""
        for each in list(self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        for open_socket in [self._listener, *self._open]:
            with suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self.certificates:
                try:
                    connection = self.certificates.server_context().wrap_socket(connection, server_side=True)
                except OSError:  # the client does not trust it
                    continue
            self._open.append(connection)
            with connection, connection.makefile("rb") as commands, suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._talk(connection, commands)
            self._open.remove(connection)

    def _talk(self, connection: socket.socket, commands) -> None:
        for piece in self._pieces(self.greeting or b""):
            connection.sendall(piece)
        for line in commands:
            self.lines.append(line)
            said = self._answer(line)
            if said is None:
                return
            for piece in self._pieces(said):
                connection.sendall(piece)

    def _answer(self, line: bytes) -> bytes | None:
        words = [word.decode("ascii", "replace") for word in line.split() if word.upper() != b"UID"]
        if words[1:]:
            self._tag = words[0].encode()
        # A line of one word goes on with a login that was begun: it has no tag and no command.
        name = words[1].upper() if words[1:] else "".join(words)
        answer = self.answers.get(name, b"")
        said = answer(line) if callable(answer) else answer
        return None if said is None else said.replace(b"TAG", self._tag)

    def _pieces(self, said: bytes) -> Iterable[bytes]:
        return [said[at : at + 1] for at in range(len(said))] if self.trickle else [said]
