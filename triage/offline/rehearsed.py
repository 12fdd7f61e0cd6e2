"""A rehearsal under way: messages from files or mailboxes, judged one by one and counted."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from triage.domain.doubts import MOST
from triage.domain.rehearsal import NOTHING, ROUTINE, SENT, Figures
from triage.domain.roster import Roster
from triage.domain.school import Calendar
from triage.domain.tally import Tally, as_counted
from triage.judge import Judgement
from triage.offline.desk import Desk, NoMessageError
from triage.offline.files import read_messages
from triage.offline.inbox import Inbox, arrived


class Told(Protocol):
    """Who is told how far the reading is, and of what could not be read."""

    def found(self, number: int) -> None:
        """Note that so many more messages are there to be read."""

    def one(self) -> None:
        """Note that one more was read."""

    def tell(self, where: str, words: str) -> None:
        """Say something of a place in one line."""


@dataclass(frozen=True, slots=True)
class Read:
    """One message that was judged; ``inbox`` None for one of a file.

    ``place`` says where it lies in the mailbox's ``folder``; it is "" for one of a file, whose name may be
    what somebody wrote.
    """

    judged: Judgement
    raw: bytes
    received: datetime
    truncated: bool
    inbox: Inbox | None = None
    folder: str = ""
    place: str = ""


class Rehearsal:
    """Counts what would be done. ``least`` are the least certain messages by their number.

    ``of_mailboxes``: then what is closely kept is counted as a plain message, because whoever runs it may
    not know of it.
    """

    def __init__(self, calendar: Calendar, roster: Roster, *, of_mailboxes: bool) -> None:
        self._tally = Tally(calendar, Counter(pupil.year for pupil in roster.pupils.values()))
        self._of_mailboxes = of_mailboxes
        self._rows: Counter[tuple[str, str]] = Counter()
        self._doubtful: dict[int, Read] = {}

    def add(self, read: Read) -> None:
        """Count one message."""
        judged = read.judged
        self._rows.update(_counted(judged, hidden=self._of_mailboxes))
        doubt = self._tally.add(
            judged.message, judged.identity, judged.classification, judged.opening, judged.decision
        )
        if doubt is not None:
            self._doubtful[doubt.number] = read
            if len(self._doubtful) > 2 * MOST:
                self._doubtful = self.least()

    def add_all(self, every: Iterable[Read]) -> None:
        """Count messages as they come."""
        for read in every:
            self.add(read)

    def span(self, first: datetime, last: datetime) -> None:
        """Say from when to when is read, also where nothing came."""
        zone = self._tally.calendar.zone
        self._tally.first, self._tally.last = first.astimezone(zone).date(), last.astimezone(zone).date()

    def rows(self) -> Iterator[tuple[str, str, int]]:
        """Yield each sort of thing that was counted, its name and how many there are, the most first."""
        for (kind, name), number in sorted(
            self._rows.items(), key=lambda item: (item[0][0], -item[1], item[0][1])
        ):
            yield kind, name, number

    def figures(self) -> Figures:
        """Return the figures."""
        return self._tally.figures()

    def least(self) -> dict[int, Read]:
        """Return the least certain messages, the least certain first."""
        return {one.number: self._doubtful[one.number] for one in self.figures().doubts}


def of_files(desk: Desk, paths: Iterable[str], told: Told) -> Iterator[Read]:
    """Yield the messages of files; what is none is told."""
    for source in read_messages(paths, desk.cap_bytes):
        try:
            if source.raw is None:
                told.tell(source.path, source.error or "")
                continue
            judged = desk.judge(source.raw, truncated=source.truncated)
        except NoMessageError as error:
            told.tell(source.path, str(error))
        else:
            told.one()
            yield Read(judged, source.raw, judged.message.received, source.truncated)


def of_inboxes(
    desk: Desk, inboxes: Iterable[Inbox], since: datetime, now: datetime, told: Told
) -> Iterator[Read]:
    """Yield what has arrived in mailboxes since a moment. Raises MailError."""
    zone = desk.school.calendar.zone
    for which, inbox in enumerate(inboxes, 1):
        address = inbox.delivery.mailbox
        words = f"what arrived since {since.astimezone(zone):%Y-%m-%d %H:%M} is read, and left as it is"
        told.tell(address, words)
        for folder, fetched in arrived(inbox, since, told.found):
            told.one()
            if fetched.problem is not None:
                told.tell(f"{address}, {folder}, message {fetched.uid}", fetched.problem)
                continue
            received = fetched.internaldate or now
            judged = desk.judge_in(inbox.delivery, fetched.raw, received, truncated=fetched.truncated)
            place = f"number {fetched.uid} in {folder} of mailbox {which}"
            yield Read(judged, fetched.raw, received, fetched.truncated, inbox, folder, place)


def _counted(judged: Judgement, *, hidden: bool) -> Iterator[tuple[str, str]]:
    decision = as_counted(judged.decision, judged.opening) if hidden else judged.decision
    yield "sender", judged.identity.sender.value
    yield "reply", SENT if decision.reply.send else decision.reply.withheld or NOTHING
    yield from (("topic", topic.value) for topic in decision.topics)
    if not decision.topics:
        yield "topic", ROUTINE
    yield from (("flag", f"{flag.route.value}, {flag.severity.value}") for flag in decision.flags)
