"""The figures of a rehearsal as tiles, plots and tables: for the page, and for a report in a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.domain.phone_calls import Line, clock_of
from triage.domain.rehearsal import NOTHING, SENT, Calls, Figures
from triage.domain.report import share
from triage.domain.school import School
from triage.domain.switched import listed
from triage.web import plots
from triage.web.heat import DAYS, week_map
from triage.web.plots import Plot, Row
from triage.web.report_tables import Cell, Table, about, day, number, of_year, percent, text

MOST_TOPICS = 12
LINES = {
    Line.OFFICE: "The office",
    Line.ABSENCE: "The absence line",
    Line.EMERGENCY: "The emergency line",
}
SENDERS = {"automatic": "machine", "bulk": "newsletter", "other": "somebody else"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A rehearsal as it is shown: in a few numbers, in sentences, in plots and in tables by their names."""

    figures: Figures
    span: str
    tiles: tuple[tuple[str, str], ...]
    verdict: str
    within: bool
    plots: Mapping[str, Plot]
    tables: Mapping[str, Table]


def shown(figures: Figures, school: School) -> Shown:
    """Return what is shown of figures; the school gives its lines and its hours."""
    drawn = {
        "topics": _topics(figures),
        "hours": _hours(figures, school),
        "parts": _parts(figures),
        "years": _years(figures),
        **{line.value: _line(figures, line) for line in Line},
    }
    tables = {
        "topics": _counted("topics", "Topics", "Messages", figures.topics, figures.messages),
        "hours": _by_hour(figures),
        "parts": _counted("parts", "What replies would say", "Replies", figures.parts),
        "replies": _counted("replies", "What becomes of messages", "Messages", _replies(figures)),
        "senders": _counted("senders", "Who wrote", "Messages", _senders(figures), figures.messages),
        "flags": _flags(figures),
        "years": _by_year(figures),
        "calls": _by_slot(figures),
    }
    verdict, within = _verdict(figures)
    return Shown(
        figures,
        _span(figures),
        _tiles(figures),
        verdict,
        within,
        {name: plot for name, plot in drawn.items() if plot is not None},
        tables,
    )


def a_day(figures: Figures, counted: int) -> str:
    """Say how many that is a school day."""
    return f"{figures.a_day(counted):.1f}".removesuffix(".0")


def _span(figures: Figures) -> str:
    if figures.first is None or figures.last is None:
        return "no message has a time of arrival"
    days = "1 school day" if figures.days == 1 else f"{figures.days} school days"
    return f"{day(figures.first)} to {day(figures.last)}, {days}"


def _tiles(figures: Figures) -> tuple[tuple[str, str], ...]:
    late = share(figures.out_of_hours, figures.dated)
    return (
        ("Messages read", f"{figures.messages:,}"),
        ("came out of hours", "none" if late is None else f"{late:.0%}"),
        ("would be answered", f"{figures.replies.get(SENT, 0):,}"),
        ("flags a school day", a_day(figures, sum(count for _, _, count in figures.flags))),
        ("calls a school day", a_day(figures, sum(call.number for call in figures.calls))),
    )


def _verdict(figures: Figures) -> tuple[str, bool]:
    """Say whether heads of year can see to their flags, and whether they can."""
    over = figures.over_budget()
    if over:
        years = listed([str(one.year) for one in over])
        return (
            f"More flags than a head of year has time for, in year{'s' if len(over) > 1 else ''} {years}.",
            False,
        )
    if not figures.days:
        return "There is no school day in this time, so nothing can be said of flags a day.", False
    return "On an average school day every head of year has fewer flags than there is time for.", True


def _topics(figures: Figures) -> Plot | None:
    top = list(figures.topics.items())[:MOST_TOPICS]
    says = f"Messages by topic{'; the table has every topic' if len(figures.topics) > MOST_TOPICS else ''}."
    return _bars("topics", says, "Messages", top)


def _parts(figures: Figures) -> Plot | None:
    says = "What the replies would say; one reply can say several things."
    return _bars("parts", says, "Replies", list(figures.parts.items()))


def _bars(name: str, says: str, what: str, rows: Sequence[tuple[str, int]]) -> Plot | None:
    numbers = [count for _, count in rows]
    return plots.bars(name, says, [about(label) for label, _ in rows], [Row(what, numbers)])


def _hours(figures: Figures, school: School) -> Plot | None:
    if not figures.out_of_hours:
        return None
    part = share(figures.out_of_hours, figures.dated) or 0
    says = (
        f"Messages that came while the school was closed, by weekday and hour: {figures.out_of_hours:,}, "
        f"{part:.0%} of all. Hours that are usually open are outlined."
    )
    return week_map("hours", says, figures.late, school.calendar)


def _years(figures: Figures) -> Plot | None:
    known = [one for one in figures.years if one.year is not None]
    rows = [
        Row("Flags a school day", [round(figures.a_day(one.flags), 1) for one in known]),
        Row("What there is time for", [round(one.budget, 1) for one in known]),
    ]
    says = "Flags for each head of year on an average school day, beside what there is time for."
    return plots.bars("years", says, [of_year(one.year) for one in known], rows)


def _line(figures: Figures, line: Line) -> Plot | None:
    """Return the calls on a line through the day, every half-hour from the first to the last."""
    found = {call.slot: call for call in figures.calls if call.line is line}
    if not found:
        return None
    slots = range(min(found), max(found) + 1)
    numbers = [round(figures.a_day(found[slot].number), 2) if slot in found else 0 for slot in slots]
    whole = sum(call.number for call in found.values())
    says = f"{LINES[line]}: {a_day(figures, whole)} calls on an average school day, by the half-hour."
    return plots.columns(line.value, says, [clock_of(slot) for slot in slots], [Row("Calls", numbers)])


def _replies(figures: Figures) -> dict[str, int]:
    """Return what becomes of messages in three: what withholds a reply is many small reasons."""
    sent, nothing = figures.replies.get(SENT, 0), figures.replies.get(NOTHING, 0)
    held = sum(figures.replies.values()) - sent - nothing
    return {"would be answered": sent, "nothing to say": nothing, "not to be answered by a machine": held}


def _senders(figures: Figures) -> dict[str, int]:
    return {SENDERS.get(kind, kind): count for kind, count in figures.senders.items()}


def _counted(name: str, title: str, what: str, counted: Mapping[str, int], whole: int | None = None) -> Table:
    rows = [
        (text(about(each)), number(count), *([] if whole is None else [percent(share(count, whole))]))
        for each, count in counted.items()
    ]
    head = ("", what) if whole is None else ("", what, "of all")
    return Table(name, title, head, tuple(rows))


def _flags(figures: Figures) -> Table:
    rows = tuple(
        (text(about(route)), text(about(severity)), number(count), Cell(a_day(figures, count), count))
        for route, severity, count in figures.flags
    )
    return Table("flags", "Flags", ("For", "How soon", "Flags", "a school day"), rows)


def _by_year(figures: Figures) -> Table:
    rows = tuple(
        (
            text(of_year(one.year)),
            text("not known") if one.pupils is None else number(one.pupils),
            number(one.flags),
            Cell(a_day(figures, one.flags), figures.a_day(one.flags)),
            text("-") if one.year is None else number(round(one.budget, 1)),
            number(one.busiest),
            text("-") if one.year is None else number(one.over),
        )
        for one in figures.years
    )
    head = ("", "Pupils", "Flags", "a school day", "time for", "busiest day", "days over")
    notes = ("What is of no known year goes to every head of year.",) if _is_any_unknown(figures) else ()
    return Table("years", "Flags for heads of year", head, rows, notes)


def _is_any_unknown(figures: Figures) -> bool:
    return any(one.year is None for one in figures.years)


def _by_hour(figures: Figures) -> Table:
    rows = tuple(
        (text(f"{hour:02}:00"), *(number(figures.late[of][hour]) for of in range(7)))
        for hour in range(24)
        if any(figures.late[of][hour] for of in range(7))
    )
    return Table("hours", "Out of hours, by weekday and hour", ("", *DAYS), rows)


def _by_slot(figures: Figures) -> Table:
    def row(call: Calls) -> tuple[Cell, ...]:
        each = Cell(a_day(figures, call.number), figures.a_day(call.number))
        return (
            text(f"{LINES[call.line]}, {clock_of(call.slot)}"),
            number(call.number),
            each,
            number(call.busiest),
        )

    head = ("Line, from", "Calls in all", "a school day", "busiest day")
    return Table("calls", "Calls by line and half-hour", head, tuple(map(row, figures.calls)))
