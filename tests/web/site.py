"""A review site over a database with messages in it, opened as one person or another."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from httpx2 import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.factories import PARENT, PEOPLE, TEACHER, a_message, a_school
from tests.store.builders import NOW, a_mailbox, an_intake, take_in
from triage.demo.choosing import BY_CHOICE
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.school import Person, Role, School
from triage.store.db import Database
from triage.web.app import create_app
from triage.web.door import Door
from triage.web.flag_card import Rules, no_rule
from triage.web.form_tokens import FIELD
from triage.web.news import Streams
from triage.web.site import Site as OwnSite

HERE = "http://127.0.0.1:8025"
SECRET = "xylophone"
"""A word that only a message's text holds."""
SUBJECT = "Reading"
"""What the evidence of every message shows."""

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
IN_SERVICE = OwnSite()

SCHOOL = a_school(people=(*PEOPLE, Person(TEACHER, Role.TEACHER, "Mr R. Hale")))
ABSENCE = Flag(Topic.ABSENCE, Severity.REVIEW, Route.OFFICE, year=8, why="told by email")
CONTENTIOUS = Flag(Topic.CONTENTIOUS, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8, why="not by email")
DISCLOSURE = Flag(Topic.SAFEGUARDING, Severity.IMMEDIATE, Route.SAFEGUARDING_LEAD, year=8, why="a phrase")


class Browser(TestClient):
    """A browser that follows no redirect by itself, and sends forms as a page has them: with their token."""

    def post(self, url: str, *, data: dict | None = None, page: str = "/account", **more: object) -> Response:
        """Send a form that stands on a page; one that has a token already is sent as it is."""
        if isinstance(data, dict | None) and FIELD not in (data or {}):
            data = {**self.hidden(page), **(data or {})}
        return super().post(url, data=data, **more)

    def hidden(self, page: str) -> dict[str, str]:
        """Return the hidden fields of a page's first form of ours, none where there is no form."""
        return dict(HIDDEN.findall(self.get(page).text))

    def sign_in(self, **fields: str) -> Response:
        """Send the form of the sign-in page."""
        return self.post("/sign-in", data=fields, page="/sign-in")


@dataclass
class Site:
    """The application on a database; people sign in by being chosen, unless there is another door."""

    database: Database
    school: School = SCHOOL
    own: OwnSite = IN_SERVICE
    door: Door | None = BY_CHOICE
    clock: Callable[[], datetime] = lambda: NOW
    rules: Rules = no_rule
    _uids: count = field(default_factory=lambda: count(1))

    def app(self, streams: Streams | None = None) -> Starlette:
        """Return the application anew."""
        return create_app(
            self.database, self.school, self.clock, self.own, self.door, rules=self.rules, streams=streams
        )

    def open(
        self, address: str | None = None, client: str = "testclient", app: Starlette | None = None
    ) -> Browser:
        """Return a browser at the site, signed in as a person if one is named; at its own ``app`` or one."""
        here = self.own.address or HERE
        browser = Browser(
            app or self.app(),
            base_url=here,
            headers={"Origin": here},
            follow_redirects=False,
            client=(client, 50_000),
        )
        if address is not None:
            chosen = browser.sign_in(viewer=self.token(address))
            assert chosen.headers["location"] == "/"
        return browser

    def token(self, address: str) -> str:
        """Return what stands for a person in the form."""
        return self.database.keyring.digest("viewer", address)

    def message(
        self,
        *flags: Flag,
        text: str = f"Please look at this: {SECRET}.",
        subject: str = SUBJECT,
        sender: str = PARENT,
        quoted: str = "",
    ) -> int:
        """Record a message in the teacher's mailbox with these flags, and return its case."""
        uid = next(self._uids)
        with self.database.write() as conn:
            mailbox_id = a_mailbox(conn)
        message = a_message(
            text=text + quoted,
            own_text=text,
            subject=subject,
            sender=sender,
            message_id=f"<{uid}@home.example>",
        )
        return take_in(self.database, an_intake(mailbox_id, uid, message=message, flags=flags)).case_id

    def messages(self, *flags: Flag) -> Sequence[int]:
        """Record a message for each flag."""
        return [self.message(flag) for flag in flags]
