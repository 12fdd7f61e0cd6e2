"""A safeguarding chronology: all that is on record about one pupil, day by day, to be printed.

For the safeguarding lead and the deputies, with the second factor. That it was looked at is in the audit.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from itertools import groupby

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from triage.domain.plain_sight import visible
from triage.domain.reasons import in_words
from triage.domain.replies import PHONING
from triage.domain.school import School
from triage.domain.visibility import scope
from triage.message.parse import parse
from triage.store.cases import Letter
from triage.store.chronology import CaseRecord, Chronology, Correction, Look, Sending, read_chronology
from triage.store.flagging import SERVICE
from triage.store.flags import FlagEvent, FlagRow
from triage.web.ids import number_of
from triage.web.render import Renderer, words
from triage.web.sessions import SignedIn

NO_CHRONOLOGY = "There is no such chronology, or none that you may read."
NOT_KEPT = "The text of this message was not kept, because it raised no flag."
STATES = {
    "sent": "sent",
    "unsure": "it is not known whether this arrived",
    "failed": "not sent, it failed",
    "withheld": "withheld",
}
SAID = {"missed": "was missed", "not there": "is not there"}
WAITS = "not sent yet"
GREETING = "greeting"
PARTS = {
    **dict.fromkeys(PHONING, "better talked about"),
    "help": "help lines",
    "out-of-hours": "school closed",
    "missing-child-name": "which child is it about",
    "private-account": "write to the school's address",
    "urgent": "ring at once",
    "collection": "ring at once",
}
"""What the parts of a reply say, in a word or two; a school's own parts are named as they are."""
MOST = 100
"""How many events the screen shows at once, whole days apart; more are in parts. Paper has them all."""

WHOLE = "all"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: in a few words, by or from whom, and what there is to read.

    ``who`` was not always written by the school, nor was ``subject`` or ``text``. ``notes`` are short lines.
    """

    at: datetime
    case: int
    what: str
    who: str = ""
    subject: str = ""
    text: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Looked:
    """Who looked at the same thing on one day, and when: to the minute."""

    who: str
    action: str
    cases: tuple[int, ...]
    times: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the school's own zone with all its events in order."""

    date: date
    events: tuple[Event, ...]
    looked: tuple[Looked, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Some days on end of a long chronology."""

    days: tuple[Day, ...]

    @property
    def events(self) -> int:
        """How many things happened on these days."""
        return sum(len(day.events) for day in self.days)

    @property
    def cases(self) -> tuple[int, ...]:
        """The cases of which something stands in it."""
        return tuple(sorted({event.case for day in self.days for event in day.events}))


@dataclass(frozen=True, slots=True)
class ChronologyPage:
    """The page with a pupil's chronology."""

    signed_in: SignedIn
    renderer: Renderer

    def routes(self) -> list[Route]:
        """Return the route of the page."""
        return [Route("/pupils/{whom:path}/chronology", self.page)]

    def page(self, request: Request) -> Response:
        """Show what is on record about a pupil, in parts where it is long.

        Raises HTTPException and what asks to sign in.
        """
        who, whom = self.signed_in.viewer(request), request.path_params["whom"]
        if not scope(who).everything:
            raise HTTPException(HTTPStatus.NOT_FOUND, NO_CHRONOLOGY)
        self.signed_in.ask_again(request)
        with self.signed_in.database.read() as conn:
            found = read_chronology(conn, who, whom) if whom.isprintable() else None
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, NO_CHRONOLOGY)
        teller = Teller(self.signed_in.school)
        days = tuple(teller.days(found))
        parts = parts_of(days)
        number = _asked(request, len(parts))
        shown = Part(days) if number is None else parts[number - 1]
        self._note(who.address, whom, shown)
        return self.renderer.page(
            request,
            "chronology.html",
            who=who,
            whom=whom,
            pupil=found.pupil,
            days=shown.days,
            parts=parts,
            number=number,
            folded=any(letter.folded for record in found.cases for letter in record.view.letters),
            clock=teller.clock,
            printed_by=teller.person(who.address),
            now=self.signed_in.clock(),
        )

    def _note(self, actor: str, whom: str, part: Part) -> None:
        """Write into the audit whose chronology was read, and which messages stood in what was shown."""
        with self.signed_in.database.write() as conn:
            self.signed_in.note(conn, actor, "chronology viewed", f"pupil {whom}")
            if part.cases:
                named = " ".join(map(str, part.cases))
                self.signed_in.note(conn, actor, "text viewed", f"cases {named}")


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells what is on record in the words of one school, in its time and with its people's names."""

    school: School

    def days(self, found: Chronology) -> Iterator[Day]:
        """Yield the days on which anything happened, the first of all first."""
        events = sorted(
            (event for record in found.cases for event in self.events(record)), key=lambda event: event.at
        )
        happened = {day: tuple(some) for day, some in groupby(events, lambda event: self._day(event.at))}
        looked = {day: tuple(some) for day, some in groupby(found.looks, lambda look: self._day(look.at))}
        for day in sorted({*happened, *looked}):
            yield Day(day, happened.get(day, ()), tuple(self._looked(looked.get(day, ()))))

    def events(self, record: CaseRecord) -> Iterator[Event]:
        """Yield all that happened to one case; what came of a message stands after it."""
        case = record.view.id
        for number, letter in enumerate(record.view.letters, 1):
            yield self._letter(case, number, letter)
        for row in record.view.flags:
            for event in record.events[row.id]:
                yield self._flag(row, event)
        for sending in record.sendings:
            yield self._sending(case, sending)
        for correction in record.corrections:
            yield self._correction(case, correction)

    def person(self, address: str) -> str:
        """Return who somebody of the school is, by the name on record beside the address."""
        people = ((one.address, one.name) for one in self.school.people)
        name = next((name for known, name in people if name and known.lower() == address.lower()), "")
        return f"{name} ({address})" if name else address

    def clock(self, at: datetime) -> str:
        """Return the time of day of a moment."""
        return at.astimezone(self.school.calendar.zone).strftime("%H:%M")

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.school.calendar.zone).date()

    def _letter(self, case: int, number: int, letter: Letter) -> Event:
        return Event(
            at=letter.received,
            case=case,
            what="Message received" if number == 1 else f"Message {number} of this case received",
            who=f"from {visible(f'{letter.sender_name} <{letter.sender}>')}",
            subject=letter.subject,
            text=letter.text or letter.classified or NOT_KEPT,
            notes=tuple(_of_letter(letter)),
        )

    def _flag(self, row: FlagRow, event: FlagEvent) -> Event:
        by = "by the service" if event.actor == SERVICE else f"by {self.person(event.actor)}"
        given = event.event in {"taken", "assigned"}
        return Event(
            at=event.at,
            case=row.case_id,
            what=f"Flag {row.id}, {words(row.flag.topic.value)}: {event.event}",
            who=f"to {self.person(event.note)} {by}" if event.event == "assigned" else by,
            text="" if given else event.note,
            notes=tuple(self._of_flag(row, event)),
        )

    def _of_flag(self, row: FlagRow, event: FlagEvent) -> Iterator[str]:
        flag = row.flag
        if event.event in {"raised", "raised by a person"}:
            year = "year not known" if flag.year is None else f"year {flag.year}"
            to = f"to {words(flag.route.value).lower()}, {year}"
            yield f"{words(flag.severity.value)}, {to}: {in_words(flag.why)}"
            if flag.about:
                yield f"About {self.person(flag.about)}"
        if event.reason:
            yield words(event.reason)

    def _sending(self, case: int, sending: Sending) -> Event:
        named = "Automatic reply" if sending.kind == "reply" else "Notice"
        state = STATES.get(sending.state, WAITS)
        return Event(
            at=sending.at,
            case=case,
            what=f"{named}: {state}",
            who=f"to {self.person(sending.recipient)}" if sending.recipient else "",
            text=parse(sending.raw, sending.at).text if sending.raw else "",
            notes=(sending.reason,) if sending.reason else (),
        )

    def _correction(self, case: int, correction: Correction) -> Event:
        # Of a teacher, who cannot close a flag, the verdict says so before a colon.
        verdict = correction.verdict.rpartition(": ")[2]
        said = SAID.get(verdict, verdict)
        return Event(
            at=correction.at,
            case=case,
            what=f"The software's guess corrected: {f'{words(correction.topic).lower()} {said}'.strip()}",
            who=f"by {self.person(correction.actor)}",
        )

    def _looked(self, looks: tuple[Look, ...]) -> Iterator[Looked]:
        """Yield who looked at what, each once with every time: a queue is looked at again and again."""
        times: dict[tuple[str, str, tuple[int, ...]], list[str]] = defaultdict(list)
        for look in looks:
            times[(self.person(look.actor), look.action, look.cases)].append(self.clock(look.at))
        for (who, action, cases), at in times.items():
            yield Looked(who, action, cases, tuple(dict.fromkeys(at)))


def parts_of(days: Sequence[Day]) -> list[Part]:
    """Return days in parts of at most ``MOST`` lines; a day with more than that is a part by itself."""
    parts: list[list[Day]] = []
    room = 0
    for day in days:
        lines = len(day.events) + len(day.looked)
        if not parts or lines > room:
            parts.append([])
            room = MOST
        parts[-1].append(day)
        room -= lines
    return [Part(tuple(some)) for some in parts]


def _asked(request: Request, parts: int) -> int | None:
    """Return the number of the part that is asked for, None for all. Raises HTTPException."""
    asked = request.query_params.get("part", "1")
    if parts == 1 or asked == WHOLE:
        return None
    number = number_of(asked)
    if not 1 <= number <= parts:
        raise HTTPException(HTTPStatus.NOT_FOUND, NO_CHRONOLOGY)
    return number


def _of_letter(letter: Letter) -> Iterator[str]:
    yield letter.proof.words
    if letter.attachments:
        named = (visible(each.filename) or "without a name" for each in letter.attachments)
        yield f"Attached: {', '.join(named)}"
    if letter.topics:
        guessed = ", ".join(words(topic).lower() for topic, _score in letter.topics)
        yield f"The software's guess: {guessed}"
    if letter.withheld:
        yield f"Decided: no reply, {letter.withheld}"
    elif letter.parts:
        said = (PARTS.get(part, words(part).lower()) for part in letter.parts if part != GREETING)
        yield f"Reply: {', '.join(dict.fromkeys(said))}"
    else:
        yield "Decided: no reply is due"
