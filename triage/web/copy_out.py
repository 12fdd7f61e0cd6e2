"""A safeguarding record as plain text, to be pasted into the school's own system or kept as a file.

For the safeguarding lead and the deputies, with the second factor. That it was copied out is in the audit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from triage.domain.plain_sight import visible
from triage.domain.roster import Pupil
from triage.domain.school import School
from triage.domain.visibility import Access, Viewer, keeps_records
from triage.message.parse import parse
from triage.store.cases import CaseView, Letter, SentReply, read_case
from triage.store.flagging import SERVICE
from triage.store.flags import FlagEvent, FlagRow
from triage.store.told import told_events
from triage.web.ids import path_id
from triage.web.render import Renderer
from triage.web.sessions import SignedIn

COPIED = "record copied out"
NO_RECORD = "There is no such record, or none that you may copy."
_RULE = "-" * 24
LONGEST_SHOWN = 100_000
"""Characters on the page; the file holds all."""

History = Mapping[int, Sequence[FlagEvent]]


@dataclass(frozen=True, slots=True)
class CopyOut:
    """The page with a case's record, and the same as a file."""

    signed_in: SignedIn
    renderer: Renderer

    def routes(self) -> Sequence[Route]:
        """Return the routes of the page and of the file."""
        return [
            Route("/cases/{case:int}/record", self.page),
            Route("/cases/{case:int}/record.txt", self.file),
        ]

    def page(self, request: Request) -> Response:
        """Show a record to be marked and copied."""
        who, view, text = self._record(request)
        shown = text[:LONGEST_SHOWN]
        return self.renderer.page(
            request, "record.html", who=who, case=view.id, record=shown, cut=len(shown) < len(text)
        )

    def file(self, request: Request) -> Response:
        """Give a record as a file, whose name tells nothing but the number of the case."""
        _, view, text = self._record(request)
        named = f'attachment; filename="case-{view.id}.txt"'
        return PlainTextResponse(text, headers={"Content-Disposition": named})

    def _record(self, request: Request) -> tuple[Viewer, CaseView, str]:
        """Return who asks, the case and its record. Raises HTTPException and what asks to sign in."""
        who = self.signed_in.viewer(request)
        if not keeps_records(who):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        self.signed_in.ask_again(request)
        with self.signed_in.database.write() as conn:
            view = _whole(conn, who, path_id(request, "case", NO_RECORD))
            history = told_events(conn, who, view)
            self.signed_in.note(conn, who.address, COPIED, f"case {view.id}")
        return who, view, record_text(view, history, self.signed_in.school, self.signed_in.clock())


def _whole(conn: Connection, who: Viewer, case_id: int) -> CaseView:
    view = read_case(conn, who, case_id)
    if view is None or view.access is not Access.FULL:
        raise HTTPException(HTTPStatus.NOT_FOUND, NO_RECORD)
    return view


def record_text(view: CaseView, history: History, school: School, now: datetime) -> str:
    """Return a case as plain text: who wrote when about whom, what was said, what was done by whom.

    ``history`` are the events of each flag by its id. Signs that cannot be seen are written out in names.
    What somebody wrote stands behind a bar, so that no line of it passes for one of the record's own.
    """
    write = _Writer(school)
    lines = [
        f"{school.name}: record of case {view.id}",
        f"Copied out on {write.moment(now)}",
        f"Pupils: {'; '.join(_pupils(view)) or 'not known'}",
        *(line for number, letter in enumerate(view.letters, 1) for line in write.letter(number, letter)),
        *(line for sent in view.sent for line in write.sent(sent, view)),
        *(line for row in view.flags for line in write.flag(row, history[row.id])),
    ]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class _Writer:
    """The parts of a record, in one school's time and with its people's names."""

    school: School

    def moment(self, at: datetime) -> str:
        return f"{at.astimezone(self.school.calendar.zone):%A %-d %B %Y, %H:%M}"

    def letter(self, number: int, letter: Letter) -> Iterable[str]:
        attached = ", ".join(visible(each.filename) or "without a name" for each in letter.attachments)
        return [
            *_headed(f"Message {number}"),
            f"Received: {self.moment(letter.received)}",
            f"From: {visible(f'{letter.sender_name} <{letter.sender}>')} ({letter.proof.words})",
            f"Subject: {visible(letter.subject)}",
            f"Attached: {attached or 'nothing'}",
            "",
            *_quoted(letter.text),
        ]

    def sent(self, sent: SentReply, view: CaseView) -> Iterable[str]:
        when = self.moment(sent.at) if sent.at else "at an unknown time"
        state = "sent" if sent.state == "sent" else "it is not known whether this arrived"
        return [
            *_headed("Automatic reply"),
            f"To: {visible(sent.recipient)}, {when} ({state})",
            "",
            *_quoted(parse(sent.raw, sent.at or view.created_at).text),
        ]

    def flag(self, row: FlagRow, events: Sequence[FlagEvent]) -> Iterable[str]:
        topics = ", ".join(each.value for each in (row.flag.topic, *row.flag.joined))
        about = f", about {self.person(row.flag.about)}" if row.flag.about else ""
        return [
            *_headed(f"Flag {row.id}: {topics}, {row.flag.severity.value}, {row.state}{about}"),
            *(self.event(event) for event in events),
        ]

    def event(self, event: FlagEvent) -> str:
        why = ": ".join(" ".join(part.split()) for part in (event.reason, event.note) if part)
        told = f" - {why}" if why else ""
        return f"{self.moment(event.at)}: {event.event} by {self.person(event.actor)}{told}"

    def person(self, address: str) -> str:
        """Return who somebody of the school is, by the name on record beside the address."""
        if address == SERVICE:
            return "the software"
        people = [(one.address, one.name) for one in self.school.people]
        owners = [(owner, name) for name, owner in self.school.owners]
        named = (name for known, name in (*people, *owners) if name and known.lower() == address.lower())
        name = next(named, "")
        return f"{name} ({address})" if name else address


def _headed(title: str) -> list[str]:
    return ["", _RULE, title, _RULE]


def _quoted(text: str) -> list[str]:
    return [f"| {line}" for line in text.strip().splitlines()]


def _pupils(view: CaseView) -> list[str]:
    """Return the pupils of a case with their forms; of one whom the roster no longer knows, the number."""
    known = {pupil.id: pupil for pupil in view.on_roll}
    return [_pupil(known[one]) if one in known else f"number {one}, no longer on roll" for one in view.pupils]


def _pupil(pupil: Pupil) -> str:
    known_as = f" (known as {pupil.known_as})" if pupil.known_as else ""
    return f"{pupil.given} {pupil.family}{known_as}, {pupil.form or f'year {pupil.year}'}"
