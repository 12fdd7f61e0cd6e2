"""Builds the artefact that is shipped: taught on every hand, weighed by what was read of hands left out.

    python training/make.py CORPUS FOLDER ARTEFACT

FOLDER/left_out.npz (training/left_out.py) and FOLDER/figures.json (make evaluate) must be there. The artefact
is written whole or not at all.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from shutil import copyfile, rmtree
from typing import Any

from base import PACKAGE, WEIGHTS_SHA256, base
from learn import Recipe, taught, weights_of
from left_out import LeftOut, groups_of, left_out
from linear import fit
from prepare import Prepared, prepared
from weigh import Seen, weigh
from write import write_card, write_familiar, write_network, write_words

from triage.classify.combination import Combination
from triage.classify.features import FEATURES
from triage.evaluate.corpus import hands

PEOPLE = tuple(range(len(FEATURES)))
MACHINES = tuple(FEATURES.index(name) for name in ("constant", "words", "phrases"))
FIGURES = "figures.json"
SIZE_LIMIT = 30 * 1024 * 1024


def main() -> None:
    """Build an artefact."""
    corpus, folder, artefact = map(Path, sys.argv[1:4])
    weights, vocabulary = base(folder / "base")
    messages = prepared(corpus, vocabulary)
    network = taught(weights, messages, Recipe())
    built = begun(folder)
    copyfile(vocabulary, built / "vocabulary.txt")
    write_network(weights_of(network), built)
    write_words(fit(messages, pieces=True), fit(messages, pieces=False), built)
    own = [one for one in messages if not one.machine]
    write_familiar(own, groups_of(own), built)
    finish(built, messages, corpus, folder, artefact)


def begun(folder: Path) -> Path:
    """Return an empty folder for what is being built."""
    built = folder / "artefact"
    rmtree(built, ignore_errors=True)
    built.mkdir(parents=True)
    return built


def finish(built: Path, messages: Sequence[Prepared], corpus: Path, folder: Path, artefact: Path) -> None:
    """Weigh what was taught by what was read left out, write the card, and put all of it in its place."""
    people, machines = weighed(left_out(folder, messages))
    figures = json.loads((folder / FIGURES).read_text("utf-8"))
    write_card(built, people, machines, {**about(corpus, len(messages)), "left_out": figures}, messages)
    size = sum(file.stat().st_size for file in built.iterdir())
    if size > SIZE_LIMIT:
        sys.exit(f"the artefact has {size} bytes, and at most {SIZE_LIMIT} are allowed")
    rmtree(artefact, ignore_errors=True)
    built.rename(artefact)
    print(f"{artefact}: {size / 1024**2:.1f} MiB", file=sys.stderr)


def weighed(held: LeftOut) -> tuple[Combination, Combination]:
    """Return how the readers are weighed for people and for machines, from what was read left out."""
    people = ~held.machine
    own = Seen(held.features[people], held.labels[people], held.groups[people])
    return weigh(own, PEOPLE), weigh(Seen(held.by_words, held.labels, held.groups), MACHINES)


def about(corpus: Path, count: int) -> dict[str, Any]:
    """Return what the card tells of the base, the corpus and the recipe."""
    files = hands(corpus)
    whole = sha256(b"".join(sha256(file.read_bytes()).digest() for file in files)).hexdigest()
    return {
        "name": "what parents write to a school: 22 topics",
        "base": {
            "model": "all-MiniLM-L6-v2",
            "licence": "Apache-2.0",
            "package": PACKAGE,
            "sha256": WEIGHTS_SHA256,
        },
        "licence": "Apache-2.0 for the network, a changed copy of the base; MIT for the rest",
        "corpus": {"messages": count, "hands": [file.stem for file in files], "sha256": whole},
        "recipe": asdict(Recipe()),
    }


if __name__ == "__main__":
    main()
