"""A proxy that lets a server speak as another does: line by line, and never within a literal."""

import re
import socket
from collections.abc import Callable

from tests.servers.proxy import Proxy

Rewrite = Callable[[bytes], bytes]

_LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n$")


class Lines:
    """Rewrites what passes one way. A line that is not whole yet is kept back; literals pass as they are."""

    def __init__(self, rewrite: Rewrite) -> None:
        self._rewrite = rewrite
        self._literal = 0
        self._rest = b""

    def pass_on(self, data: bytes) -> bytes:
        """Take what came, and return what is to be sent on."""
        self._rest += data
        passed = b""
        while self._rest and (self._literal or b"\n" in self._rest):
            if self._literal:
                piece, self._rest = self._rest[: self._literal], self._rest[self._literal :]
                self._literal -= len(piece)
            else:
                line, _, self._rest = self._rest.partition(b"\n")
                piece = self._rewrite(line + b"\n")
                found = _LITERAL.search(piece)
                self._literal = int(found[1]) if found else 0
            passed += piece
        return passed


class Rewriting(Proxy):
    """Passes on to a port of this machine; each line of a command or an answer is rewritten on its way."""

    def __init__(self, port: int, *, command: Rewrite, answer: Rewrite) -> None:
        super().__init__(port)
        self._command = command
        self._answer = answer

    def _pass_up(self, pair) -> None:
        _pass(pair.client, pair.server, Lines(self._command))

    def _pass_down(self, pair) -> None:
        _pass(pair.server, pair.client, Lines(self._answer))


def _pass(source: socket.socket, target: socket.socket, lines: Lines) -> None:
    target.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := source.recv(65_536):
        target.sendall(lines.pass_on(data))
    target.shutdown(socket.SHUT_WR)
