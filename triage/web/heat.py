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
LABELLED = 3
"""So many hours apart are the labels."""

Grid = Sequence[Sequence[int]]


def week_map(name: str, says: str, counted: Grid, calendar: Calendar) -> Plot:
    """Return the map of numbers by weekday (0 for Monday) and hour; the hours of the school are marked."""
    most = max(max(hours) for hours in counted)
    open_ = frozenset((day, hour) for day in range(7) for hour in range(HOURS) if _opens(calendar, day, hour))
    cells = [
        (day, hour, counted[day][hour], _kind(counted[day][hour], most, is_open=(day, hour) in open_))
        for day in range(7)
        for hour in range(HOURS)
    ]
    wide = _svg(SIDE + HOURS * CELL + 4, HEAD + 7 * HIGH + 4, says)
    narrow = _svg(SIDE + 7 * WIDE_COLUMN + 4, HEAD + HOURS * HIGH + 4, says)
    for day, hour, number, kind in cells:
        _cell(wide, (SIDE + hour * CELL, HEAD + day * HIGH), CELL, number, kind)
        _cell(narrow, (SIDE + day * WIDE_COLUMN, HEAD + hour * HIGH), WIDE_COLUMN, number, kind)
    _labels(wide, narrow)
    return Plot(name, says, (), _markup(wide), _markup(narrow))


def _opens(calendar: Calendar, day: int, hour: int) -> bool:
    """Tell whether the school is open for some of an hour of an ordinary week."""
    spans = calendar.week.get(day, ())
    return any(span.start.hour <= hour and (hour, 0) < (span.end.hour, span.end.minute) for span in spans)


def _kind(number: int, most: int, *, is_open: bool) -> str:
    if number:
        return f"heat-{max(1, -(-number * SHADES // most))}"
    return f"heat-{OPEN}" if is_open else "heat-0"


def _svg(width: int, height: int, says: str) -> Element:
    box = f"0 0 {width} {height}"
    return Element("svg", {"viewBox": box, "role": "img", "aria-label": says, "class": "drawing heat"})


def _cell(svg: Element, at: tuple[int, int], width: int, number: int, kind: str) -> None:
    x, y = at
    size = {"width": str(width - 2), "height": str(HIGH - 2), "rx": "3"}
    SubElement(svg, "rect", {"x": str(x + 1), "y": str(y + 1), "class": kind, **size})
    if number:
        middle = {"x": f"{x + width / 2:g}", "y": f"{y + HIGH / 2 + 4:g}"}
        SubElement(svg, "text", {**middle, "class": f"{kind}-text"}).text = str(number)


def _labels(wide: Element, narrow: Element) -> None:
    for day, name in enumerate(DAYS):
        _label(wide, SIDE - 8, HEAD + day * HIGH + HIGH // 2 + 4, name, end=True)
        _label(narrow, SIDE + day * WIDE_COLUMN + WIDE_COLUMN // 2, HEAD - 8, name[:2])
    for hour in range(0, HOURS, LABELLED):
        _label(wide, SIDE + hour * CELL + CELL // 2, HEAD - 8, f"{hour:02}")
    for hour in range(HOURS):
        _label(narrow, SIDE - 8, HEAD + hour * HIGH + HIGH // 2 + 4, f"{hour:02}", end=True)


def _label(svg: Element, x: int, y: int, words: str, *, end: bool = False) -> None:
    SubElement(svg, "text", {"x": str(x), "y": str(y), "class": "heat-side" if end else ""}).text = words


def _markup(svg: Element) -> Markup:
    # ElementTree has escaped all text.
    return Markup(tostring(svg, "unicode"))  # noqa: S704
