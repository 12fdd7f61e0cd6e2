"""A review page over a database with messages in it, opened as one person or another."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from starlette.testclient import TestClient

from tests.factories import PARENT, PEOPLE, TEACHER, a_message, a_school
from tests.store.builders import NOW, a_mailbox, an_intake, take_in
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.school import Person, Role, School
from triage.store.db import Database
from triage.web.app import create_app

HERE = "http://127.0.0.1:8025"
SECRET = "xylophone"
"""A word that only a message's text holds."""
SUBJECT = "Reading"
"""What the evidence of every message shows."""

SCHOOL = a_school(people=(*PEOPLE, Person(TEACHER, Role.TEACHER, "Mr R. Hale")))
ABSENCE = Flag(Topic.ABSENCE, Severity.REVIEW, Route.OFFICE, year=8, why="told by email")
CONTENTIOUS = Flag(Topic.CONTENTIOUS, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8, why="not by email")
DISCLOSURE = Flag(Topic.SAFEGUARDING, Severity.IMMEDIATE, Route.SAFEGUARDING_LEAD, year=8, why="a phrase")


@dataclass
class Site:
    """The application on a database."""

    database: Database
    school: School = SCHOOL
    _uids: count = field(default_factory=lambda: count(1))

    def open(self, address: str | None = None) -> TestClient:
        """Return a browser at the page, with the view of a person if one is named."""
        app = create_app(self.database, self.school, lambda: NOW)
        client = TestClient(app, base_url=HERE, headers={"Origin": HERE}, follow_redirects=False)
        if address is not None:
            chosen = client.post("/viewer", data={"viewer": self.token(address)})
            assert chosen.headers["location"] == "/flags"
        return client

    def token(self, address: str) -> str:
        """Return what stands for a person in the form and in the cookie."""
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
