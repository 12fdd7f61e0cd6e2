"""An end to a command whose answer never ends."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        _keeper.keep(self, time.monotonic() + self.seconds)
        return self

    def __exit__(self, *_: object) -> None:
        # Under the lock: afterwards the socket may be closed and its number be another connection's.
        with self._lock:
            self._ended = True
        _keeper.forget(self)

    def shut_down(self) -> None:
        """End what is still going on. Never raises: one thread keeps all deadlines."""
        with self._lock:
            if self._ended:
                return
            self.passed = True
            with suppress(Exception):
                # Not SSLSocket's own method: it would take the TLS layer from under the reader.
                socket.socket.shutdown(self._connection(), socket.SHUT_RDWR)


class _Keeper:
    """Keeps all deadlines in one thread: one for each, as threading.Timer has it, is waited for at its start.

    A deadline that is over in time is forgotten without a word to the thread, which finds out when it wakes.
    """

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._ends: dict[Deadline, float] = {}
        self._wakes = float("inf")
        self._thread: threading.Thread | None = None

    def keep(self, deadline: Deadline, end: float) -> None:
        with self._change:
            self._ends[deadline] = end
            if self._thread is None or not self._thread.is_alive():  # a process that was forked has none
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            if end < self._wakes:
                self._change.notify()

    def forget(self, deadline: Deadline) -> None:
        with self._change:
            self._ends.pop(deadline, None)

    def _run(self) -> None:
        while True:
            for deadline in self._wait():
                deadline.shut_down()

    def _wait(self) -> list[Deadline]:
        """Wait until a deadline has passed, at least, and take those that have."""
        with self._change:
            while not (passed := [one for one, end in self._ends.items() if end <= time.monotonic()]):
                self._wakes = min(self._ends.values(), default=float("inf"))
                self._change.wait(self._wakes - time.monotonic() if self._ends else None)
            for one in passed:
                del self._ends[one]
            self._wakes = 0.0  # until it waits again it looks at all of them anyway
            return passed


_keeper = _Keeper()


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
