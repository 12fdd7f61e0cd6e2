"""Counting what a rehearsal finds, message by message; nothing of a message is held but numbers."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from heapq import heappush, heappushpop

from triage.domain import doubts
from triage.domain.doubts import Doubt, doubt
from triage.domain.hours import Opening, working_hours
from triage.domain.model import Classification, Decision, Identity, Message, Route
from triage.domain.phone_calls import Call, calls
from triage.domain.rehearsal import NOTHING, ROUTINE, SENT, Calls, Figures, YearFlags, budget_of
from triage.domain.replies import GREETING, HELP, OUT_OF_HOURS
from triage.domain.school import Calendar
from triage.domain.visibility import is_closely_kept

DATED_SINCE = 1990
"""What seems to be older has no time of arrival that anybody knows."""


@dataclass(slots=True)
class Tally:
    """A rehearsal under way. ``pupils`` are how many each year has, empty without a roster.

    ``first`` and ``last`` are the time that is read; left out, it is from the first message to the last.
    """

    calendar: Calendar
    pupils: Mapping[int, int] = field(default_factory=dict)
    first: date | None = None
    last: date | None = None
    messages: int = 0
    _senders: Counter[str] = field(default_factory=Counter)
    _topics: Counter[str] = field(default_factory=Counter)
    _hours: Counter[tuple[bool, int, int]] = field(default_factory=Counter)
    _replies: Counter[str] = field(default_factory=Counter)
    _parts: Counter[str] = field(default_factory=Counter)
    _flags: Counter[tuple[str, str]] = field(default_factory=Counter)
    _years: Counter[tuple[int | None, date]] = field(default_factory=Counter)
    _calls: Counter[Call] = field(default_factory=Counter)
    _days: set[date] = field(default_factory=set)
    _least: list[tuple[float, int, Doubt]] = field(default_factory=list)

    def add(
        self,
        message: Message,
        identity: Identity,
        classification: Classification,
        opening: Opening,
        decision: Decision,
    ) -> Doubt | None:
        """Count one message; returns the doubt about it while it is among the least certain."""
        decided = as_counted(decision, opening)
        self.messages += 1
        self._senders[identity.sender.value] += 1
        self._count_reply(decided)
        if message.received.year >= DATED_SINCE:
            self._count_when(message.received, opening)
            self._count_calls(message.received, opening, decided)
        self._topics.update([topic.value for topic in decided.topics] or [ROUTINE])
        self._count_flags(message.received, opening, decided)
        return self._note(doubt(self.messages, identity, classification, decision))

    def figures(self) -> Figures:
        """Return what was counted so far."""
        days = self._school_days()
        return Figures(
            first=self.first,
            last=self.last,
            days=len(days),
            messages=self.messages,
            senders=_ordered(self._senders),
            topics=_ordered(self._topics),
            late=self._grid(late=True),
            in_hours=self._grid(late=False),
            replies=_ordered(self._replies),
            parts=_ordered(self._parts),
            flags=tuple((*which, number) for which, number in self._flags.most_common()),
            years=tuple(self._year_flags()),
            calls=tuple(self._slots()),
            doubts=tuple(one for _, _, one in sorted(self._least, reverse=True)),
        )

    def _count_reply(self, decision: Decision) -> None:
        reply = decision.reply
        self._replies[SENT if reply.send else reply.withheld or NOTHING] += 1
        if reply.send:
            self._parts.update(part for part in reply.parts if part not in {GREETING, HELP})

    def _count_when(self, received: datetime, opening: Opening) -> None:
        local = received.astimezone(self.calendar.zone)
        self._hours[not opening.open, local.weekday(), local.hour] += 1
        day = local.date()
        self.first, self.last = min(self.first or day, day), max(self.last or day, day)

    def _count_calls(self, received: datetime, opening: Opening, decision: Decision) -> None:
        if decision.reply.send:
            self._calls.update(calls(decision.reply.parts, received, opening, self.calendar.zone))

    def _count_flags(self, received: datetime, opening: Opening, decision: Decision) -> None:
        for flag in decision.flags:
            self._flags[flag.route.value, flag.severity.value] += 1
            if flag.route is Route.HEAD_OF_YEAR and received.year >= DATED_SINCE:
                found = received if opening.school_open or opening.next is None else opening.next
                day = found.astimezone(self.calendar.zone).date()
                self._days.add(day)
                self._years[flag.year, day] += 1

    def _note(self, found: Doubt | None) -> Doubt | None:
        """Hold a doubt while it is among the least certain; a heap has its smallest first."""
        if found is None:
            return None
        entry = (-found.margin, -found.number, found)
        if len(self._least) < doubts.MOST:
            heappush(self._least, entry)
            return found
        return None if heappushpop(self._least, entry) is entry else found

    def _grid(self, *, late: bool) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(self._hours[late, day, hour] for hour in range(24)) for day in range(7))

    def _school_days(self) -> set[date]:
        """Return the school days of the time that was read, and those on which its flags are found."""
        if self.first is None or self.last is None:
            return self._days
        span = range((self.last - self.first).days + 1)
        every = (self.first + timedelta(days=number) for number in span)
        return self._days | {day for day in every if working_hours(day, self.calendar)}

    def _year_flags(self) -> Iterator[YearFlags]:
        known = {year for year, _ in self._years if year is not None} | set(self.pupils)
        unknown = {None} if any(year is None for year, _ in self._years) else set()
        for year in (*sorted(known), *unknown):
            a_day = [number for (of, _), number in self._years.items() if of == year]
            pupils = self.pupils.get(year) if year is not None else None
            over = sum(number > budget_of(pupils) for number in a_day)
            yield YearFlags(year, pupils, sum(a_day), max(a_day, default=0), over)

    def _slots(self) -> Iterator[Calls]:
        for line, slot in sorted({(call.line, call.slot) for call in self._calls}):
            a_day = [number for call, number in self._calls.items() if (call.line, call.slot) == (line, slot)]
            yield Calls(line, slot, sum(a_day), max(a_day))


def as_counted(decision: Decision, opening: Opening) -> Decision:
    """Return a decision as it is counted: one that is closely kept as that of a plain message.

    Left out of a count it would tell as much: where one message is read, a line that is missing says what it
    is. So it is routine, and gets what every message gets: the notice, while the school is closed.
    """
    if not any(map(is_closely_kept, decision.flags)):
        return decision
    told = OUT_OF_HOURS in decision.reply.parts and not opening.school_open
    notice = (GREETING, OUT_OF_HOURS, HELP) if told else ()
    return replace(decision, topics={}, flags=(), reply=replace(decision.reply, parts=notice))


def _ordered(counted: Counter[str]) -> dict[str, int]:
    return dict(counted.most_common())
