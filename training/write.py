"""Writes an artefact: the quantised network, the words, how they are weighed, golden scores, the card."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from graph import OPSET, network
from linear import Table
from network import LAYERS
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from prepare import Prepared

from triage.classify.artefact import CARD, FAMILIAR, FILES, GOLDEN
from triage.classify.combination import Combination
from triage.classify.encoder import Encoder
from triage.classify.familiar import Familiar
from triage.classify.features import FEATURES, OUTPUTS, features
from triage.classify.golden import score
from triage.classify.linear import Linear

_GOLDEN = 50
_GOLDEN_TOKENS = 40
_FAR = 0.998
"""The part of messages left out that must count as familiar: the others go to a person."""


def write_network(weights: Mapping[str, np.ndarray], folder: Path) -> None:
    """Write the network with int8 weights, a scale a column; reduced range, for processors without VNNI."""
    whole = folder / "whole.onnx"
    model = network(weights, LAYERS)
    onnx.save(model, whole)
    heads = {"att.T", "seg.T"}
    kept = [node.name for node in model.graph.node if heads & set(node.input)]
    quantize_dynamic(
        whole,
        folder / "network.onnx",
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        nodes_to_exclude=kept,
        op_types_to_quantize=["MatMul", "Gather"],
        extra_options={"MatMulConstBOnly": True},
    )
    whole.unlink()


def write_words(people: Table, machines: Table, folder: Path) -> None:
    """Write the two tables of the linear model."""
    nodes, outputs, held = [], [], []
    for name, table in (("people", people), ("machines", machines)):
        for part, value in (("weights", table.weights), ("constants", table.constants)):
            held.append(numpy_helper.from_array(value, f"{name}.{part}.held"))
            nodes.append(helper.make_node("Identity", [f"{name}.{part}.held"], [f"{name}.{part}"]))
            kind = TensorProto.FLOAT16 if part == "weights" else TensorProto.FLOAT
            outputs.append(helper.make_tensor_value_info(f"{name}.{part}", kind, list(value.shape)))
    graph = helper.make_graph(nodes, "words", [], outputs, held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    onnx.save(model, folder / "words.onnx")


def write_familiar(messages: Sequence[Prepared], groups: np.ndarray, folder: Path) -> None:
    """Write which pieces of words the messages hold, and how many others a familiar message may have.

    ``groups`` tells which messages were left out together: the others' words are strange to them.
    """
    own = [
        tuple(piece for piece, part in zip(one.tokens, one.segment, strict=True) if part >= 0)
        for one in messages
    ]
    shares = []
    for group in sorted(set(groups)):
        taught = {
            piece for pieces, other in zip(own, groups, strict=True) if other != group for piece in pieces
        }
        familiar = Familiar(frozenset(taught), 1.0)
        shares += [
            familiar.strange(pieces) / max(1, len(pieces))
            for pieces, other in zip(own, groups, strict=True)
            if other == group
        ]
    held = {
        "most": round(float(np.quantile(shares, _FAR)), 3),
        "pieces": sorted({piece for pieces in own for piece in pieces}),
    }
    (folder / FAMILIAR).write_text(json.dumps(held) + "\n", encoding="utf-8")


def read_with(folder: Path, messages: Sequence[Prepared]) -> tuple[np.ndarray, np.ndarray]:
    """Return what the written files give, as the program would read: as mail of people, and as of machines.

    Both are features (messages x outputs x features).
    """
    encoder, linear = _readers(folder)
    people = [_as_people(one, encoder, linear) for one in messages]
    return np.array(people), np.array([_as_machines(one, linear) for one in messages])


def _readers(folder: Path) -> tuple[Encoder, Linear]:
    return Encoder(folder / "network.onnx", folder / "vocabulary.txt"), Linear(folder / "words.onnx")


def _as_people(one: Prepared, encoder: Encoder, linear: Linear) -> np.ndarray:
    read = encoder(one.view.circumstances, one.view.words)
    return features(read, linear(one.view.text, machine=False), one.said)


def _as_machines(one: Prepared, linear: Linear) -> np.ndarray:
    return features(None, linear(one.example.message.classified_text, machine=True), one.said)


def write_card(
    folder: Path,
    people: Combination,
    machines: Combination,
    about: Mapping[str, Any],
    shown: Sequence[Prepared],
) -> None:
    """Write the golden scores and the card, last: it holds the hash of every other file."""
    encoder, linear = _readers(folder)
    short = [one for one in shown if not one.machine and len(one.tokens) <= _GOLDEN_TOKENS][:_GOLDEN]
    golden = []
    for one in short:
        scores = score(encoder, linear, people, one.view.circumstances, one.view.words)
        golden.append(
            {
                "id": one.example.id,
                "circumstances": one.view.circumstances,
                "segments": list(one.view.words),
                "scores": [round(float(score), 5) for score in scores],
            }
        )
    (folder / GOLDEN).write_text(_json({"messages": golden}), encoding="utf-8")
    card = {
        **about,
        "built": datetime.now(UTC).date().isoformat(),
        "files": {name: sha256((folder / name).read_bytes()).hexdigest() for name in FILES},
        "features": list(FEATURES),
        "people": _weighed(people),
        "machines": _weighed(machines),
    }
    (folder / CARD).write_text(_json(card), encoding="utf-8")


def _weighed(found: Combination) -> Mapping[str, Any]:
    return {
        "weights": {
            output: [round(float(weight), 5) for weight in row]
            for output, row in zip(OUTPUTS, found.weights, strict=True)
        },
        "thresholds": {
            output: round(float(one), 4) for output, one in zip(OUTPUTS, found.thresholds, strict=True)
        },
    }


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
