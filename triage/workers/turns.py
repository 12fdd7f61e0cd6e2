"""Who works on what: each mailbox in one thread at a time, and once more when news came meanwhile.

The folders of one mailbox take turns, so that its server sees one connection for them and not one for each.

What did not go well is worked on apart the next time: however many mailboxes stall, they have threads of
their own to stall in, and those that are well wait for none of them.
"""

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Turns(Generic[Key]):
    """Calls ``work`` in a pool of threads, for all keys of one ``group`` one call at a time.

    ``work`` returns whether it went well, and must not raise.
    """

    def __init__(
        self, threads: int, work: Callable[[Key], bool], group: Callable[[Key], Hashable] = lambda key: key
    ) -> None:
        self._work = work
        self._group = group
        self._lines: defaultdict[Hashable, deque[Key]] = defaultdict(deque)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="turn")
        self._apart = ThreadPoolExecutor(threads, thread_name_prefix="turn apart")
        self._ailing: set[Key] = set()
        self._lock = threading.Lock()
        self._under_way: set[Key] = set()
        self._once_more: set[Key] = set()
        self._stopped = False

    def ask(self, key: Key, *, news: bool) -> bool:
        """Have a key worked on; False where that is under way already.

        ``news`` tells that something is there which the work under way may have passed by: then it is done
        once more afterwards, however often that is asked.
        """
        with self._lock:
            if self._stopped:
                return True
            if key in self._under_way:
                if news:
                    self._once_more.add(key)
                return False
            if self._line_up(key) == 1:
                self._begin(key)
        return True

    def stop(self) -> None:
        """Begin nothing more, and return when what is under way is done."""
        with self._lock:
            self._stopped = True
        for pool in (self._pool, self._apart):
            pool.shutdown(wait=True, cancel_futures=True)

    def _line_up(self, key: Key) -> int:
        self._under_way.add(key)
        line = self._lines[self._group(key)]
        line.append(key)
        return len(line)

    def _begin(self, key: Key) -> None:
        pool = self._apart if key in self._ailing else self._pool
        pool.submit(self._turn, key)

    def _turn(self, key: Key) -> None:
        went_well = False
        try:
            went_well = self._work(key)
        finally:
            with self._lock:
                self._under_way.discard(key)
                (self._ailing.discard if went_well else self._ailing.add)(key)
                self._go_on(key)

    def _go_on(self, done: Key) -> None:
        """Begin what comes next in the line of what was done."""
        line = self._lines[self._group(done)]
        line.popleft()
        if self._stopped:
            return
        if done in self._once_more:
            self._once_more.discard(done)
            self._line_up(done)
        if line:
            self._begin(line[0])
