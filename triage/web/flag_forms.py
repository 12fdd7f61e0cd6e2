"""What a person does with a flag: each thing one form, sent from the page of the flag's case.

A form carries the version of the flag that its page showed. Whoever was second is told so and by whom, and
gets back what they had written: so does whoever left something out. Of a flag that somebody may not see the
site answers as of one that is not there.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from triage.domain import second_factor
from triage.domain.by_hand import missed, passed_on, staff_known
from triage.domain.resolutions import refusal, too_long
from triage.domain.visibility import Access, Viewer, closing, is_closely_kept
from triage.store import workflow
from triage.store.actions import NewAction
from triage.store.cases import read_case
from triage.store.flags import DROPPED, FlagRow
from triage.store.notices import Notices, no_notice
from triage.store.queue import find_flag
from triage.store.standing import standing
from triage.store.told import last_told
from triage.store.workflow import Change, ChangedMeanwhileError
from triage.web.after_closing import CLOSED
from triage.web.flag_card import Cards, Told, may_pass, topics_of
from triage.web.forms import field, read_form
from triage.web.ids import number_of, path_id
from triage.web.render import Renderer
from triage.web.sessions import SignedIn

NO_FLAG = "There is no such flag, or none that you may see."
NOT_YOURS = "This flag is for somebody else to deal with."
MEANWHILE = "Somebody else has changed this flag since your page was shown. Nothing of yours was written."
NOTE_NEEDED = "This needs a note that says why. Nothing was changed."
NOT_NOW = "This flag is not for you to close now: its page says whom to ask. Nothing was changed."
NO_HOLDER = "Choose somebody who may close this flag. Nothing was changed."
NO_TOPIC = "Choose what was missed, and about whom it is only from the list. Nothing was changed."
NOT_SAID = "This flag does not say so. Nothing was changed."
THERE_ALREADY = "This is with the safeguarding lead already. Nothing was changed."
PASSED = (
    "It is with those now who deal with such matters{told}, and what the message says is closed to you from "
    "now on. If a child is in danger now, go to the safeguarding lead yourself: do not wait for this page."
)
TAKEN_OFF = (
    "The software was wrong about this message, and nothing else in it is for you. That it was wrong is "
    "kept, so that it can be taught better."
)
DONE = {
    "passed": ("Passed on", PASSED.format(told="")),
    "told": ("Passed on", PASSED.format(told=" and are told of it by email")),
    "told-later": ("Passed on", PASSED.format(told=" and are told of it by email when the school opens")),
    "dropped": ("Taken off the record", TAKEN_OFF),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A form as somebody has sent it: for which flag, and in which version they have seen that."""

    who: Viewer
    flag_id: int
    version: int
    form: FormData

    @property
    def note(self) -> str:
        """What they have written."""
        return field(self.form, "note").strip()


@dataclass(frozen=True, slots=True)
class Sent(Asked):
    """A form that its sender may send, with the flag as it stands now."""

    row: FlagRow
    now: datetime

    @property
    def change(self) -> Change:
        """Who changes what and when."""
        return Change(self.flag_id, self.version, self.who.address, self.now)


Act = Callable[[Connection, Sent], str]
"""Does what a form asks for, and returns where to go from there."""


class NotDoneError(Exception):
    """Why nothing was done, in words."""

    def __init__(self, status: HTTPStatus, said: str, row: FlagRow | None = None) -> None:
        super().__init__(said)
        self.status, self.said, self.row = status, said, row


@dataclass(frozen=True, slots=True)
class FlagForms:
    """The forms of a flag. ``cards`` knows the school and what its policy says about a topic.

    ``notices`` gives what a worker is to send about flags that a person raises.
    """

    signed_in: SignedIn
    renderer: Renderer
    cards: Cards
    notices: Notices = no_notice

    def routes(self) -> Sequence[Route]:
        """Return the routes of the forms, and of the pages that say what came of one."""
        acts: dict[str, Act] = {
            "take": self._take,
            "release": self._release,
            "assign": self._assign,
            "note": self._add_note,
            "resolve": self._resolve,
            "reopen": self._reopen,
            "pass": self._pass,
            "wrong": self._mark_wrong,
            "missed": self._add_missed,
        }
        forms = {f"/flags/{{flag:int}}/{name}": self._form(act) for name, act in acts.items()}
        return [
            Route("/flags/done/{what}", self.done),
            *(Route(path, form, methods=["POST"]) for path, form in forms.items()),
        ]

    def done(self, request: Request) -> Response:
        """Say what came of a form after which its case may be closed to whoever sent it."""
        who = self.signed_in.viewer(request)
        told = DONE.get(request.path_params["what"])
        if told is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        title, said = told
        return self.renderer.page(request, "error.html", who=who, title=title, said=said)

    def _form(self, act: Act) -> Callable[[Request], Awaitable[Response]]:
        async def send(request: Request) -> Response:
            who = await run_in_threadpool(self.signed_in.viewer, request)
            form = await read_form(request)
            flag_id, version = path_id(request, "flag", NO_FLAG), number_of(field(form, "version"))
            return await run_in_threadpool(self._answer, request, Asked(who, flag_id, version, form), act)

        return send

    def _answer(self, request: Request, asked: Asked, act: Act) -> Response:
        try:
            with self.signed_in.database.write() as conn:
                to = _acted(act, conn, self._sent(conn, request, asked))
        except NotDoneError as refused:
            return self._not_done(request, asked, refused)
        return RedirectResponse(to, status_code=HTTPStatus.SEE_OTHER)

    def _sent(self, conn: Connection, request: Request, asked: Asked) -> Sent:
        """Return a form with its flag. Raises NotDoneError, SecondFactorError."""
        row = _found(conn, asked.who, asked.flag_id)
        if second_factor.is_wanted([row.flag]):
            self.signed_in.ask_again(request, to=f"/cases/{row.case_id}", sending=True)
        now = self.signed_in.clock()
        sent = Sent(asked.who, asked.flag_id, asked.version, asked.form, row, now)
        if row.version != asked.version:
            raise NotDoneError(HTTPStatus.CONFLICT, MEANWHILE, row)
        if too_long(asked.note):
            raise _refused(sent, f"{too_long(asked.note)} Nothing was changed.")
        return sent

    def _not_done(self, request: Request, asked: Asked, refused: NotDoneError) -> Response:
        """Say why nothing was done, with what was written, so that nobody has to write it again."""
        row = refused.row
        late = refused.status is HTTPStatus.CONFLICT
        return self.renderer.page(
            request,
            "not_done.html",
            status=refused.status,
            who=asked.who,
            title="Somebody was quicker" if late else "Nothing was done",
            said=refused.said,
            since=self._last(asked.who, row) if row and late else None,
            typed=asked.note,
            onward=(_case(row), "Back to the flag, as it is now") if row else ("/flags", "To the flags"),
        )

    def _last(self, who: Viewer, row: FlagRow) -> Told:
        """Return what was done with a flag last, as far as ``who`` may know."""
        with self.signed_in.database.read() as conn:
            event = last_told(conn, who, row.id)
        return self.cards.told(event)

    def _take(self, conn: Connection, sent: Sent) -> str:
        workflow.take(conn, sent.change, sent.who.address)
        return _case(sent.row)

    def _release(self, conn: Connection, sent: Sent) -> str:
        workflow.take(conn, sent.change, None)
        return _case(sent.row)

    def _assign(self, conn: Connection, sent: Sent) -> str:
        able = self.cards.holders(conn, sent.who, sent.row)
        holder = field(sent.form, "holder").strip().lower()
        if holder not in {person.address.lower() for person in able}:
            raise _refused(sent, NO_HOLDER)
        workflow.take(conn, sent.change, holder)
        return _case(sent.row)

    def _add_note(self, conn: Connection, sent: Sent) -> str:
        _ask_for_note(sent)
        workflow.add_note(conn, sent.change, sent.note)
        return _case(sent.row)

    def _resolve(self, conn: Connection, sent: Sent) -> str:
        _refuse_held_back(conn, sent)
        reason = field(sent.form, "at-once") or field(sent.form, "reason")
        refused = refusal(sent.row.flag, reason, sent.note)
        if refused:
            raise _refused(sent, refused)
        workflow.resolve(conn, sent.change, reason, sent.note)
        return f"/cases/{sent.row.case_id}?{CLOSED}={sent.row.id}#{CLOSED}"

    def _reopen(self, conn: Connection, sent: Sent) -> str:
        _ask_for_note(sent)
        workflow.reopen(conn, sent.change, sent.note)
        return _case(sent.row)

    def _pass(self, conn: Connection, sent: Sent) -> str:
        if not may_pass(sent.row.flag):
            raise _refused(sent, THERE_ALREADY)
        place = standing(conn, sent.row.case_id).place(self.cards.school, sent.row.flag.year)
        flag = passed_on(place)
        notices = self.notices([flag], place, sent.who.address, sent.now)
        workflow.pass_to_lead(conn, sent.change, flag, sent.note, notices)
        return _case_or_done(conn, sent, notices)

    def _mark_wrong(self, conn: Connection, sent: Sent) -> str:
        topic = field(sent.form, "topic")
        if topic not in topics_of(sent.row.flag):
            raise _refused(sent, NOT_SAID)
        _refuse_held_back(conn, sent)
        if is_closely_kept(sent.row.flag):
            _ask_for_note(sent)
        workflow.mark_wrong(conn, sent.change, topic, sent.note)
        shown = read_case(conn, sent.who, sent.row.case_id) is not None
        return _case(sent.row) if shown else "/flags/done/dropped"

    def _add_missed(self, conn: Connection, sent: Sent) -> str:
        topic = next((one for one in self.cards.missed() if one == field(sent.form, "topic")), None)
        about = field(sent.form, "about").strip().lower()
        if topic is None or (about and about not in staff_known(self.cards.school)):
            raise _refused(sent, NO_TOPIC)
        place = standing(conn, sent.row.case_id).place(self.cards.school, sent.row.flag.year)
        found = missed(topic, self.cards.rules(topic), place, about or None)
        notices = self.notices(found, place, sent.who.address, sent.now)
        workflow.add_missed(conn, sent.change, found, sent.note, notices)
        return _case_or_done(conn, sent, notices)


def _found(conn: Connection, who: Viewer, flag_id: int) -> FlagRow:
    """Return the flag of a form. Raises NotDoneError; of what somebody may not see it says nothing."""
    row = find_flag(conn, closing(who), flag_id)
    if row is not None:
        return row
    seen = find_flag(conn, who, flag_id)
    if seen is None or seen.state == DROPPED:
        raise NotDoneError(HTTPStatus.NOT_FOUND, NO_FLAG)
    raise NotDoneError(HTTPStatus.FORBIDDEN, NOT_YOURS, seen)


def _acted(act: Act, conn: Connection, sent: Sent) -> str:
    try:
        return act(conn, sent)
    except ChangedMeanwhileError:
        raise NotDoneError(HTTPStatus.CONFLICT, MEANWHILE, sent.row) from None


def _refused(sent: Sent, said: str) -> NotDoneError:
    return NotDoneError(HTTPStatus.BAD_REQUEST, said, sent.row)


def _refuse_held_back(conn: Connection, sent: Sent) -> None:
    """Refuse to close what is left to those who may know all of the case."""
    if standing(conn, sent.row.case_id).holds_back(sent.who, sent.row.flag):
        raise NotDoneError(HTTPStatus.FORBIDDEN, NOT_NOW, sent.row)


def _ask_for_note(sent: Sent) -> None:
    if not sent.note:
        raise _refused(sent, NOTE_NEEDED)


def _case(row: FlagRow) -> str:
    return f"/cases/{row.case_id}#flag-{row.id}"


def _case_or_done(conn: Connection, sent: Sent, notices: Sequence[NewAction]) -> str:
    """Return where to go from a form that may have closed the message to whoever sent it.

    To whom the notices go is not said: that it is not the safeguarding lead would tell about whom it is.
    """
    if standing(conn, sent.row.case_id).access(sent.who) is not Access.NONE:
        return _case(sent.row)
    if not notices:
        return "/flags/done/passed"
    return "/flags/done/told-later" if all(each.not_before for each in notices) else "/flags/done/told"
