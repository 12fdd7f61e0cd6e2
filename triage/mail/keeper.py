"""Connections that are kept from one look into a mailbox to the next: at most one a login.

A login and the opening of a large folder cost more than the look itself, and some servers count logins.
Whoever takes a connection has it alone until it is closed. One that was kept is asked for nothing first: if
it does not answer it is dropped, and another opened in the same breath. None is kept for long: whatever was
changed behind its back, a password or a whole folder, is met within minutes.
"""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from triage.mail.session import MailboxSession

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How many connections are kept, and for how many seconds from their login on.

    ``answer`` is how long one that was kept is waited for before it is taken for dead.
    """

    connections: int = 100
    longest: float = 5 * 60
    answer: float = 10


@dataclass(frozen=True, slots=True)
class _Kept:
    session: MailboxSession
    opened: float


class Keeper(Generic[Key]):
    """Opens connections by ``open_`` and keeps them. Any thread may ask; none shares a connection."""

    def __init__(
        self,
        open_: Callable[[Key], MailboxSession],
        keeping: Keeping | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open = open_
        self._keeping = keeping or Keeping()
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[Key, _Kept] = {}
        self._lent: dict[MailboxSession, float] = {}
        self._closed = False

    def connect(self, key: Key) -> MailboxSession:
        """Return a connection that is kept and answers, or a new one; closing it gives it back.

        Raises what ``open_`` raises.
        """
        kept = self._take(key)
        if kept is not None and kept.session.answers(self._keeping.answer):
            return self._lend(key, kept.session, kept.opened)
        return self._lend(key, self._open(key), self._clock())

    def close(self) -> None:
        """Hang up on all that are kept, and keep none from now on."""
        with self._lock:
            self._closed = True
            kept, self._kept = self._kept, {}
        for each in kept.values():
            each.session.drop()

    def _take(self, key: Key) -> _Kept | None:
        """Take what is kept for a login, and hang up on all that were kept for too long."""
        now = self._clock()
        with self._lock:
            stale = [name for name, each in self._kept.items() if now - each.opened > self._keeping.longest]
            dropped = [self._kept.pop(name) for name in stale]
            taken = self._kept.pop(key, None)
        for each in dropped:
            each.session.drop()
        return taken

    def _lend(self, key: Key, session: MailboxSession, opened: float) -> MailboxSession:
        with self._lock:
            self._lent[session] = opened
        return session.lend(lambda: self._give_back(key, session))

    def _give_back(self, key: Key, session: MailboxSession) -> None:
        with self._lock:
            opened = self._lent.pop(session, None)
            if opened is None:
                return  # it was given back before
            if session.serves and self._has_room(key):
                session.was_kept = True
                self._kept[key] = _Kept(session, opened)
                return
        session.drop()

    def _has_room(self, key: Key) -> bool:
        return not self._closed and key not in self._kept and len(self._kept) < self._keeping.connections
