"""The trained network as an ONNX graph, written out by hand: one message in, its logits out.

No exporter stands between: the graph is what this file says, and the same from one build to the next.

    tokens      int64 (n)       numbers of the vocabulary, [CLS] first, [SEP] last
    belongs     float32 (k, n)  each row spreads 1 over the tokens of one segment
    message     float32 (t)     a logit a topic, from attention over all tokens
    segments    float32 (k, t)  a logit a topic and segment
"""

from collections.abc import Mapping

import numpy as np
import onnx
from network import EPSILON, HEADS
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 20

Weights = Mapping[str, NDArray[np.float32]]


class _Graph:
    """Collects nodes and weights; every method returns the name of its output."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}

    def weight(self, name: str, value: NDArray | None = None) -> str:
        if name not in self.initializers:
            held = self.weights[name] if value is None else value
            self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(held), name)
        return name

    def node(self, kind: str, inputs: list[str], **attributes: object) -> str:
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def linear(self, x: str, name: str) -> str:
        matrix = self.weight(f"{name}.T", self.weights[f"{name}.weight"].T)
        return self.node("Add", [self.node("MatMul", [x, matrix]), self.weight(f"{name}.bias")])

    def norm(self, x: str, name: str) -> str:
        return self.node(
            "LayerNormalization",
            [x, self.weight(f"{name}.weight"), self.weight(f"{name}.bias")],
            axis=-1,
            epsilon=EPSILON,
        )

    def shape(self, name: str, *sizes: int) -> str:
        return self.weight(name, np.array(sizes, np.int64))

    def heads(self, x: str, *, keys: bool = False) -> str:
        """Cut n x d into heads x n x d/heads, the keys transposed."""
        size = self.weights["e.typ"].shape[0] // HEADS
        cut = self.node("Reshape", [x, self.shape("by_heads", -1, HEADS, size)])
        return self.node("Transpose", [cut], perm=[1, 2, 0] if keys else [1, 0, 2])

    def layer(self, x: str, name: str) -> str:
        size = self.weights["e.typ"].shape[0]
        query, key, value = (self.linear(x, f"{name}.{part}") for part in "qkv")
        scale = self.weight("scale", np.array((size // HEADS) ** -0.5, np.float32))
        near = self.node("MatMul", [self.heads(query), self.heads(key, keys=True)])
        attention = self.node("Softmax", [self.node("Mul", [near, scale])], axis=-1)
        mixed = self.node("Transpose", [self.node("MatMul", [attention, self.heads(value)])], perm=[1, 0, 2])
        joined = self.node("Reshape", [mixed, self.shape("joined", -1, size)])
        x = self.norm(self.node("Add", [x, self.linear(joined, f"{name}.o")]), f"{name}.n1")
        wide = self.node("Gelu", [self.linear(x, f"{name}.f1")])
        return self.norm(self.node("Add", [x, self.linear(wide, f"{name}.f2")]), f"{name}.n2")


def network(weights: Weights, layers: int) -> onnx.ModelProto:
    """Return the graph of a trained network. ``weights`` are named as the network's own parameters."""
    graph = _Graph(weights)
    words = graph.node("Gather", [graph.weight("e.w.weight"), "tokens"])
    length = graph.node("Shape", ["tokens"])
    places = graph.node(
        "Slice", [graph.weight("e.pos.weight"), graph.shape("zero", 0), length, graph.shape("axis", 0)]
    )
    typed = graph.node("Add", [graph.node("Add", [words, places]), graph.weight("e.typ")])
    x = graph.norm(typed, "e.n")
    for number in range(layers):
        x = graph.layer(x, f"e.L.{number}")
    _message(graph, x)
    pooled = graph.node("MatMul", ["belongs", x])
    graph.nodes.append(helper.make_node("Identity", [graph.linear(pooled, "seg")], ["segments"]))
    return _model(graph)


def _message(graph: _Graph, x: str) -> None:
    """Attend over the tokens, topic by topic, and weigh what each attended to."""
    attended = graph.node("Softmax", [graph.linear(x, "att")], axis=0)
    values = graph.node("MatMul", [graph.node("Transpose", [attended], perm=[1, 0]), x])
    weighed = graph.node("Mul", [values, graph.weight("out.weight")])
    summed = graph.node("ReduceSum", [weighed, graph.shape("last", -1)], keepdims=0)
    graph.nodes.append(helper.make_node("Add", [summed, graph.weight("out.bias")], ["message"]))


def _model(graph: _Graph) -> onnx.ModelProto:
    outputs = {"message": ["t"], "segments": ["k", "t"]}
    made = helper.make_graph(
        graph.nodes,
        "reader",
        [
            helper.make_tensor_value_info("tokens", TensorProto.INT64, ["n"]),
            helper.make_tensor_value_info("belongs", TensorProto.FLOAT, ["k", "n"]),
        ],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        list(graph.initializers.values()),
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    onnx.checker.check_model(model)
    return model
