"""How the processor's time grows with the input, whatever else the machine and the other tests do."""

import gc
import time
from collections.abc import Callable


def cpu_of(work: Callable[[], object]) -> float:
    """Return the seconds of the processor that some work takes, no garbage collected meanwhile."""
    gc.collect()
    gc.disable()  # its passes go by what else the tests have made
    began = time.process_time()
    work()
    took = time.process_time() - began
    gc.enable()
    return took


def least_of(once: Callable[[], float], twice: Callable[[], float]) -> tuple[float, float]:
    """Return the least of several measurements of each, taken by turns: other work slows both alike."""
    short, long = zip(*((once(), twice()) for _ in range(6)), strict=True)
    return min(short), min(long)
