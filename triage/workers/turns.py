"""Who works on what: each mailbox in one thread at a time, and once more when news came meanwhile.

What did not go well is worked on apart the next time: however many mailboxes stall, they have threads of
their own to stall in, and those that are well wait for none of them.
"""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Turns(Generic[Key]):
    """Calls ``work`` in a pool of threads, for each key one call at a time.

    ``work`` returns whether it went well, and must not raise.
    """

    def __init__(self, threads: int, work: Callable[[Key], bool]) -> None:
        self._work = work
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
            self._begin(key)
        return True

    def stop(self) -> None:
        """Begin nothing more, and return when what is under way is done."""
        with self._lock:
            self._stopped = True
        for pool in (self._pool, self._apart):
            pool.shutdown(wait=True, cancel_futures=True)

    def _begin(self, key: Key) -> None:
        self._under_way.add(key)
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
                if key in self._once_more and not self._stopped:
                    self._once_more.discard(key)
                    self._begin(key)
