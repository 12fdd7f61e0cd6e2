"""A process of its own for measurements: the heap of one that has run thousands of tests is uneven."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest


@pytest.fixture(scope="module")
def young_process() -> Iterator[ProcessPoolExecutor]:
    """One new process for the measurements of a file; what it runs must stand at the top of a module."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        yield process
