"""The trained artefact: its files, and whether they are what was built."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from triage.classify.combination import Combination, combination
from triage.classify.encoder import Encoder
from triage.classify.familiar import Familiar, read_familiar
from triage.classify.features import OUTPUTS
from triage.classify.linear import Linear

CARD: Final = "card.json"
GOLDEN: Final = "golden.json"
FAMILIAR: Final = "familiar.json"
FILES: Final = ("network.onnx", "vocabulary.txt", "words.onnx", FAMILIAR, GOLDEN)

_Part = TypeVar("_Part")


class ArtefactError(Exception):
    """The classifier's files are missing or not those that were built: what happened, where, what to do."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """Everything that was trained: the network, the linear model, how they are weighed, and their card."""

    encoder: Encoder
    linear: Linear
    familiar: Familiar
    people: Combination
    machines: Combination
    card: Mapping[str, Any]
    golden: tuple[Mapping[str, Any], ...]


def shipped() -> Path:
    """Return the folder of the artefact that comes with the program."""
    return Path(str(files("triage.classify").joinpath("artefact")))


def load(folder: Path) -> Artefact:
    """Read an artefact and check every file against its card. Raises ArtefactError."""
    card = _document(folder / CARD)
    try:
        for name in dict.fromkeys((*FILES, *card["files"])):
            _check(folder / name, card["files"][name])
        network, vocabulary, words, familiar, _ = (folder / name for name in FILES)
        return Artefact(
            encoder=_opened(lambda: Encoder(network, vocabulary), network),
            linear=_opened(lambda: Linear(words), words),
            familiar=_opened(lambda: read_familiar(familiar), familiar),
            people=combination(card["people"], OUTPUTS),
            machines=combination(card["machines"], OUTPUTS),
            card=card,
            golden=tuple(_document(folder / GOLDEN)["messages"]),
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise _error(folder / CARD, f"it is not a card of this program ({error!r})") from error


def _document(path: Path) -> Mapping[str, Any]:
    try:
        return cast("Mapping[str, Any]", json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise _error(path, f"it cannot be read ({error})") from error


def _check(path: Path, expected: str) -> None:
    try:
        found = sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise _error(path, f"it cannot be read ({error})") from error
    if found != expected:
        raise _error(path, "it is not the file that was built: its SHA-256 differs from the card's")


def _opened(build: Callable[[], _Part], path: Path) -> _Part:
    try:
        return build()
    except Exception as error:  # onnxruntime's errors have no class in common
        raise _error(path, f"it cannot be opened ({error!r})") from error


def _error(path: Path, what: str) -> ArtefactError:
    return ArtefactError(f"the classifier's file {path} cannot be used: {what}. Install the program again.")
