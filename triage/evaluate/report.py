"""The evaluation as one HTML page with plots, drawn as SVG: nothing is loaded from anywhere."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from triage.domain.model import Topic
from triage.evaluate.contrast import CELLS
from triage.evaluate.figures import Figures, Scored, worst
from triage.evaluate.table import table

_SIDE = 150
_BINS = 10
_WORST = 5
_SHOWN = 300
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; color: #222 }
table { border-collapse: collapse } td, th { padding: .15rem .5rem; text-align: right }
td:first-child, th:first-child { text-align: left } .plots { display: flex; flex-wrap: wrap; gap: 1rem }
figure { margin: 0; width: 150px } figcaption { font-size: 12px } svg { background: #f6f6f4 }
.wrong { border-left: 3px solid #b33; padding-left: .7rem; margin: .6rem 0; white-space: pre-wrap }
"""


def report(
    found: Figures, scored: Sequence[Scored], edges: Mapping[tuple[Topic, str], tuple[int, int]]
) -> str:
    """Return the page: the figures, curves of every topic, what is taken for what, the worst messages."""
    figures = escape("\n".join(table(found, None)))
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>How well it reads</title>"
        f"<style>{_STYLE}</style><h1>How well it reads</h1><pre>{figures}</pre>"
        f"<h2>Precision (up) by recall (right)</h2>"
        f"<div class=plots>{_curves(scored, _precision_recall)}</div>"
        f"<h2>How often it is so (up) where it scores so (right)</h2>"
        f"<div class=plots>{_curves(scored, _reliability)}</div>"
        f"<h2>Topics that are found where another one stands alone</h2>{_confusion(scored)}"
        f"<h2>Contrast suites</h2>{_edges(edges)}<h2>The worst messages</h2>{_worst(scored)}</html>"
    )


def _curves(scored: Sequence[Scored], points: object) -> str:
    return "".join(
        f"<figure>{_plot(points(*_of(scored, topic)))}<figcaption>{topic.value}</figcaption></figure>"  # type: ignore[operator]
        for topic in Topic
    )


def _of(scored: Sequence[Scored], topic: Topic) -> tuple[np.ndarray, np.ndarray]:
    scores = np.array([one.classification.scores.get(topic, 0.0) for one in scored])
    return scores, np.array([topic in one.example.topics for one in scored], float)


def _precision_recall(scores: np.ndarray, labels: np.ndarray) -> list[tuple[float, float]]:
    right = np.cumsum(labels[np.argsort(-scores, kind="stable")])
    count = np.arange(1, len(labels) + 1)
    recall, precision = right / max(1.0, labels.sum()), right / count
    places = np.unique(np.linspace(0, len(labels) - 1, 200).astype(int))
    return [(float(recall[place]), float(precision[place])) for place in places]


def _reliability(scores: np.ndarray, labels: np.ndarray) -> list[tuple[float, float]]:
    bins = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    return [
        (float(scores[bins == number].mean()), float(labels[bins == number].mean()))
        for number in range(_BINS)
        if (bins == number).any()
    ]


def _plot(points: Sequence[tuple[float, float]]) -> str:
    line = " ".join(f"{x * _SIDE:.1f},{(1 - y) * _SIDE:.1f}" for x, y in points)
    return (
        f'<svg viewBox="0 0 {_SIDE} {_SIDE}" width={_SIDE} height={_SIDE} role=img>'
        f'<path d="M0 {_SIDE}L{_SIDE} 0" stroke="#bbb"/>'
        f'<polyline points="{line}" fill="none" stroke="#175" stroke-width="2"/></svg>'
    )


def _confusion(scored: Sequence[Scored]) -> str:
    counts: dict[tuple[Topic, Topic], int] = {}
    for one in scored:
        if len(one.example.topics) == 1:
            (topic,) = one.example.topics
            for other in set(one.decision.topics) - {topic}:
                counts[topic, other] = counts.get((topic, other), 0) + 1
    rows = sorted(counts.items(), key=lambda item: -item[1])[:25]
    cells = "".join(f"<tr><td>{a.value}<td>{b.value}<td>{count}" for (a, b), count in rows)
    return f"<table><tr><th>is<th>found beside it<th>messages{cells}</table>"


def _edges(edges: Mapping[tuple[Topic, str], tuple[int, int]]) -> str:
    head = "".join(f"<th>{cell}" for cell in CELLS)
    rows = "".join(
        f"<tr><td>{topic.value}"
        + "".join(
            f"<td>{edges.get((topic, cell), (0, 0))[0]}/{edges.get((topic, cell), (0, 0))[1]}"
            for cell in CELLS
        )
        for topic in Topic
    )
    return f"<table><tr><th>topic{head}{rows}</table>"


def _worst(scored: Sequence[Scored]) -> str:
    return "".join(
        f"<h3>{topic.value}</h3>"
        + "".join(_wrong(one, topic, score) for one, score in worst(scored, topic, _WORST))
        for topic in Topic
    )


def _wrong(one: Scored, topic: Topic, score: float) -> str:
    what = "not found" if topic in one.example.topics else "found, and is not"
    shown = "; ".join(each.text for each in one.classification.evidence if each.topic is topic)
    words = escape(one.classification.text[:_SHOWN])
    return (
        f"<div class=wrong><b>{escape(one.example.id)}</b>, {what}, {score:.2f}"
        f"{': ' + escape(shown[:_SHOWN]) if shown else ''}\n{words}</div>"
    )
