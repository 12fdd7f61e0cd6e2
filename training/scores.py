"""What is said of every message by what has not seen its hand: weighed as the other groups teach.

    python training/scores.py CORPUS FOLDER

Reads FOLDER/left_out.npz and writes FOLDER/left_out.jsonl, for ``triage evaluate --scores``.
"""

import json
import sys
from pathlib import Path

import numpy as np
from base import base
from left_out import LeftOut, left_out
from make import MACHINES, PEOPLE
from prepare import Prepared, prepared
from weigh import Seen, weigh

from triage.classify.classifier import Read, together
from triage.classify.features import OUTPUTS


def main() -> None:
    """Write the scores."""
    corpus, folder = Path(sys.argv[1]), Path(sys.argv[2])
    held = left_out(folder, prepared(corpus, base(folder / "base")[1]))
    rows = [_row(one, read) for one, read in zip(held.messages, _reads(held), strict=True)]
    (folder / "left_out.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")


def _reads(held: LeftOut) -> list[Read]:
    """Return what was read of each message, weighed by what was fitted without its group."""
    found: dict[int, Read] = {}
    machine, groups = held.machine, held.groups
    nothing = np.zeros((0, len(OUTPUTS)), np.float32)
    for kind, features, columns in ((False, held.features, PEOPLE), (True, held.by_words, MACHINES)):
        for group in sorted(set(groups)):
            taught = (groups != group) & (kind | ~machine)
            seen = Seen(features[taught], held.labels[taught], groups[taught])
            fitted = weigh(seen, columns)
            for number in np.flatnonzero((groups == group) & (machine == kind)):
                scores = fitted.scores(features[number])
                found[int(number)] = Read(scores, fitted.thresholds, (), nothing)
    return [found[number] for number in range(len(groups))]


def _row(one: Prepared, read: Read) -> str:
    said = together(read, one.said, one.example.message)
    return json.dumps(
        {
            "message_id": one.example.message.message_id,
            "text": said.text,
            "scores": {topic.value: score for topic, score in said.scores.items()},
            "thresholds": {topic.value: score for topic, score in said.thresholds.items()},
            "immediate": said.immediate,
            "phrase_floor": said.phrase_floor,
            "uncertain": said.uncertain,
        },
        ensure_ascii=False,
    )


if __name__ == "__main__":
    main()
