"""An end to a command whose answer never ends."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Timer
from typing import Self

from triage.mail.errors import MailError, Stage, in_words


class Deadline:
    """Shuts a connection down when what is done within ``with`` takes longer than ``seconds``.

    A socket's timeout counts for one wait, so a server that sends a byte a second holds a command for
    ever. Shut down, the socket ends the wait as if the server had hung up. ``passed`` tells afterwards.
    ``connection`` is asked for the socket only then, because STARTTLS exchanges it.
    """

    def __init__(self, seconds: float, connection: Callable[[], socket.socket]) -> None:
        self.passed = False
        self.seconds = seconds
        self._connection = connection
        self._ended = False
        self._lock = Lock()
        self._timer = Timer(seconds, self._shut_down)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Under the lock: afterwards the socket may be closed and its number be another connection's.
        with self._lock:
            self._ended = True
        self._timer.cancel()

    def _shut_down(self) -> None:
        with self._lock:
            if self._ended:
                return
            self.passed = True
            with suppress(OSError):
                # Not SSLSocket's own method: it would take the TLS layer from under the reader.
                socket.socket.shutdown(self._connection(), socket.SHUT_RDWR)


@contextmanager
def in_time(stage: Stage, where: str, deadline: Deadline) -> Iterator[None]:
    """Raise MailError for whatever the libraries raise inside, and for an answer that did not end in time."""
    try:
        with in_words(stage, where), deadline:
            yield
    except MailError as error:
        if not deadline.passed:
            raise
        words = f"its answer did not end within {deadline.seconds:g} seconds"
        raise MailError("broken", f"{where}: {words}; it is tried again over a new connection") from error
