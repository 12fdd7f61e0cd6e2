"""One report: what the store has counted for a viewer over some weeks, and the tables made of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from triage.domain.report import (
    Count,
    Evenings,
    Kept,
    Period,
    Sight,
    Wait,
    hours_of_day,
    times,
    told,
)
from triage.domain.school import Calendar
from triage.store import report
from triage.store.report import Arrived, Raised
from triage.store.report_waits import waits
from triage.web import report_tables as tables
from triage.web.report_tables import Table

Key = TypeVar("Key")

WEEKS_SHOWN = 8
"""Week by week a table of topics is shown up to so many; beyond it is a file for a spreadsheet."""

IN_HOURS, LATE = "In school hours", "Out of hours"
MESSAGES, FLAGS = "Messages", "Flags"
APART = (
    "What is closely kept is counted in the last two rows, and in no other. A flag can come of automatic "
    "mail too, which is not counted as a message."
)
FEWER = (
    "Where a year has fewer than 5 of what is closely kept, the number is not told; nor is another one where "
    "it could be worked out."
)
NOT_BY_YEAR = "What is closely kept from you is in no number by year."


@dataclass(frozen=True, slots=True)
class Facts:
    """What was counted. ``year_weeks`` and what else is by year leave out what is kept from the viewer."""

    sight: Sight
    period: Period
    calendar: Calendar
    arrived: Sequence[Arrived]
    machines: int
    topic_weeks: Mapping[tuple[int, str], int]
    year_weeks: Mapping[tuple[int, int | None], int]
    kept: Mapping[Kept, int]
    raised: Sequence[Raised]
    replies: Mapping[tuple[int, bool], int]
    waits: Sequence[Wait]
    closed: Mapping[str, int]
    corrected: Mapping[tuple[str, str], int]
    staff: Evenings | None

    @property
    def messages(self) -> int:
        """All messages of people."""
        return sum(each.number for each in self.arrived)

    @property
    def late(self) -> int:
        """Those of them that came out of hours."""
        return sum(each.number for each in self.arrived if each.late)

    @property
    def answered(self) -> int:
        """The replies that went out."""
        return sum(self.replies.values())

    @property
    def guided(self) -> int:
        """Those of them that ask to ring or to come."""
        return sum(some for (_, guided), some in self.replies.items() if guided)

    @property
    def counted(self) -> Sequence[Raised]:
        """The flags of all sums: for who sees some years only without what is closely kept from them."""
        return [each for each in self.raised if self.sight.whole or not self.is_unseen(each)]

    @property
    def open_by_year(self) -> Sequence[Raised]:
        """The flags that may be counted by year."""
        return [each for each in self.raised if not self.is_unseen(each)]

    def is_unseen(self, flag: Raised) -> bool:
        """Tell whether flags are closely kept from the viewer."""
        return flag.is_kept and Kept(flag.about) in self.sight.unseen

    def by_week(self, late: bool | None = None) -> list[int]:
        """Return the messages of each week, all or those in and out of hours."""
        counts = [0] * self.period.weeks
        edges = self.period.edges(self.calendar.zone)
        week = 0
        for each in sorted(self.arrived, key=lambda one: one.quarter):
            while each.quarter >= edges[week + 1]:
                week += 1
            counts[week] += each.number if late in {None, each.late} else 0
        return counts


def read_facts(conn: Connection, sight: Sight, period: Period, calendar: Calendar, now: datetime) -> Facts:
    """Count what a report needs."""
    edges = period.edges(calendar.zone)
    return Facts(
        sight=sight,
        period=period,
        calendar=calendar,
        arrived=report.arrived(conn, sight, edges),
        machines=report.machines(conn, sight, edges) if sight.whole else 0,
        topic_weeks=report.topic_weeks(conn, sight, edges),
        year_weeks=report.year_weeks(conn, sight, edges),
        kept=report.kept_messages(conn, sight, edges),
        raised=report.raised(conn, sight, edges),
        replies=report.replies(conn, sight, edges),
        waits=waits(conn, sight, edges, now),
        closed=report.closed(conn, sight, edges),
        corrected=report.corrected(conn, sight, edges),
        staff=report.staff_mail(conn, edges) if sight.whole else None,
    )


def weeks(facts: Facts) -> Table:
    """Return what came and went each week."""
    spread = {
        MESSAGES: facts.by_week(),
        LATE: facts.by_week(late=True),
        "Answered": _weekly(facts, ((week, some) for (week, _), some in facts.replies.items())),
        "Guided to the phone": _weekly(
            facts, ((week, some) for (week, guided), some in facts.replies.items() if guided)
        ),
        FLAGS: _weekly(facts, ((each.week, each.number) for each in facts.counted)),
    }
    return tables.weekly("weeks", "Each week", facts.period.mondays, spread, LATE)


def hours(facts: Facts) -> Table:
    """Return when in the day messages came."""
    return tables.hourly(*by_hour(facts))


def topics(facts: Facts) -> Table:
    """Return messages and flags of each topic; closely kept ones last."""
    messages = _sums((topic, some) for (_, topic), some in facts.topic_weeks.items())
    messages[""] = sum(each.number for each in facts.arrived if each.plain and each.kept is None)
    flags = _sums((each.about, each.number) for each in facts.raised)
    plain = {*messages, *flags} - set(Kept)
    rows: list[tuple[str, Count, Count]] = [
        (tables.about(topic), messages[topic], flags[topic])
        for topic in sorted(plain, key=lambda topic: (topic == "", -messages[topic], -flags[topic], topic))
    ]
    rows += [_closely(facts, kept, flags[kept]) for kept in Kept]
    return tables.rates("topics", "Topic", rows, facts.period.weeks, (APART,))


def years(facts: Facts) -> Table:
    """Return messages and flags of each year."""
    messages = _sums((year, some) for (_, year), some in facts.year_weeks.items())
    flags = _sums((each.year, each.number) for each in facts.open_by_year)
    rows = [(tables.of_year(year), messages[year], flags[year]) for year in _in_order({*messages, *flags})]
    notes = (NOT_BY_YEAR,) if facts.sight.unseen else ()
    return tables.rates("years", "Year", rows, facts.period.weeks, notes)


def topic_years(facts: Facts) -> Table:
    """Return the flags of each topic in each year; small numbers of what is closely kept are hidden."""
    known = _in_order({each.year for each in facts.raised})
    counts = _sums(((each.about, each.year), each.number) for each in facts.raised)
    every = {each.about for each in facts.raised}
    plain = sorted(every - set(Kept))
    rows: list[tuple[str, Sequence[Count]]] = [
        (tables.about(topic), [counts[topic, year] for year in known]) for topic in plain
    ]
    # Of what is closely kept there is always a row: that there is none would tell too.
    rows += [
        (tables.about(kept), _told(facts, kept, [counts[kept.value, year] for year in known]))
        for kept in Kept
    ]
    head = ("Topic", *(tables.of_year(year) for year in known))
    notes = (FEWER,) if facts.sight.unseen else ()
    return tables.grid("topics-years", "Flags by topic and year", head, rows if known else (), notes)


def topic_weeks(facts: Facts) -> Table:
    """Return the messages of each topic week by week."""
    found = sorted({topic for _, topic in facts.topic_weeks})
    return _week_by_week(
        facts,
        "topics-weeks",
        "Messages by topic, week by week",
        [
            (
                tables.about(topic),
                [facts.topic_weeks.get((week, topic), 0) for week in range(facts.period.weeks)],
            )
            for topic in found
        ],
    )


def flag_weeks(facts: Facts) -> Table:
    """Return the flags of each topic week by week, without what is closely kept from the viewer."""
    counts = _sums(((each.about, each.week), each.number) for each in facts.open_by_year)
    return _week_by_week(
        facts,
        "flags-weeks",
        "Flags by topic, week by week",
        [
            (tables.about(topic), [counts[topic, week] for week in range(facts.period.weeks)])
            for topic in sorted({topic for topic, _ in counts})
        ],
    )


def year_weeks(facts: Facts) -> Table:
    """Return the messages of each year week by week."""
    found = _in_order({year for _, year in facts.year_weeks})
    return _week_by_week(
        facts,
        "years-weeks",
        "Messages by year, week by week",
        [
            (
                tables.of_year(year),
                [facts.year_weeks.get((week, year), 0) for week in range(facts.period.weeks)],
            )
            for year in found
        ],
    )


def waiting(facts: Facts) -> Table:
    """Return how long flags waited, by how soon they must be looked at."""
    groups = [
        (name, times(each for each in facts.waits if each.severity is severity))
        for severity, name in tables.SEVERITIES.items()
    ]
    return tables.waiting([*groups, ("All", times(facts.waits))])


def corrections(facts: Facts) -> Table:
    """Return how often people disagreed with the classifier."""
    return tables.disagreed(facts.closed, facts.corrected)


def staff(facts: Facts) -> Table | None:
    """Return the staff's mail out of hours, None where too few mailboxes count."""
    return None if facts.staff is None else tables.staff(facts.staff, facts.period.weeks)


TABLES: Mapping[str, Callable[[Facts], Table | None]] = {
    "weeks": weeks,
    "hours": hours,
    "topics": topics,
    "years": years,
    "topics-years": topic_years,
    "topics-weeks": topic_weeks,
    "flags-weeks": flag_weeks,
    "years-weeks": year_weeks,
    "times": waiting,
    "corrections": corrections,
    "staff": staff,
}
"""Every table by its name in an address."""


def _week_by_week(facts: Facts, name: str, title: str, rows: Sequence[tuple[str, Sequence[Count]]]) -> Table:
    head = ("Week from", *(tables.day(monday) for monday in facts.period.mondays))
    return tables.grid(name, title, head, rows)


def _closely(facts: Facts, kept: Kept, flags: int) -> tuple[str, Count, Count]:
    messages = facts.kept.get(kept, 0)
    if facts.sight.whole or kept not in facts.sight.unseen:
        return tables.about(kept), messages, flags
    (few_messages,), (few_flags,) = told([messages]), told([flags])
    return tables.about(kept), few_messages, few_flags


def _told(facts: Facts, kept: Kept, counts: Sequence[int]) -> Sequence[Count]:
    return told(counts, sum_known=True) if kept in facts.sight.unseen else counts


def by_hour(facts: Facts) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the messages of each hour, on days of school and on all others."""
    moments: Counter[datetime] = Counter()
    for each in facts.arrived:
        moments[each.quarter] += each.number
    return hours_of_day(moments, facts.calendar)


def _weekly(facts: Facts, counts: Iterable[tuple[int, int]]) -> list[int]:
    sums = _sums(counts)
    return [sums[week] for week in range(facts.period.weeks)]


def _sums(counts: Iterable[tuple[Key, int]]) -> Counter[Key]:
    sums: Counter[Key] = Counter()
    for key, some in counts:
        sums[key] += some
    return sums


def _in_order(years_: Iterable[int | None]) -> list[int | None]:
    return sorted(years_, key=lambda year: (year is None, year or 0))
