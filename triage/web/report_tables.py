"""The numbers of a report as tables: the same for the page, for a screen reader and for a spreadsheet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from triage.domain.model import Severity
from triage.domain.report import Count, Evenings, Hidden, Times, share

NAMES = {
    "": "No topic",
    "safeguarding": "Safeguarding",
    "allegation": "About staff, or for the headteacher",
}
UNKNOWN = "Year unknown"
MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a table, ``shown`` to people; ``plain`` is what a spreadsheet can reckon with."""

    shown: str
    plain: str | int | float


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of each row names it. ``notes`` say what its numbers leave out.

    ``groups`` are the names above its columns, and what each column is called below them: the head says both
    in one, for a spreadsheet.
    """

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def plain(self) -> tuple[tuple[str | float, ...], ...]:
        """Head and rows as a spreadsheet reckons with them."""
        return (self.head, *(tuple(cell.plain for cell in row) for row in self.rows))


NOTHING = Cell("none", "")
"""A share or a span of nothing; in a spreadsheet an empty cell."""


def text(words: str) -> Cell:
    """Return words as a cell."""
    return Cell(words, words)


def number(count: Count | float) -> Cell:
    """Return a number as a cell, one with a fraction to one place; or what stands for a hidden one."""
    if isinstance(count, Hidden):
        return text(count.value)
    shown = round(count, 1) if isinstance(count, float) else count
    return Cell(f"{shown:,}", shown)


def percent(part: float | None) -> Cell:
    """Return a share as a cell."""
    return NOTHING if part is None else Cell(f"{part:.0%}", f"{part:.0%}")


def duration(seconds: float | None) -> Cell:
    """Return a span of time as a cell; a spreadsheet reads hours and minutes with a colon as a span."""
    if seconds is None:
        return NOTHING
    minutes = round(seconds / MINUTE)
    return Cell(_span(seconds), f"{minutes // 60}:{minutes % 60:02}")


def _span(seconds: float) -> str:
    if seconds < HOUR:
        return f"{max(1, round(seconds / MINUTE))} min"
    if seconds < 2 * DAY:
        hours, minutes = divmod(round(seconds / MINUTE), 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(round(seconds / HOUR), 24)
    return f"{days} days {hours} h" if hours else f"{days} days"


def day(of: date) -> str:
    """Return a day as words that do not need the machine's language."""
    return f"{of.day} {of:%b %Y}"


def about(topic: str) -> str:
    """Return what a topic of a table is called."""
    plain = topic.replace("-", " ")
    return NAMES.get(topic, plain[:1].upper() + plain[1:])


def of_year(year: int | None) -> str:
    """Return what a year of a table is called."""
    return UNKNOWN if year is None else f"Year {year}"


def weekly(
    name: str,
    title: str,
    weeks: Sequence[date],
    columns: Mapping[str, Sequence[int]],
    late: str | None = None,
) -> Table:
    """Return a row for each week and one for all; beside the column ``late`` its share of the first one."""
    first = next(iter(columns.values()))
    lines = [
        (label, [some[place] for some in columns.values()], first[place])
        for place, label in enumerate(map(day, weeks))
    ]
    lines.append(("All weeks", [sum(some) for some in columns.values()], sum(first)))
    names = list(columns)
    rows = tuple((text(label), *_with_share(names, numbers, every, late)) for label, numbers, every in lines)
    head = [each for column in names for each in ([column, "Share"] if column == late else [column])]
    return Table(name, title, ("Week from", *head), rows)


def _with_share(names: Sequence[str], numbers: Sequence[int], every: int, late: str | None) -> Iterable[Cell]:
    for column, count in zip(names, numbers, strict=True):
        yield number(count)
        if column == late:
            yield percent(share(count, every))


def hourly(school: Sequence[int], other: Sequence[int]) -> Table:
    """Return a row for each hour of the day."""
    rows = tuple(
        (text(f"{hour:02}:00"), number(school[hour]), number(other[hour])) for hour in range(len(school))
    )
    head = ("Hour from", "On school days", "On other days")
    return Table("hours", "Messages by the hour of the day", head, rows)


def rates(
    name: str, what: str, rows: Iterable[tuple[str, Count, Count]], weeks: int, notes: tuple[str, ...] = ()
) -> Table:
    """Return how many messages and flags there are of each kind, in all and a week."""
    head = (what, "Messages", "Messages a week", "Flags", "Flags a week")
    made = tuple(
        (text(label), *_rate(messages, weeks), *_rate(flags, weeks)) for label, messages, flags in rows
    )
    return Table(name, f"Messages and flags by {what.lower()}", head, made, notes)


def _rate(count: Count, weeks: int) -> tuple[Cell, Cell]:
    return number(count), NOTHING if isinstance(count, Hidden) else number(count / weeks)


def grid(
    name: str,
    title: str,
    head: Sequence[str],
    rows: Iterable[tuple[str, Sequence[Count]]],
    notes: tuple[str, ...] = (),
) -> Table:
    """Return a table of counts alone."""
    made = tuple((text(label), *map(number, counts)) for label, counts in rows)
    return Table(name, title, tuple(head), made, notes)


SEVERITIES = {Severity.IMMEDIATE: "At once", Severity.HIGH: "The same day", Severity.REVIEW: "For review"}


def waiting(found: Iterable[tuple[str, Times]]) -> Table:
    """Return how long flags of each kind waited."""
    head = (
        *("How soon", "Flags"),
        *("Looked at", "First look: half within", "First look: nine in ten within"),
        *("Resolved", "Resolved: half within", "Resolved: nine in ten within"),
        *("Deadlines past", "Deadlines kept (%)"),
    )
    spans = ("Flags", "Half within", "Nine in ten within")
    groups = (
        ("", head[:2]),
        ("First look", spans),
        ("Resolved", spans),
        ("Deadlines", ("Past", "Kept")),
    )
    rows = tuple((text(label), *_waited(each)) for label, each in found)
    return Table("times", "From receipt to the first look, and until resolved", head, rows, groups=groups)


def _waited(each: Times) -> tuple[Cell, ...]:
    return (
        *(number(each.flags), number(each.looked), duration(each.look_middle), duration(each.look_most)),
        *(number(each.resolved), duration(each.resolve_middle), duration(each.resolve_most)),
        *(number(each.due), percent(share(each.in_time, each.due))),
    )


def disagreed(closed: Mapping[str, int], said: Mapping[tuple[str, str], int]) -> Table:
    """Return how often people said that the classifier was wrong, beside the flags that were closed."""
    topics = sorted(
        {*closed, *(topic for topic, _ in said)}, key=lambda topic: (-closed.get(topic, 0), topic)
    )
    wrong = {topic: said.get((topic, "not there"), 0) for topic in topics}
    missed = {topic: said.get((topic, "missed"), 0) for topic in topics}
    lines = [(about(topic), closed.get(topic, 0), wrong[topic], missed[topic]) for topic in topics]
    lines.append(("All", sum(closed.values()), sum(wrong.values()), sum(missed.values())))
    rows = tuple(
        (text(label), number(done), number(not_there), number(late), percent(share(not_there + late, done)))
        for label, done, not_there, late in lines
    )
    head = ("Topic", "Flags closed", "Not there", "Missed", "Of those closed")
    return Table("corrections", "How often people disagreed with the software", head, rows)


def staff(found: Evenings, weeks: int) -> Table:
    """Return how much mail reaches staff out of hours, over all their mailboxes."""
    rows = (
        (text("Mailboxes that had mail"), number(found.mailboxes)),
        (text("Messages that reached them"), number(found.messages)),
        (text("of these out of hours"), number(found.late)),
        (text("Share out of hours"), percent(share(found.late, found.messages))),
        (text("Share in the mailbox in the middle"), percent(found.middle_share)),
        (text("Out of hours, a mailbox a week"), number(found.late / found.mailboxes / weeks)),
    )
    return Table("staff", "Mail out of hours over all mailboxes", ("What", "Number"), rows)
