"""A proxy on loopback that loses, delays or cuts what passes: for what networks do to connections."""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from tests.servers.ports import LOOPBACK

LITERAL = b"}\r\n"
INSIDE = 10
BOTH = 2


@dataclass(eq=False)
class _Pair:
    """A connection of a client and the one that serves it; closed when neither passes anything more."""

    client: socket.socket
    server: socket.socket
    ends: int = 0


class Proxy:
    """Passes on to a port of this machine. While it is ``frozen`` nothing passes and nothing is closed."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._passing = threading.Event()
        self._passing.set()
        self._ending = threading.Event()
        self._listener = socket.create_server((LOOPBACK, 0))
        self._lock = threading.Lock()
        self._open: list[_Pair] = []
        self._stalling = False
        self._thread = threading.Thread(target=self._serve, name="proxy")
        self.accepted = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._listener.getsockname()[1]

    def freeze(self) -> None:
        """Let nothing pass from now on: both ends see a connection that is open and silent."""
        self._passing.clear()

    def stall(self) -> None:
        """Freeze a few bytes into the next literal that the server sends."""
        self._stalling = True

    def thaw(self) -> None:
        """Let new connections pass again; those of before stay silent."""
        self._stalling = False
        self._shut(socket.SHUT_RD)
        self._passing.set()

    def cut(self) -> None:
        """Close every connection."""
        self._shut(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._ending.set()
        self._passing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self.cut()
        for thread in threading.enumerate():
            if thread.name == f"proxy of {self._target}":
                thread.join(10)
        self._listener.close()

    def _shut(self, how: int) -> None:
        with self._lock:
            for pair in self._open:
                _shut_both(pair, how)

    def _serve(self) -> None:
        while not self._ending.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            try:
                server = socket.create_connection((LOOPBACK, self._target))
            except OSError:  # nobody is there just now
                client.close()
                continue
            pair = _Pair(client, server)
            with self._lock:
                self._open.append(pair)
            for passes in (self._pass_up, self._pass_down):
                name = f"proxy of {self._target}"
                threading.Thread(target=self._end, args=(passes, pair), name=name).start()

    def _end(self, passes, pair: _Pair) -> None:
        try:
            passes(pair)
        except OSError:  # one end was lost: the other learns it
            _shut_both(pair, socket.SHUT_RDWR)
        with self._lock:
            pair.ends += 1
            if pair.ends == BOTH:
                self._open.remove(pair)
                pair.client.close()
                pair.server.close()

    def _pass_up(self, pair: _Pair) -> None:
        while data := pair.client.recv(65_536):
            self._passing.wait()
            pair.server.sendall(data)
        pair.server.shutdown(socket.SHUT_WR)

    def _pass_down(self, pair: _Pair) -> None:
        while data := pair.server.recv(65_536):
            self._passing.wait()
            at = data.find(LITERAL) if self._stalling else -1
            if at >= 0:
                pair.client.sendall(data[: at + len(LITERAL) + INSIDE])
                data = data[at + len(LITERAL) + INSIDE :]
                self._stalling = False
                self.freeze()
                self._passing.wait()
            pair.client.sendall(data)
        pair.client.shutdown(socket.SHUT_WR)


def _shut_both(pair: _Pair, how: int) -> None:
    for each in (pair.client, pair.server):
        with suppress(OSError):
            each.shutdown(how)
