"""What the classifier costs on this machine: to load, to keep, and a message.

    python bench/costs.py CORPUS

Processor time, so that other work does not count. Beside it stands what Python itself takes for the same:
loading beside the import of onnxruntime and numpy, a message beside parsing it.
"""

import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median

EVERY = 25


def main() -> None:
    """Print the costs, each measured in a new process."""
    corpus = Path(sys.argv[1])
    imported, loaded, memory = _apart(_loading)
    parsed, people, machines = _apart(_reading, corpus)
    print(f"importing onnxruntime and numpy   {imported:8.2f} s")
    print(f"loading and checking the files    {loaded:8.2f} s   {loaded / imported:5.1f} times the imports")
    print(f"memory of the loaded classifier   {memory:8.0f} MB")
    print(f"parsing a message, median         {parsed:8.2f} ms")
    print(f"a person's message, median        {people:8.2f} ms  {people / parsed:5.1f} times parsing it")
    print(f"a machine's message, median       {machines:8.2f} ms  {machines / parsed:5.1f} times parsing it")


def _apart(work: Callable[..., tuple[float, ...]], *given: object) -> tuple[float, ...]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *given).result()


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _loading() -> tuple[float, ...]:
    """Return the seconds of the imports and of loading, and the megabytes that the process then takes."""

    def libraries() -> None:
        import numpy as np  # noqa: F401, PLC0415
        import onnxruntime  # noqa: F401, PLC0415

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    imported = _seconds(libraries)
    from triage.classify.artefact import load, shipped  # noqa: PLC0415
    from triage.classify.classifier import Classifier  # noqa: PLC0415
    from triage.classify.golden import check_golden  # noqa: PLC0415

    def files() -> None:
        artefact = load(shipped())
        check_golden(artefact)
        Classifier(artefact)

    loaded = _seconds(files)
    return imported, loaded, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def _reading(corpus: Path) -> tuple[float, ...]:
    """Return the milliseconds for parsing, and for classifying what people and what machines wrote."""
    from triage.bootstrap import trained  # noqa: PLC0415
    from triage.classify.classifier import Classifier  # noqa: PLC0415
    from triage.domain.model import MACHINES  # noqa: PLC0415
    from triage.evaluate.corpus import ROSTER, SETTINGS, examples, hands  # noqa: PLC0415
    from triage.from_settings import school_of  # noqa: PLC0415
    from triage.message.parse import Gateway, parse  # noqa: PLC0415
    from triage.roster_source import read_roster  # noqa: PLC0415
    from triage.settings import load_settings  # noqa: PLC0415

    settings = load_settings(corpus / SETTINGS, {})
    school, gateway = school_of(settings), Gateway(frozenset(settings.school.authserv_ids))
    read = list(examples(hands(corpus), school, read_roster(corpus / ROSTER), gateway))
    classify = Classifier(trained(), zone=school.calendar.zone)
    own = [one for one in read if one.identity.sender not in MACHINES][::EVERY]
    others = [one for one in read if one.identity.sender in MACHINES]
    return (
        _middle([lambda one=one: parse(one.raw, one.received, gateway) for one in own]),
        _middle([lambda one=one: classify(one.message, one.identity) for one in own]),
        _middle([lambda one=one: classify(one.message, one.identity) for one in others]),
    )


def _middle(works: Sequence[Callable[[], object]]) -> float:
    """Return the median milliseconds of some works, each done once before, so that nothing is new."""
    return median(min(_seconds(work) for _ in range(2)) * 1000 for work in works)


if __name__ == "__main__":
    main()
