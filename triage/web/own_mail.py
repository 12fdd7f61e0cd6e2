"""A teacher's page: what came of their own mail, the pause of their mailbox, and "not right?".

Nothing of what was written stands here: the mail is in their inbox.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from triage.domain.everyday import everyday
from triage.domain.model import Topic
from triage.domain.pages import Page
from triage.domain.replies import FRAME, PHONING
from triage.domain.visibility import Viewer
from triage.store import mailboxes
from triage.store.own_links import raised_at
from triage.store.own_mail import (
    MISSED,
    NOT_THERE,
    OwnMessage,
    corrections_by,
    keep_correction,
    own_boxes,
    own_message,
    read_own_mail,
)
from triage.web.flag_card import Rules
from triage.web.forms import field, read_form
from triage.web.ids import page_number, path_id
from triage.web.render import Renderer
from triage.web.sessions import SignedIn

SHOWN = timedelta(weeks=4)
NO_MESSAGE = "There is no such message of yours in the last four weeks."
NO_TOPIC = "Choose a topic. Nothing was kept."
TO_BE_MISSED = tuple(topic for topic in Topic if topic is not Topic.SAFEGUARDING)
"""What may be said to be missing. A child in danger does not wait until somebody looks at corrections."""

_ASKED_TO_RING = "asked to ring or to come in"
_AT_ONCE = "told to ring at once, because an email may be read too late"
_SAID = {
    **dict.fromkeys(PHONING, _ASKED_TO_RING),
    "urgent": _AT_ONCE,
    "collection": _AT_ONCE,
    "out-of-hours": "told that the school is closed",
    "missing-child-name": "asked which child it is about",
    "private-account": "asked to write to your school address",
}
_WITHHELD = {
    "paused": "No automatic reply: your mailbox was paused.",
    "stopped": "No automatic reply: every reply was stopped.",
    "not-switched-on": "No automatic reply: none is switched on yet for this year or for what it would say.",
}
_UNSENT = {
    "pending": "An automatic reply is on its way.",
    "sending": "An automatic reply is on its way.",
    "failed": "An automatic reply could not be delivered.",
    "unsure": "An automatic reply went off, and nobody knows whether it arrived.",
}


@dataclass(frozen=True, slots=True)
class OwnMailPages:
    """The pages of one's own mailbox. ``rules`` gives what the school's policy says about a topic."""

    signed_in: SignedIn
    renderer: Renderer
    rules: Rules

    def routes(self) -> Sequence[Route]:
        """Return the routes of the teacher's page."""
        message = f"{Page.OWN_MAIL}/messages/{{message:int}}"
        return [
            Route(Page.OWN_MAIL, self.page),
            Route(f"{Page.OWN_MAIL}/pause", self.pause, methods=["POST"]),
            Route(f"{Page.OWN_MAIL}/unpause", self.unpause, methods=["POST"]),
            Route(message, self.message),
            Route(f"{message}/not-right", self.not_right, methods=["POST"]),
        ]

    def page(self, request: Request) -> Response:
        """Show what came of one's own mail, the newest first."""
        who, number = self.signed_in.viewer_of(request, Page.OWN_MAIL), page_number(request)
        with self.signed_in.database.read() as conn:
            boxes = own_boxes(conn, who)
            found = read_own_mail(conn, who, self._since(), everyday(self.rules), number)
        return self.renderer.page(
            request,
            "own_mail.html",
            who=who,
            boxes=boxes,
            paused=[box for box in boxes if box.paused_at is not None],
            found=found,
            lines=[(message, reply_words(message)) for message in found.messages],
        )

    def message(self, request: Request) -> Response:
        """Show one message's line, and the form to say what is not right about it."""
        who = self.signed_in.viewer_of(request, Page.OWN_MAIL)
        with self.signed_in.database.read() as conn:
            message = self._own_message(conn, who, request)
            said = corrections_by(conn, who, message.case_id)
            raised = raised_at(conn, who.address, message.case_id)
        return self.renderer.page(
            request,
            "not_right.html",
            who=who,
            message=message,
            reply=reply_words(message),
            said=said,
            raised=raised,
            not_there=NOT_THERE,
            others=[topic.value for topic in TO_BE_MISSED if topic not in message.topics],
        )

    async def not_right(self, request: Request) -> Response:
        """Keep what somebody says is not right; no flag changes by it."""
        who = await run_in_threadpool(self.signed_in.viewer_of, request, Page.OWN_MAIL)
        form = await read_form(request)
        said = [(NOT_THERE, field(form, "not_about")), (MISSED, field(form, "about"))]
        await run_in_threadpool(self._keep, request, who, [each for each in said if each[1]])
        return RedirectResponse(request.url.path.removesuffix("/not-right"), HTTPStatus.SEE_OTHER)

    def pause(self, request: Request) -> Response:
        """Withhold every automatic reply on behalf of one's own mailbox from now on."""
        who, now = self.signed_in.viewer_of(request, Page.OWN_MAIL), self.signed_in.clock()
        with self.signed_in.database.write() as conn:
            for box in own_boxes(conn, who):
                if box.paused_at is None:
                    mailboxes.pause(conn, box.id, who.address, now)
                    self.signed_in.note(conn, who.address, "mailbox paused", f"mailbox {box.id}")
        return RedirectResponse(Page.OWN_MAIL, HTTPStatus.SEE_OTHER)

    def unpause(self, request: Request) -> Response:
        """Let replies on behalf of one's own mailbox go out again."""
        who = self.signed_in.viewer_of(request, Page.OWN_MAIL)
        with self.signed_in.database.write() as conn:
            for box in own_boxes(conn, who):
                if box.paused_at is not None:
                    mailboxes.unpause(conn, box.id)
                    self.signed_in.note(conn, who.address, "mailbox unpaused", f"mailbox {box.id}")
        return RedirectResponse(Page.OWN_MAIL, HTTPStatus.SEE_OTHER)

    def _since(self) -> datetime:
        return self.signed_in.clock() - SHOWN

    def _own_message(self, conn: Connection, who: Viewer, request: Request) -> OwnMessage:
        number = path_id(request, "message", NO_MESSAGE)
        found = own_message(conn, who, number, self._since(), everyday(self.rules))
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, NO_MESSAGE)
        return found

    def _keep(self, request: Request, who: Viewer, said: Sequence[tuple[str, str]]) -> None:
        now = self.signed_in.clock()
        with self.signed_in.database.write() as conn:
            message = self._own_message(conn, who, request)
            offered = {NOT_THERE: message.topics, MISSED: TO_BE_MISSED}
            chosen = [(verdict, _topic(name, offered[verdict])) for verdict, name in said]
            if not chosen:
                raise HTTPException(HTTPStatus.BAD_REQUEST, NO_TOPIC)
            for verdict, topic in chosen:
                if keep_correction(conn, who, message.case_id, topic, verdict=verdict, now=now):
                    self.signed_in.note(conn, who.address, "correction kept", f"case {message.case_id}")


def reply_words(message: OwnMessage) -> str:
    """Say what the sender was told by the automatic reply, or that there was none."""
    if message.withheld:
        return _WITHHELD[message.withheld]
    if message.reply != "sent":
        return _UNSENT.get(message.reply, "No automatic reply.")
    said = (_SAID.get(part, "answered") for part in message.parts if part not in FRAME)
    return f"The sender was {', and '.join(dict.fromkeys(said))}."


def _topic(name: str, offered: Sequence[Topic]) -> Topic:
    topic = next((each for each in offered if each.value == name), None)
    if topic is None:
        raise HTTPException(HTTPStatus.BAD_REQUEST, NO_TOPIC)
    return topic
