"""The style sheet: enough contrast in the light and in the dark, and nothing from elsewhere.

The ratio is that of WCAG 2.2: 4.5 for text (1.4.3), 3 for the edge of a control and the focus (1.4.11).
"""

import re
from pathlib import Path

import pytest

import triage.web

CSS = (Path(triage.web.__file__).parent / "static" / "review.css").read_text(encoding="utf-8")
LIGHT, DARK = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", part)) for part in CSS.split("@media")[:2])
TEXT = [
    *(
        (name, behind)
        for name in ("ink", "soft", "accent", "immediate", "high", "review")
        for behind in ("paper", "card")
    ),
    ("ink", "mark"),
    ("on-accent", "accent"),
]
EDGES = [("edge", "paper"), ("edge", "card"), ("accent", "paper"), ("accent", "card"), ("mark-edge", "card")]


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "behind"), TEXT)
def test_text_stands_out_from_what_is_behind_it(colours, front, behind):
    assert contrast(colours[front], colours[behind]) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "behind"), EDGES)
def test_edges_of_controls_and_marks_stand_out(colours, front, behind):
    assert contrast(colours[front], colours[behind]) >= 3


def test_both_schemes_name_the_same_colours():
    assert LIGHT.keys() == DARK.keys()


def test_the_style_sheet_loads_nothing():
    assert not re.search(r"url\(|@import", CSS)
