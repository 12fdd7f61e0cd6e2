"""An end to a message that is never done: a thread cannot be ended, but it can be made to raise, or all end.

Two things can hold a thread for ever. Python's own steps are broken off by an exception from outside. A
single step of a library's that does not return, such as a regular expression, is not, and most hold up
every other thread too: then the process ends itself, and whoever runs the service starts it again.
"""

import ctypes
import faulthandler
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from triage.context import TooLongError

log = logging.getLogger(__name__)

LIMIT = timedelta(minutes=2)
"""Far more than the worst mail takes; with GRACE twice on top it is over before a mailbox's lease is."""

GRACE = timedelta(minutes=1)
_TICK = 1.0
_STANDARD_ERROR = 2


class Watchdog:
    """Looks every second whether what runs within ``watched`` is over its ``limit``.

    That is made to raise TooLongError. What goes on for ``grace`` all the same, or lets this thread not run
    for so long, ends the process with exit code 1 after it wrote where each thread stands.
    """

    def __init__(self, limit: timedelta = LIMIT, grace: timedelta = GRACE) -> None:
        self._limit, self._grace = limit.total_seconds(), grace.total_seconds()
        self._tick = min(_TICK, self._limit / 4, self._grace / 4)
        self._lock = threading.Lock()
        self._ends: dict[int, float] = {}
        self._told: dict[int, float] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._wind()
        self._thread.start()

    def stop(self) -> None:
        """Look no more, and return when that is so."""
        self._stopping.set()
        self._thread.join()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Raise TooLongError, a BaseException, where what runs within takes longer than the limit."""
        me = threading.get_ident()
        with self._lock:
            self._ends[me] = time.monotonic() + self._limit
        try:
            try:
                yield
            finally:
                self._leave(me)
        except TooLongError:
            self._leave(me)  # it is raised once, and may have come in the midst of leaving
            raise

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let the time stand still for what runs within ``watched`` here: it waits for something else."""
        me = threading.get_ident()
        with self._lock:
            end = self._ends.pop(me, None)
        begun = time.monotonic()
        try:
            yield
        finally:
            if end is not None:
                with self._lock:
                    self._ends[me] = end + time.monotonic() - begun

    def _leave(self, thread: int) -> None:
        with self._lock:
            self._ends.pop(thread, None)
            if self._told.pop(thread, None) is not None:
                _raise_in(thread, None)

    def _watch(self) -> None:
        while not self._stopping.wait(self._tick):
            self._wind()
            if self._is_any_stuck(time.monotonic()):
                log.critical("a message holds its thread for ever: this process ends, to be started again")
                return
        faulthandler.cancel_dump_traceback_later()

    def _wind(self) -> None:
        # Its clock runs in a thread that needs no leave of Python's: it counts on while all else is held up.
        faulthandler.dump_traceback_later(self._grace, exit=True, file=_STANDARD_ERROR)

    def _is_any_stuck(self, now: float) -> bool:
        with self._lock:
            for thread in [thread for thread, end in self._ends.items() if now > end]:
                del self._ends[thread]
                self._told[thread] = now + self._grace
                _raise_in(thread, TooLongError)
            return any(now > end for end in self._told.values())


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Raise an exception at the next step of a thread's Python; None takes back what is not raised yet."""
    what = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), what)
