"""How the processor's time grows with the input, whatever else the machine and the other tests do."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_FEWEST, _MOST = 3, 80


def growth_of(once: Callable[[], object], more: Callable[[], object], enough: float = 2.2) -> float:
    """Return how many times the least time of ``once`` the least time of ``more`` is.

    What else runs can only add to a time: more are taken, by turns, until the ratio is as low as ``enough``.
    """
    with _no_garbage_collected():
        best = [_seconds(once), _seconds(more)]
        for turn in range(1, _MOST):
            if turn >= _FEWEST and best[1] <= enough * best[0]:
                break
            best = [min(best[0], _seconds(once)), min(best[1], _seconds(more))]
    return best[1] / best[0]


@contextmanager
def _no_garbage_collected() -> Iterator[None]:
    """Hold the collector still: its passes go by what the rest of the suite has made."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
