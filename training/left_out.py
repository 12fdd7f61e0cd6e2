"""Reads every hand's messages with models that were taught without that hand: the figures that count.

    python training/left_out.py CORPUS FOLDER

For each group of hands everything is fitted again on the other hands, quantised as it is shipped, and read by
the program's own code. FOLDER/left_out.npz holds what was read: the weights are fitted on it.
"""

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

import numpy as np
from base import base
from build import read_with, write_network, write_words
from learn import Recipe, fresh, states_of, teach, weights_of
from linear import fit
from prepare import Prepared, prepared

GROUPS = 4
FILE = "left_out.npz"


def grouped(hands: Sequence[str]) -> dict[str, int]:
    """Return the group of each hand: hands in order of the alphabet, dealt like cards."""
    return {hand: number % GROUPS for number, hand in enumerate(sorted(set(hands)))}


def read_left_out(messages: Sequence[Prepared], folder: Path, recipe: Recipe) -> tuple[np.ndarray, ...]:
    """Return every message's features as people's and as machines', and its group, which was left out."""
    weights, vocabulary = base(folder / "base")
    groups = grouped([one.example.hand for one in messages])
    group = np.array([groups[one.example.hand] for one in messages])
    states = states_of(fresh(weights), messages)
    found: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    for left in range(GROUPS):
        print(f"group {left + 1} of {GROUPS} left out", file=sys.stderr, flush=True)
        taught = np.flatnonzero(group != left)
        own = [messages[number] for number in taught]
        network = fresh(weights)
        teach(network, own, [states[number] for number in taught], recipe)
        with tempfile.TemporaryDirectory() as name:
            built = Path(name)
            copyfile(vocabulary, built / "vocabulary.txt")
            write_network(weights_of(network), built)
            write_words(fit(own, pieces=True), fit(own, pieces=False), built)
            numbers = np.flatnonzero(group == left)
            read = read_with(built, [messages[number] for number in numbers])
        found.update(zip(numbers, zip(*read, strict=True), strict=True))
    people, machines = (
        np.array([found[number][kind] for number in range(len(messages))]) for kind in range(2)
    )
    return people, machines, group


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
    people, machines, groups = read_left_out(messages, folder, Recipe())
    ids = np.array([one.example.id for one in messages])
    np.savez(folder / FILE, features=people, by_words=machines, groups=groups, ids=ids)


if __name__ == "__main__":
    main()
