"""The ear of the service: one thread that waits for news of all mailboxes at once.

1. A pool opens a mailbox and asks its server to tell (``Idle``); the mailbox is looked into at once, because
   what came meanwhile is told to nobody.
2. The thread waits for all connections by one selector. News wake the mailbox: ``wake`` only asks for a look,
   so a wake-up that is lost or doubled does no harm, and polling goes on underneath.
3. Well before a server would end it the waiting is renewed, by the pool: a server that does not answer holds
   up nobody else, and is found out.
4. What breaks is opened again, after a wait that doubles up to the interval of the looks; a login that was
   refused waits so long at once. That no account is locked by asking is the business of whoever opens.
   What failed last is opened by a pool of its own: those that are well wait for none that stall.
"""

import logging
import random
import selectors
import socket
import threading
import time
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from heapq import heappop, heappush
from itertools import count
from queue import SimpleQueue
from typing import Generic, TypeVar

from triage.mail.budget import NoRoomError
from triage.mail.errors import MailError
from triage.mail.idle import Idle, NoIdleError

log = logging.getLogger(__name__)

Key = TypeVar("Key", bound=Hashable)
JITTER = 0.2


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things are waited for, in seconds.

    ``renew`` is below the 29 minutes of RFC 2177 (I4), and so short that a server which is gone without a
    word is found out; so long a mailbox waits, too, for which there is no connection. ``full``
    is for how long one is polled and no more whose server has no connection left to look.
    """

    renew: float = 9 * 60
    first: float = 5
    longest: float = 60
    without: float = 24 * 3600
    full: float = 30 * 60
    threads: int = 4


@dataclass(eq=False, slots=True)
class _Place(Generic[Key]):
    """One mailbox. ``idle`` while it is listened to; ``due`` is the number of what comes next in the plan.

    ``given`` while the pool has it. ``failures`` are those in a row; ``since`` when it was listened to first
    after the last of them.
    """

    key: Key
    idle: Idle | None = None
    failures: int = 0
    since: float | None = None
    due: int = 0
    given: bool = False
    alone_until: float = 0.0


class Watch(Generic[Key]):
    """Listens to mailboxes until stopped.

    ``open_`` logs in and opens the folder; it raises MailError, NoIdleError, or NoRoomError where there may
    be no more connections. ``wake`` is called in the thread that listens and must not wait.
    """

    def __init__(
        self,
        keys: Iterable[Key],
        open_: Callable[[Key], Idle],
        wake: Callable[[Key], None],
        *,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open = open_
        self._wake = wake
        self._patience = patience or Patience()
        self._clock = clock
        self._places = [_Place(key) for key in keys]
        self._place = {place.key: place for place in self._places}
        self._stopping = threading.Event()
        self._done: SimpleQueue[tuple[_Place[Key], Future[Idle]]] = SimpleQueue()
        self._crowded: SimpleQueue[Key] = SimpleQueue()
        self._plan: list[tuple[float, int, _Place[Key]]] = []
        self._numbers = count(1)
        self._turns = 0
        self._bell, self._ear = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._pool = ThreadPoolExecutor(self._patience.threads, thread_name_prefix="watch")
        self._apart = ThreadPoolExecutor(self._patience.threads, thread_name_prefix="watch apart")
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._bell.setblocking(False)
        self._ear.setblocking(False)
        self._selector.register(self._ear, selectors.EVENT_READ)
        for place in self._places:
            self._again(place, self._clock())
        self._thread.start()

    def stop(self) -> None:
        """Hang up everywhere and return when nothing is under way."""
        self._stopping.set()
        self._ring()
        self._thread.join()
        for pool in (self._pool, self._apart):
            pool.shutdown(wait=True, cancel_futures=True)
        self._collect()
        for place in self._places:
            self._hang_up(place)
        self._selector.close()
        self._bell.close()
        self._ear.close()

    @property
    def listening(self) -> int:
        """How many mailboxes are listened to now."""
        return sum(self.is_listening(place.key) for place in self._places)

    def is_listening(self, key: Key) -> bool:
        """Tell whether a mailbox is listened to now; in the moment of a renewal it is not."""
        place = self._place.get(key)
        return place is not None and place.idle is not None and self._thread.is_alive()

    @property
    def turns(self) -> int:
        """How often the thread has gone round: where nothing happens it stands still."""
        return self._turns

    def make_room(self, key: Key) -> None:
        """Hang up on a mailbox, by any thread, and leave it to be polled for a while."""
        self._crowded.put(key)
        self._ring()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._turn()
            except Exception as error:  # noqa: BLE001 - whatever it was, the thread must not end by it
                # The type alone: an exception's text may hold what a parent wrote.
                log.error("listening failed and begins anew: %s", type(error).__name__)  # noqa: TRY400
                self._begin_anew()

    def _turn(self) -> None:
        """Wait until something is to be heard, collected or begun, and do that."""
        self._turns += 1
        for key, _ in self._selector.select(self._wait()):
            if key.fileobj is self._ear:
                self._ear.recv(4096)
            else:
                self._hear(key.data)
        self._leave_alone()
        self._collect()
        self._begin_due()

    def _leave_alone(self) -> None:
        """Hang up where another connection is needed more; what the pool has is hung up on when it comes."""
        while not self._crowded.empty():
            place = self._place[self._crowded.get()]
            place.alone_until = self._clock() + self._patience.full
            if not place.given:
                self._hang_up(place)
                self._again(place, place.alone_until)

    def _begin_anew(self) -> None:
        """Hang up on all that is not in the pool's hands, and open it again after a while."""
        due = self._clock() + self._patience.first
        for place in self._places:
            if not place.given:
                self._hang_up(place)
                self._again(place, due)
        self._stopping.wait(self._patience.first)  # so that what fails each time spins in no loop

    def _wait(self) -> float | None:
        """Return for how long nothing is due, None for ever."""
        return max(0.0, self._plan[0][0] - self._clock()) if self._plan else None

    def _hear(self, place: _Place[Key]) -> None:
        assert place.idle is not None  # noqa: S101 - for the type checker: only those are registered
        try:
            news = place.idle.hears()
        except MailError as error:
            self._fail(place, error)
            return
        if news:
            self._wake(place.key)

    def _begin_due(self) -> None:
        now = self._clock()
        while self._plan and self._plan[0][0] <= now:
            _, number, place = heappop(self._plan)
            if number != place.due:
                continue  # something else has become of it meanwhile
            if place.idle is not None:
                self._renew(place, place.idle)
            else:
                self._give(place, partial(_begun, self._open, place.key))

    def _renew(self, place: _Place[Key], idle: Idle) -> None:
        self._selector.unregister(idle.connection)
        place.idle = None
        if self._was_well(place):
            place.failures = 0
        self._give(place, partial(_renewed, idle))

    def _give(self, place: _Place[Key], work: Callable[[], Idle]) -> None:
        """Have the pool do what may block; what comes of it is collected in the thread."""
        place.due = 0
        place.given = True
        future = (self._apart if place.failures else self._pool).submit(work)
        future.add_done_callback(partial(self._tell, place))

    def _tell(self, place: _Place[Key], done: Future[Idle]) -> None:
        self._done.put((place, done))
        self._ring()

    def _ring(self) -> None:
        with suppress(OSError):  # full: it rings already
            self._bell.send(b"!")

    def _collect(self) -> None:
        while not self._done.empty():
            place, done = self._done.get()
            place.given = False
            error = None if done.cancelled() else done.exception()
            if error is not None:
                self._fail(place, error)
            elif not done.cancelled():
                self._listen(place, done.result())

    def _listen(self, place: _Place[Key], idle: Idle) -> None:
        if self._clock() < place.alone_until:
            idle.close()
            self._again(place, place.alone_until)
            return
        place.idle = idle
        place.since = self._clock() if place.since is None else place.since
        self._selector.register(idle.connection, selectors.EVENT_READ, place)
        self._again(place, self._clock() + self._spread(self._patience.renew))
        self._wake(place.key)

    def _fail(self, place: _Place[Key], error: BaseException) -> None:
        self._hang_up(place)
        place.failures = (0 if self._was_well(place) else place.failures) + 1
        place.since = None
        wait = min(self._patience.first * 2 ** min(place.failures - 1, 16), self._patience.longest)
        if isinstance(error, NoIdleError):
            wait = self._patience.without
        elif isinstance(error, NoRoomError):
            wait = self._patience.renew
        elif isinstance(error, MailError):
            wait = self._patience.longest if error.kind == "login" else wait
        else:
            # The type alone: an exception's text may hold what a parent wrote.
            log.error("a mailbox is not listened to: %s", type(error).__name__)
        self._again(place, self._clock() + self._spread(wait))

    def _was_well(self, place: _Place[Key]) -> bool:
        """Tell whether a mailbox was listened to for long; a server that agrees and hangs up is not well."""
        return place.since is not None and self._clock() - place.since >= self._patience.longest

    def _hang_up(self, place: _Place[Key]) -> None:
        if place.idle is not None:
            with suppress(KeyError, ValueError):
                self._selector.unregister(place.idle.connection)
            place.idle.close()
            place.idle = None

    def _again(self, place: _Place[Key], due: float) -> None:
        place.due = next(self._numbers)
        heappush(self._plan, (due, place.due, place))

    def _spread(self, seconds: float) -> float:
        """Return a little less, differently each time, so that not all come due at once."""
        return seconds * random.uniform(1 - JITTER, 1)  # noqa: S311 - to spread, not to keep a secret


def _begun(open_: Callable[[Key], Idle], key: Key) -> Idle:
    idle = open_(key)
    try:
        idle.begin()
    except MailError:
        idle.close()
        raise
    return idle


def _renewed(idle: Idle) -> Idle:
    try:
        idle.renew()
    except MailError:
        idle.close()
        raise
    return idle
