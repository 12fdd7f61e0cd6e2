"""A week as a map: weekdays by hours, the darker the more, each number written into its place.

For a desk the hours go from left to right, for a telephone from top to bottom. The plot is its own table:
who does not see colours reads the numbers, and a table with the same stands beside it.
"""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

from triage.domain.school import Calendar
from triage.web.plots import Plot

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS = 24
SHADES = 5
CELL = 26
HIGH = 30
HEAD = 24
SIDE = 46
WIDE_COLUMN = 36
OPEN = "open"
DARK = frozenset({"h-4", "h-5"})
LABELLED = 3
"""So many hours apart are the labels."""

Grid = Sequence[Sequence[int]]


def week_map(name: str, says: str, counted: Grid, calendar: Calendar) -> Plot:
    """Return the map of numbers by weekday (0 for Monday) and hour; the hours of the school are marked."""
    most = max(max(hours) for hours in counted)
    wide = _svg(SIDE + HOURS * CELL + 4, HEAD + 7 * HIGH + 4, says)
    narrow = _svg(SIDE + 7 * WIDE_COLUMN + 4, HEAD + HOURS * HIGH + 4, says)
    hours = [
        (day, hour, counted[day][hour], kind)
        for day in range(7)
        for hour in range(HOURS)
        if (kind := _kind(counted[day][hour], most, is_open=_opens(calendar, day, hour))) is not None
    ]
    _draw(wide, CELL, [((hour, day), number, kind) for day, hour, number, kind in hours])
    _draw(narrow, WIDE_COLUMN, [((day, hour), number, kind) for day, hour, number, kind in hours])
    _labels(wide, narrow)
    return Plot(name, says, (), _markup(wide), _markup(narrow))


def _opens(calendar: Calendar, day: int, hour: int) -> bool:
    """Tell whether the school is open for some of an hour of an ordinary week."""
    spans = calendar.week.get(day, ())
    return any(span.start.hour <= hour and (hour, 0) < (span.end.hour, span.end.minute) for span in spans)


def _kind(number: int, most: int, *, is_open: bool) -> str | None:
    """Return how an hour is marked: by one of five shades, as an hour of the school, or not at all."""
    if number:
        return f"h-{max(1, -(-number * SHADES // most))}"
    return f"h-{OPEN}" if is_open else None


def _svg(width: int, height: int, says: str) -> Element:
    box = f"0 0 {width} {height}"
    return Element("svg", {"viewBox": box, "role": "img", "aria-label": says, "class": "drawing heat"})


def _draw(svg: Element, width: int, cells: Sequence[tuple[tuple[int, int], int, str]]) -> None:
    """Draw hours by their column and row: all of one kind are one path, so that a full week stays light."""
    by_kind: dict[str, list[str]] = {}
    for (column, row), _, kind in cells:
        corner = f"M{SIDE + column * width + 1} {HEAD + row * HIGH + 1}"
        by_kind.setdefault(kind, []).append(f"{corner}h{width - 2}v{HIGH - 2}h{2 - width}z")
    for kind, drawn in sorted(by_kind.items()):
        SubElement(svg, "path", {"class": kind, "d": "".join(drawn)})
    for (column, row), number, kind in cells:
        if number:
            x, y = SIDE + column * width + width // 2, HEAD + row * HIGH + HIGH // 2 + 4
            SubElement(svg, "text", {"x": str(x), "y": str(y)} | _lit(kind)).text = str(number)


def _lit(kind: str) -> dict[str, str]:
    return {"class": "lit"} if kind in DARK else {}


def _labels(wide: Element, narrow: Element) -> None:
    for day, name in enumerate(DAYS):
        _label(wide, SIDE - 8, HEAD + day * HIGH + HIGH // 2 + 4, name, end=True)
        _label(narrow, SIDE + day * WIDE_COLUMN + WIDE_COLUMN // 2, HEAD - 8, name[:2])
    for hour in range(0, HOURS, LABELLED):
        _label(wide, SIDE + hour * CELL + CELL // 2, HEAD - 8, f"{hour:02}")
    for hour in range(HOURS):
        _label(narrow, SIDE - 8, HEAD + hour * HIGH + HIGH // 2 + 4, f"{hour:02}", end=True)


def _label(svg: Element, x: int, y: int, words: str, *, end: bool = False) -> None:
    SubElement(svg, "text", {"x": str(x), "y": str(y)} | ({"class": "side"} if end else {})).text = words


def _markup(svg: Element) -> Markup:
    # ElementTree has escaped all text.
    return Markup(tostring(svg, "unicode"))  # noqa: S704
