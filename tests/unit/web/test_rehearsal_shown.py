"""A rehearsal as it is shown: the map of the week, the verdict, and a report with nothing in it."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from tests.factories import IN_SCHOOL_HOURS, a_calendar, a_school
from tests.web.rehearsed import some_figures
from triage.domain.rehearsal import YearFlags
from triage.domain.tally import Tally
from triage.offline.rehearsal_report import report
from triage.web.heat import CELL, HEAD, HIGH, SIDE, week_map
from triage.web.plots import Plot
from triage.web.rehearsal_shown import shown

CALENDAR = a_calendar()
EMPTY = tuple(tuple(0 for _ in range(24)) for _ in range(7))


def counted(*at: tuple[int, int, int]) -> tuple[tuple[int, ...], ...]:
    """Numbers by weekday and hour, nothing elsewhere."""
    grid = [list(hours) for hours in EMPTY]
    for day, hour, number in at:
        grid[day][hour] = number
    return tuple(map(tuple, grid))


def a_map(*at: tuple[int, int, int]) -> Plot:
    return week_map("hours", "By hour.", counted(*at), CALENDAR)


def kind(svg: str, day: int, hour: int) -> str | None:
    """How an hour is marked on the map for a desk, None where nothing is drawn."""
    corner = f"M{SIDE + hour * CELL + 1} {HEAD + day * HIGH + 1}h"
    found = [one.get("class") for one in ET.fromstring(svg).findall("path") if corner in one.get("d")]
    return found[0].removeprefix("h-") if found else None


class TestWeekMap:
    def test_it_is_drawn_for_a_desk_and_for_a_telephone(self):
        drawn = a_map((0, 21, 3))
        for svg in (drawn.svg, drawn.narrow):
            assert svg.count("z") == 5 * 9 + 1

    def test_the_darker_the_more_and_each_number_stands_in_its_place(self):
        drawn = a_map((0, 21, 10), (6, 9, 1), (2, 22, 5))
        assert [kind(drawn.svg, *at) for at in ((0, 21), (6, 9), (2, 22))] == ["5", "1", "3"]
        assert [number for number in re.findall(r">(\d+)<", drawn.svg) if len(number) == 1] == ["5", "1"]

    def test_the_schools_hours_are_marked_and_its_weekend_is_not(self):
        drawn = a_map((0, 21, 1))
        assert [kind(drawn.svg, *at) for at in ((0, 8), (0, 16), (0, 17), (5, 9))] == [
            "open",
            "open",
            None,
            None,
        ]

    def test_nobody_has_to_see_it(self):
        assert 'role="img" aria-label="By hour."' in a_map((0, 21, 1)).svg


class TestVerdict:
    def test_it_names_the_years_that_are_over_their_budget(self):
        over = (YearFlags(7, 200, 90, 20, 5), YearFlags(8, 200, 1, 1, 0), YearFlags(9, 50, 60, 9, 5))
        told = shown(replace(some_figures(), years=over), a_school())
        assert told.verdict == "More flags than a head of year has time for, in years 7 and 9."
        assert not told.within

    def test_without_a_school_day_nothing_is_promised(self):
        assert not shown(Tally(CALENDAR).figures(), a_school()).within


@pytest.mark.parametrize("messages", [0, 1, 60])
def test_a_report_is_a_page_however_little_there_is(messages):
    html = report(some_figures(messages), a_school(), IN_SCHOOL_HOURS, "Nobody was known.", {17: "number 4"})
    assert html.lstrip().startswith("<!doctype html>")
    assert html.rstrip().endswith("</html>")
    assert "Undefined" not in html


def test_what_stands_in_a_report_is_escaped():
    school = a_school(name="Oak & <Field>")
    assert "Oak &amp; &lt;Field&gt;" in report(some_figures(), school, IN_SCHOOL_HOURS, "", {})
