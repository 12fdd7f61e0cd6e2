"""Reads every hand's messages with models that were taught without that hand: the figures that count.

    python training/left_out.py CORPUS FOLDER

For each group of hands everything is fitted again on the other hands, quantised as it is shipped, and read by
the program's own code. FOLDER/left_out.npz holds what was read: the weights are fitted on it. A group that is
read is kept at once, so that a run which was broken off goes on where it was.
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from shutil import copyfile

import numpy as np
import torch
from base import base
from learn import Recipe, taught, weights_of
from linear import fit
from prepare import Prepared, prepared
from write import read_with, write_network, write_words

GROUPS = 4
FILE = "left_out.npz"
TAUGHT_BY = ("base", "graph", "learn", "left_out", "lessons", "linear", "network", "prepare", "write")
"""What changes how is taught; how the readers are weighed afterwards, does not."""


def grouped(hands: Sequence[str]) -> dict[str, int]:
    """Return the group of each hand: hands in order of the alphabet, dealt like cards."""
    return {hand: number % GROUPS for number, hand in enumerate(sorted(set(hands)))}


def read_left_out(messages: Sequence[Prepared], folder: Path, run: str) -> tuple[np.ndarray, ...]:
    """Return every message's features as people's and as machines', and its group, which was left out.

    The groups are taught side by side, one a processor: a network this small gains little from two. ``run``
    names what is kept of each; where a group of that name is there already it is not read again.
    """
    group = groups_of(messages)
    count = min(GROUPS, os.cpu_count() or 1)
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as processes:
        read = list(processes.map(partial(_read_group, messages, folder, run), range(GROUPS)))
    shape = (len(messages), *read[0][0].shape[1:])
    people, machines = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for left, (as_people, as_machines) in enumerate(read):
        people[group == left], machines[group == left] = as_people, as_machines
    return people, machines, group


def _read_group(
    messages: Sequence[Prepared], folder: Path, run: str, left: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return what is read of a group by what was taught without it, from what was kept if it was."""
    kept = folder / f"{run}-{left}.npz"
    if not kept.exists():
        people, machines = _taught_without(messages, folder, left)
        part = kept.with_suffix(".part.npz")
        np.savez(part, people=people, machines=machines)
        part.rename(kept)
    held = np.load(kept, allow_pickle=False)
    return held["people"], held["machines"]


def _taught_without(messages: Sequence[Prepared], folder: Path, left: int) -> tuple[np.ndarray, np.ndarray]:
    """Teach everything without one group and read that group, by the program's own code."""
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // GROUPS))
    weights, vocabulary = base(folder / "base")
    group = groups_of(messages)
    own = [messages[number] for number in np.flatnonzero(group != left)]
    network = taught(weights, own, Recipe())
    with tempfile.TemporaryDirectory() as name:
        built = Path(name)
        copyfile(vocabulary, built / "vocabulary.txt")
        write_network(weights_of(network), built)
        write_words(fit(own, pieces=True), fit(own, pieces=False), built)
        return read_with(built, [messages[number] for number in np.flatnonzero(group == left)])


def groups_of(messages: Sequence[Prepared]) -> np.ndarray:
    """Return the group of each message's hand."""
    groups = grouped([one.example.hand for one in messages])
    return np.array([groups[one.example.hand] for one in messages])


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was read of messages whose hand was left out, with the labels that they have now."""

    messages: tuple[Prepared, ...]
    features: np.ndarray
    by_words: np.ndarray
    labels: np.ndarray
    groups: np.ndarray

    @property
    def machine(self) -> np.ndarray:
        """Which of them machines have written."""
        return np.array([one.machine for one in self.messages])


def left_out(folder: Path, messages: Sequence[Prepared]) -> LeftOut:
    """Return what was kept, for those of the messages that were there when it was read."""
    held = np.load(folder / FILE, allow_pickle=False)
    places = {name: place for place, name in enumerate(held["ids"].tolist())}
    known = tuple(one for one in messages if one.example.id in places)
    if len(known) < len(messages):
        print(
            f"{len(messages) - len(known)} messages are newer than {FILE} and do not count", file=sys.stderr
        )
    order = [places[one.example.id] for one in known]
    return LeftOut(
        known,
        held["features"][order],
        held["by_words"][order],
        np.array([one.labels for one in known]),
        held["groups"][order],
    )


def main() -> None:
    """Read a corpus left out and keep what was read."""
    corpus, folder = Path(sys.argv[1]), Path(sys.argv[2])
    messages = prepared(corpus, base(folder / "base")[1])
    run = _run(corpus)
    people, machines, groups = read_left_out(messages, folder, run)
    ids = np.array([one.example.id for one in messages])
    np.savez(folder / FILE, features=people, by_words=machines, groups=groups, ids=ids)
    for kept in folder.glob(f"{run}-*.npz"):
        kept.unlink()


def _run(corpus: Path) -> str:
    """Return a name that changes with any text and with any line of how it is taught."""
    lines = (Path(__file__).with_name(f"{name}.py") for name in TAUGHT_BY)
    files = (*sorted(corpus.glob("*.jsonl")), *lines)
    return f"left-{sha256(b''.join(file.read_bytes() for file in files)).hexdigest()[:12]}"


if __name__ == "__main__":
    main()
