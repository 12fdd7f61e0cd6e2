"""The week on one page of paper, for the headteacher: what came, what was done, what was other than usual."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from triage.domain.model import Severity
from triage.domain.report import WEEK, Period, Sight
from triage.domain.report_words import Measure, largest, of_all, sentence
from triage.domain.school import Calendar
from triage.store import report
from triage.web import plots
from triage.web import report_tables as tables
from triage.web.plots import Plot, Row
from triage.web.report_facts import IN_HOURS, LATE, Facts, read_facts
from triage.web.report_tables import Cell, Table

RAISED = {
    Severity.IMMEDIATE: ("flag was for someone at once", "flags were for someone at once"),
    Severity.HIGH: ("flag was for the same day", "flags were for the same day"),
    Severity.REVIEW: ("flag was for review", "flags were for review"),
}


@dataclass(frozen=True, slots=True)
class WeekReport:
    """What the page says. ``compared`` are the weeks that make what is usual."""

    monday: date
    compared: tuple[date, ...]
    sentences: tuple[str, ...]
    changes: tuple[str, ...]
    table: Table
    plot: Plot | None


@dataclass(frozen=True, slots=True)
class _Weeks:
    """Counts of a stretch of weeks, of which one is told and some are compared with."""

    facts: Facts
    deadlines: tuple[tuple[int, int], ...]
    now: int
    before: tuple[int, ...]

    def measure(self, one: str, many: str, counts: Sequence[int]) -> Measure:
        return Measure(one, many, counts[self.now], tuple(counts[week] for week in self.before))

    def sums(self, counts: Iterable[tuple[int, int]]) -> list[int]:
        found = [0] * self.facts.period.weeks
        for week, some in counts:
            found[week] += some
        return found


def read_week(
    conn: Connection, sight: Sight, mondays: Sequence[date], calendar: Calendar, now: datetime
) -> WeekReport:
    """Return the report of the first of some weeks of school, the newest first, against the others.

    Weeks before the first message of all are no usual ones.
    """
    period = Period(mondays[-1], (mondays[0] - mondays[-1]) // WEEK + 1)
    facts = read_facts(conn, sight, period, calendar, now)
    fell = report.deadlines(conn, sight, period.edges(calendar.zone), now)
    messages = facts.by_week()
    begun = next((week for week, some in enumerate(messages) if some), period.weeks)
    places = [(monday - period.first) // WEEK for monday in mondays]
    before = tuple(place for place in places[1:] if place >= begun)
    kept = tuple((fell.get((week, True), 0), fell.get((week, False), 0)) for week in range(period.weeks))
    return _told(_Weeks(facts, kept, places[0], before))


def _told(weeks: _Weeks) -> WeekReport:
    measures = _measures(weeks)
    everything = [*measures.values(), *_by_topic(weeks)]
    mondays = weeks.facts.period.mondays
    return WeekReport(
        monday=mondays[weeks.now],
        compared=tuple(mondays[week] for week in sorted(weeks.before)),
        sentences=tuple(_sentences(weeks, measures)),
        changes=tuple(sentence(each) for each in largest(everything)),
        table=_table(weeks, measures),
        plot=_plot(weeks),
    )


def _measures(weeks: _Weeks) -> dict[str, Measure]:
    facts, measure, sums = weeks.facts, weeks.measure, weeks.sums
    replies = facts.replies.items()
    guided = sums((week, some) for (week, asks), some in replies if asks)
    found = {
        "Messages": measure("message came from people", "messages came from people", facts.by_week()),
        LATE: measure("message came after hours", "messages came after hours", facts.by_week(late=True)),
        "Answered": measure(
            "message was answered at once",
            "messages were answered at once",
            sums((week, some) for (week, _), some in replies),
        ),
        "Guided to the phone": measure(
            "reply asked to ring or to come in", "replies asked to ring or to come in", guided
        ),
    }
    for severity, (one, many) in RAISED.items():
        counts = sums((each.week, each.number) for each in facts.raised if each.severity is severity)
        found[f"Flags, {tables.SEVERITIES[severity].lower()}"] = measure(one, many, counts)
    missed = [late for _, late in weeks.deadlines]
    found["Deadlines missed"] = measure("deadline was missed", "deadlines were missed", missed)
    return found


def _by_topic(weeks: _Weeks) -> Iterable[Measure]:
    counts = weeks.facts.topic_weeks
    for topic in sorted({topic for _, topic in counts}):
        name = tables.about(topic).lower()
        found = [counts.get((week, topic), 0) for week in range(weeks.facts.period.weeks)]
        yield weeks.measure(f"message had the topic {name}", f"messages had the topic {name}", found)


def _sentences(weeks: _Weeks, measures: dict[str, Measure]) -> Iterable[str]:
    messages, late, answered, guided = list(measures.values())[:4]
    flags = weeks.sums((each.week, each.number) for each in weeks.facts.raised)
    yield sentence(messages)
    yield sentence(late, of_all(late.now, messages.now))
    yield sentence(answered)
    yield sentence(guided, of_all(guided.now, answered.now))
    yield sentence(weeks.measure("flag was raised for somebody", "flags were raised for somebody", flags))
    yield deadlines_said(*weeks.deadlines[weeks.now])


def deadlines_said(kept: int, missed: int) -> str:
    """Return how many deadlines of flags fell in a week, and how many were kept."""
    fell = kept + missed
    if not fell:
        return "No deadline of a flag fell in this week."
    if fell == 1:
        return f"The one deadline that fell in this week was {'missed' if missed else 'kept'}."
    if not missed:
        return f"All {fell} deadlines that fell in this week were kept."
    return f"{fell} deadlines fell in this week: {kept} kept, {missed} missed."


def _table(weeks: _Weeks, measures: dict[str, Measure]) -> Table:
    head = ("What", "This week", "Usual", "Change") if weeks.before else ("What", "This week")
    rows = [(tables.text(name), *_compared(each)) for name, each in measures.items()]
    return Table("week", "The numbers", head, tuple(rows))


def _compared(measure: Measure) -> tuple[Cell, ...]:
    if measure.usual is None:
        return (tables.number(measure.now),)
    change = Cell(f"{measure.change:+d}" if measure.change else "0", measure.change)
    return tables.number(measure.now), tables.number(measure.usual), change


def _plot(weeks: _Weeks) -> Plot | None:
    shown = [*sorted(weeks.before), weeks.now]
    facts, mondays = weeks.facts, weeks.facts.period.mondays
    rows = [
        Row(name, [facts.by_week(late=late)[week] for week in shown])
        for name, late in ((IN_HOURS, False), (LATE, True))
    ]
    labels = [f"{mondays[week].day} {mondays[week]:%b}" for week in shown]
    says = "Messages of this week and of those with which it is compared, in and out of school hours."
    return plots.columns("week", says, labels, rows)
