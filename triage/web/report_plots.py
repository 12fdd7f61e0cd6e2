"""The plots of a report, made of its facts and its tables."""

from collections.abc import Mapping, Sequence

from triage.domain.report import share
from triage.web import plots
from triage.web import report_tables as tables
from triage.web.plots import Plot, Row
from triage.web.report_facts import FLAGS, IN_HOURS, LATE, MESSAGES, Facts, by_hour
from triage.web.report_tables import Cell, Table

MOST_TOPICS = 12
"""So many topics are plotted; the table has them all."""


def drawn(facts: Facts, made: Mapping[str, Table | None]) -> Mapping[str, Plot]:
    """Return the plots of a report by the name of the table with the same numbers."""
    found: dict[str, Plot | None] = {"weeks": plot_weeks(facts), "hours": plot_hours(facts)}
    for name, says in RATES.items():
        table = made[name]
        if table is not None and any(_is_plotted(row) for row in table.rows):
            found[name] = plot_rates(table, says)
    return {name: plot for name, plot in found.items() if plot is not None}


RATES = {
    "topics": "Messages and flags a week by topic; the table has every topic.",
    "years": "Messages and flags a week by year.",
}


def plot_weeks(facts: Facts) -> Plot | None:
    """Return the messages of each week, in and out of hours."""
    late = facts.by_week(late=True)
    rows = [Row(IN_HOURS, facts.by_week(late=False)), Row(LATE, late)]
    part = share(sum(late), facts.messages)
    says = f"Messages each week: {facts.messages:,} in all, {part or 0:.0%} of them out of hours."
    return plots.columns("weeks", says, [f"{day.day} {day:%b}" for day in facts.period.mondays], rows)


def plot_hours(facts: Facts) -> Plot | None:
    """Return when in the day messages came, on days of school and on others."""
    school, other = by_hour(facts)
    both = [one + another for one, another in zip(school, other, strict=True)]
    most = max(range(len(both)), key=both.__getitem__)
    says = f"Messages by the hour of the day. Most come from {most}:00 to {most + 1}:00."
    rows = [Row("On school days", school), Row("On weekends, holidays and days off", other)]
    return plots.columns("hours", says, [f"{hour:02}" for hour in range(len(both))], rows)


def plot_rates(table: Table, says: str) -> Plot | None:
    """Return the rows of a table of rates as bars: messages and flags a week. What is hidden has no bar."""
    shown = [row for row in table.rows if _is_plotted(row)]
    rows = shown[:MOST_TOPICS]
    values = [
        Row(f"{name} a week", [float(row[place].plain) for row in rows])
        for name, place in ((MESSAGES, 2), (FLAGS, 4))
    ]
    return plots.bars(table.name, says, [row[0].shown for row in rows], values)


def _is_plotted(row: Sequence[Cell]) -> bool:
    """Tell whether a row has a bar: what is about no topic would make all others small."""
    told_whole = all(isinstance(cell.plain, int | float) for cell in row[1:])
    return told_whole and row[0].shown != tables.about("")
