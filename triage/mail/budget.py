"""How much is asked of one mail server: how many connections at a time, and how many logins a second.

Looks and labels come and go, few at a time, and may have every connection. What is held for long, to listen,
has what they leave over: a mailbox that nobody listens to is looked into all the same.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

PASSING = 12
"""How many connections to a server are left to looks and labels; ``PASSING_AT_ONE``: to one mailbox."""

PASSING_AT_ONE = 2
BURST = 10.0
"""For so many seconds' worth of logins there may be at once, after a time without any."""


class NoRoomError(Exception):
    """There may be no more connections just now."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections to one server, how many of them held for one mailbox, and logins a second."""

    connections: int = 1_000
    of_one: int = 5
    logins: float = 20.0


class Budget:
    """What one server is asked for, by many threads. ``account`` is as whom a connection is logged in."""

    def __init__(
        self,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limits = limits
        self._clock, self._sleep = clock, sleep
        self._passing = 0
        self._held: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._full = max(1.0, limits.logins * BURST)
        self._saved, self._at = self._full, clock()

    @contextmanager
    def passing(self, seconds: float) -> Iterator[None]:
        """Count a connection that comes and goes, once its turn has come. Raises NoRoomError: not in time."""
        leave = self.pass_by(seconds)
        try:
            yield
        finally:
            leave()

    def pass_by(self, seconds: float) -> Callable[[], None]:
        """Count a connection that comes and goes; what is returned ends it. Raises NoRoomError as above."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._open < self._limits.connections, seconds):
                raise NoRoomError
            self._passing += 1
        self._wait_to_log_in()
        return self._leave

    def hold(self, account: str) -> Callable[[], None]:
        """Count a connection that is held for long; what is returned ends it. Raises NoRoomError at once."""
        with self._changed:
            room = self._limits.connections - PASSING - self._held.total()
            room_of_one = self._limits.of_one - PASSING_AT_ONE - self._held[account]
            if min(room, room_of_one) < 1:
                raise NoRoomError
            self._held[account] += 1
        self._wait_to_log_in()
        return lambda: self._let_go(account)

    @property
    def _open(self) -> int:
        return self._passing + self._held.total()

    def _leave(self) -> None:
        with self._changed:
            self._passing -= 1
            self._changed.notify()

    def _let_go(self, account: str) -> None:
        with self._changed:
            self._held -= Counter([account])
            self._changed.notify()

    def _wait_to_log_in(self) -> None:
        while pause := self._pause():
            self._sleep(pause)

    def _pause(self) -> float:
        """Return 0 and count a login that may begin now, else for how many seconds it has to wait."""
        with self._changed:
            now = self._clock()
            self._saved = min(self._full, self._saved + (now - self._at) * self._limits.logins)
            self._at = now
            # A little less than one: what was waited for exactly may fall short of it by rounding.
            if self._saved < 1 - 1e-6:
                return (1 - self._saved) / self._limits.logins
            self._saved -= 1
            return 0.0
