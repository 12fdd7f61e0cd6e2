"""A proxy on loopback that loses, delays or cuts what passes: for what networks do to connections."""

import socket
import threading
from contextlib import suppress
from typing import Self

from tests.servers.ports import LOOPBACK


class Proxy:
    """Passes on to a port of this machine. While it is ``frozen`` nothing passes and nothing is closed."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._passing = threading.Event()
        self._passing.set()
        self._ending = threading.Event()
        self._listener = socket.create_server((LOOPBACK, 0))
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._serve, name="proxy")]
        self.accepted = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._listener.getsockname()[1]

    def freeze(self) -> None:
        """Let nothing pass from now on: both ends see a connection that is open and silent."""
        self._passing.clear()

    def thaw(self) -> None:
        """Let new connections pass again; those of before stay silent."""
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RD)
        self._passing.set()

    def cut(self) -> None:
        """Close every connection."""
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_) -> None:
        self._ending.set()
        self._passing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self.cut()
        for thread in self._threads:
            thread.join(10)
        for each in [self._listener, *self._open]:
            each.close()

    def _serve(self) -> None:
        while not self._ending.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            server = socket.create_connection((LOOPBACK, self._target))
            self._open += [client, server]
            for source, sink in ((client, server), (server, client)):
                self._threads.append(threading.Thread(target=self._pass, args=(source, sink)))
                self._threads[-1].start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self._passing.wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
