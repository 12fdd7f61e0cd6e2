"""Weighs the readers of an artefact anew, without teaching them again: for other weights or thresholds.

    python training/reweigh.py CORPUS FOLDER ARTEFACT

The artefact must have been taught with this very corpus and recipe. FOLDER holds what training/make.py
asks for.
"""

import json
import sys
from pathlib import Path
from shutil import copyfile

from base import base
from make import about, begun, finish
from prepare import prepared

from triage.classify.artefact import CARD, FILES, GOLDEN


def main() -> None:
    """Write the weights, the thresholds and the card of an artefact anew."""
    corpus, folder, artefact = map(Path, sys.argv[1:4])
    messages = prepared(corpus, base(folder / "base")[1])
    card, known = json.loads((artefact / CARD).read_text("utf-8")), about(corpus, len(messages))
    if any(card[part] != known[part] for part in known):
        sys.exit(f"{artefact} was taught with another corpus or recipe: make model teaches it anew")
    built = begun(folder)
    for name in set(FILES) - {GOLDEN}:
        copyfile(artefact / name, built / name)
    finish(built, messages, corpus, folder, artefact)


if __name__ == "__main__":
    main()
