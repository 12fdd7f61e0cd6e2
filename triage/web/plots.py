"""Plots as SVG that stands in the page itself: no script, no style of its own, nothing from elsewhere.

pygal reckons where everything is. What it would put in beside (a style sheet, a script, tooltips) the site's
policy blocks, so only shapes and words are kept: the site's own style sheet gives them their colours, in the
light and in the dark and on paper. The second row is hatched too, so that no plot is told by colour alone.
Beside each plot stands a table with the same numbers, for who does not see it.
"""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, tostring

import pygal
from markupsafe import Markup
from pygal.graph.graph import Graph

# For maps, which nobody draws here, pygal adds a finder of modules of a kind that Python knows no more: every
# later import that finds nothing would ask it too, with a warning.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

WIDTH, NARROW = 720, 300
"""How wide a plot is drawn, for a desk and for a telephone: its letters are about as large on either."""

HEIGHT = 280
ROW = 34
LETTERS = {WIDTH: 16, NARROW: 12}
MOST_LABELS = {WIDTH: 12, NARROW: 4}
"""So many labels have room below the columns; of more only some are shown."""

LONGEST_LABEL = {WIDTH: -1, NARROW: 16}
"""So many letters of a label have room beside the bars, -1 for all."""

FEWEST = 2
"""A plot of fewer columns would compare nothing."""

_SHAPES = frozenset({"g", "rect", "path", "text"})
_PLACES = ("transform", "x", "y", "width", "height", "d", "class")
_NUMBERS = frozenset({"x", "y", "width", "height", "d"})
_DIGITS = re.compile(r"\d+\.\d+")
_DROPPED = frozenset({"titles", "background", "plot overlay", "plot tooltip-overlay", "plot text-overlay"})


@dataclass(frozen=True, slots=True)
class Row:
    """What is plotted in one colour, a number for each label."""

    name: str
    numbers: Sequence[float]


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot for a page: what it shows in one sentence, what its colours mean, and the drawing.

    It is drawn twice, ``narrow`` for a telephone; a page shows one of the two.
    """

    name: str
    says: str
    rows: tuple[str, ...]
    svg: Markup
    narrow: Markup


def columns(name: str, says: str, labels: Sequence[str], rows: Sequence[Row]) -> Plot | None:
    """Return columns from left to right, the rows on top of each other; None where one would stand alone.

    ``name`` is unique on its page.
    """

    def chart(width: int) -> Graph:
        step = -(-len(labels) // MOST_LABELS[width])
        # The last column is the one that is looked for.
        shown = labels[::-1][::step]
        return pygal.StackedBar(
            height=HEIGHT, x_labels_major=shown, show_minor_x_labels=False, **_plain(width)
        )

    return _both(chart, name, says, labels, rows)


def bars(name: str, says: str, labels: Sequence[str], rows: Sequence[Row]) -> Plot | None:
    """Return bars from top to bottom, those of one label below each other; None for one label alone.

    ``name`` is unique on its page.
    """

    def chart(width: int) -> Graph:
        return pygal.HorizontalBar(height=ROW * len(labels) + 60, **_plain(width))

    # pygal begins at the bottom.
    return _both(chart, name, says, labels[::-1], [Row(row.name, row.numbers[::-1]) for row in rows])


def _plain(width: int) -> dict[str, object]:
    return {
        "width": width,
        "margin": 8,
        "margin_right": 20,
        "spacing": 8,
        "max_scale": 6 if width == WIDTH else 4,
        "truncate_label": LONGEST_LABEL[width],
        "show_legend": False,
        "js": [],
        "css": [],
        "style": pygal.style.Style(
            label_font_size=LETTERS[width], major_label_font_size=LETTERS[width], font_family="sans-serif"
        ),
        "formatter": lambda number: f"{number:g}",
    }


def _both(
    chart: Callable[[int], Graph], name: str, says: str, labels: Sequence[str], rows: Sequence[Row]
) -> Plot | None:
    """Return a plot drawn for a desk and for a telephone."""
    if len(labels) < FEWEST:
        return None
    drawn = []
    for width, called in ((WIDTH, name), (NARROW, f"{name}-narrow")):
        graph = chart(width)
        graph.x_labels = list(labels)
        drawn.append(_drawn(graph, called, says, rows))
    return Plot(name, says, tuple(row.name for row in rows), *drawn)


def _drawn(chart: Graph, name: str, says: str, rows: Sequence[Row]) -> Markup:
    for row in rows:
        chart.add(row.name, list(row.numbers))
    box = f"0 0 {chart.config.width} {chart.config.height}"
    svg = Element("svg", {"viewBox": box, "role": "img", "aria-label": says, "class": "drawing"})
    svg.append(_hatching(name))
    svg.extend(each for child in chart.render_tree() for each in _kept(child, name))
    # ElementTree has escaped all text.
    return Markup(tostring(svg, "unicode"))  # noqa: S704


def _hatching(name: str) -> Element:
    """Return the pattern of the second row, under an id of the plot's own."""
    size = {"width": "7", "height": "7"}
    turned = {"patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"}
    pattern = Element("pattern", {"id": f"hatch-{name}", **size, **turned})
    pattern.append(Element("rect", {"class": "hatch-ground", **size}))
    pattern.append(Element("rect", {"class": "hatch-line", "width": "2.5", "height": "7"}))
    defs = Element("defs")
    defs.append(pattern)
    return defs


def _kept(drawn: Element, name: str, row: int | None = None) -> Iterator[Element]:
    """Yield a part of pygal's drawing without what the page does not want, and with short numbers."""
    kind, said = str(drawn.tag).rpartition("}")[2], drawn.get("class") or ""
    if kind not in _SHAPES or said in _DROPPED:
        return
    row = next((number for number in (0, 1) if f"serie-{number}" in said.split()), row)
    kept = Element(kind, {place: _short(place, drawn.get(place)) for place in _PLACES if drawn.get(place)})
    kept.text = drawn.text if kind == "text" else None
    if kind == "rect":
        kept.set("class", f"row-{row}")
        if row == 1:
            kept.set("fill", f"url(#hatch-{name})")
    kept.extend(each for child in drawn for each in _kept(child, name, row))
    if kind != "g" or len(kept):
        yield kept


def _short(place: str, value: str | None) -> str:
    """Return a number or the numbers of a path without the digits that nobody sees."""
    if value is None or place not in _NUMBERS:
        return value or ""
    return _DIGITS.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), value)
