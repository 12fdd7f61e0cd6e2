"""Opening a connection to an IMAP server, so that a deadline can end it at any moment from its first byte on.

imapclient hands a connection out only once the server has greeted, which a bad server may put off for ever.
"""

import socket
import ssl
from contextlib import suppress
from typing import Any, Self

from imapclient import IMAPClient
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS, wrap_socket

from triage.mail.mailbox import ImapServer


class Line:
    """Holds on to a connection while it is being opened: TLS exchanges the socket, not what it stands for."""

    def __init__(self) -> None:
        self._twin: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection, which stays open for whoever uses it."""
        if self._twin is not None:
            self._twin.close()
            self._twin = None

    def hold(self, opened: socket.socket) -> None:
        """Hold on to a connection as it was opened, before TLS."""
        self._twin = opened.dup()

    def connection(self) -> socket.socket:
        """Return the connection. Raises OSError as long as there is none."""
        if self._twin is None:
            raise OSError("there is no connection yet")
        return self._twin


class Client(IMAPClient):  # type: ignore[misc]  # imapclient has no types
    """imapclient's own, whose connection is on the line before it is greeted."""

    def __init__(self, server: ImapServer, context: ssl.SSLContext, line: Line) -> None:
        self._line = line
        tls = server.security == "tls"
        super().__init__(
            server.host, server.port, ssl=tls, ssl_context=context if tls else None, timeout=server.timeout
        )

    def _create_IMAP4(self) -> Any:  # noqa: ANN401, N802 - imapclient's own name, and no types
        class_ = _Tls if self.ssl else _Plain
        return class_(self._line, self.host, self.port, self._timeout.connect, self.ssl_context)


class _Plain(IMAP4WithTimeout):  # type: ignore[misc]
    def __init__(self, line: Line, host: str, port: int, timeout: float, _: object) -> None:
        self._line = line
        super().__init__(host, port, timeout)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        opened: socket.socket = super()._create_socket(timeout)
        self._line.hold(opened)
        return opened


class _Tls(IMAP4_TLS):  # type: ignore[misc]
    def __init__(self, line: Line, host: str, port: int, timeout: float, context: ssl.SSLContext) -> None:
        self._line = line
        super().__init__(host, port, context, timeout)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        opened = socket.create_connection((self.host, self.port), timeout or self._timeout)
        self._line.hold(opened)
        wrapped: socket.socket = wrap_socket(opened, self.ssl_context, self.host)
        return wrapped


def open_client(server: ImapServer, context: ssl.SSLContext, line: Line) -> Client:
    """Open a connection, greeted and under TLS unless it is a plain one. Raises what the libraries raise."""
    client = Client(server, context, line)
    try:
        # Else a small command waits up to 44 ms for the answer to the one before it (measured).
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.normalise_times = False
        if server.security == "starttls":
            client.starttls(context)
    except BaseException:
        with suppress(Exception):
            client.shutdown()
        raise
    return client
