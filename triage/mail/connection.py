"""A logged-in IMAP connection: how long it may take, when it is lost, and who gets it back after its use.

A timeout counts for one wait on the network, so each command has a deadline too.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

from triage.mail.deadline import Deadline, in_time
from triage.mail.errors import MailError, is_over, leaves_a_rest

_GOODBYE = 5.0  # seconds: nothing that matters hangs on a server's goodbye


class Connection:
    """What every session has. Methods raise MailError, and nothing else, when the server fails.

    ``was_kept`` tells that it has been used before, and by whom: by the same login. ``signed_in_by`` tells
    one token from another, None where a password was given.
    """

    was_kept = False
    signed_in_by: int | None = None

    def __init__(self, client: Any, where: str, seconds: float) -> None:  # noqa: ANN401 - imapclient has no types
        self._client = client
        self._where = where
        self._seconds = seconds
        self._lost = False
        self._take_back: Callable[[], None] | None = None
        self._when_closed: Callable[[], None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def lend(self, take_back: Callable[[], None]) -> Self:
        """Have ``close`` hand the connection back, whether it serves or not, instead of logging out."""
        self._take_back = take_back
        return self

    def close(self) -> None:
        """Log out, or drop a connection that failed without waiting for it. Never raises."""
        if self._take_back is not None:
            self._take_back()
            return
        with suppress(Exception):
            if not self._lost:
                with Deadline(min(self._seconds, _GOODBYE), self._client.socket):
                    self._client.logout()
        self.drop()

    def drop(self) -> None:
        """Hang up, without a word and without waiting. Never raises."""
        self._lost = True
        try:
            with suppress(Exception):
                self._client.shutdown()
        finally:
            work, self._when_closed = self._when_closed, None
            if work is not None:
                work()

    def when_closed(self, work: Callable[[], None]) -> None:
        """Have something done once the connection is closed for good, by whoever closes it."""
        self._when_closed = work

    @property
    def serves(self) -> bool:
        """Whether the connection can be asked more: False once an answer did not come to its end."""
        return not self._lost

    def answers(self, seconds: float) -> bool:
        """Ask for nothing and tell whether the server answers in time; hang up where not. Never raises."""
        with suppress(MailError), self.within(seconds), self._asking():
            self._client.noop()
            return True
        self.drop()
        return False

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Give each command at most so many seconds while this lasts: for what must not hold up the rest."""
        before = self._seconds
        self._seconds = min(before, seconds)
        try:
            yield
        finally:
            self._seconds = before

    def capabilities(self) -> tuple[str, ...]:
        """Return what the server offers after login, sorted."""
        with self._asking():
            return tuple(sorted(as_text(name) for name in self._client.capabilities()))

    @contextmanager
    def _asking(self, folder: str | None = None) -> Iterator[None]:
        where = f"{self._where}, {folder}" if folder else self._where
        deadline = Deadline(self._seconds, self._client.socket)
        try:
            with in_time("command", where, deadline):
                yield
        except MailError as error:
            self._lost = self._lost or deadline.passed or leaves_a_rest(error) or is_over(error)
            raise
        except BaseException:
            self._lost = True  # broken off by us: the answer is still on its way
            raise


def as_text(value: bytes | str) -> str:
    """Return a word of a server's as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
