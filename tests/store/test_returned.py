"""A report that a reply came back: an address is silenced by what only a mail server could have sent."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import PARENT, TEACHER, a_message
from tests.store.builders import NOW, a_mailbox, a_reply, an_intake, put, read, send, take_in
from triage.domain.model import History, Message, Returned
from triage.store.tables import correspondents, flags

COLLEAGUE = "p.finch@oakfield.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Answered:
    """A parent to whom a reply went out from a teacher's mailbox."""

    def __init__(self, database) -> None:
        self.database = database
        self.uid = 1_000_000  # beyond those of ``put``
        with database.write() as conn:
            self.mailbox = a_mailbox(conn)
        self.reply = read(database, send(database, put(database, a_reply(self.mailbox))).action.id)

    def take_in(self, message: Message, *, mailbox=TEACHER, folder="INBOX", after=HOUR, joins=None) -> None:
        """Let a message come into a mailbox so long after the reply."""
        with self.database.write() as conn:
            box = a_mailbox(conn, mailbox, folder)
        self.uid += 1
        history = History(answers_our_reply=joins)
        take_in(self.database, an_intake(box, self.uid, message=message, history=history, now=NOW + after))

    def is_told_that_it_came_back(self, *, return_path: str | None = "", **how) -> None:
        report = a_message(sender="daemon@mx.example", return_path=return_path, message_id="<r@mx.example>")
        told = Returned(ids=(self.reply.message_id,), failed=True, refused=True)
        self.take_in(replace(report, returned=told), **how)

    @property
    def is_silenced(self) -> bool:
        with self.database.read() as conn:
            found = select(correspondents.c.suppressed).where(
                correspondents.c.address_hash == self.reply.correspondent
            )
            return conn.execute(found).scalar_one() is not None

    @property
    def why(self) -> str:
        """What the administrator's flag says."""
        with self.database.read() as conn:
            return conn.execute(select(flags.c.why).where(flags.c.topic == "reply-failed")).scalar_one()


@pytest.fixture
def answered(database) -> Answered:
    return Answered(database)


@pytest.mark.parametrize("folder", ["INBOX", "Junk"])
def test_d1_a_report_from_nobody_into_the_mailbox_that_sent_silences_the_address(answered, folder):
    answered.is_told_that_it_came_back(folder=folder, after=5 * DAY)
    assert answered.is_silenced


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"return_path": "anybody@brand.example"}, id="from somebody"),
        pytest.param({"return_path": None}, id="from nobody knows whom"),
        pytest.param({"mailbox": COLLEAGUE}, id="into another mailbox"),
        pytest.param({"after": 8 * DAY}, id="when no server tries any more"),
    ],
)
def test_d1_a_report_that_no_server_sends_so_silences_nobody_and_the_administrator_is_told(answered, how):
    answered.is_told_that_it_came_back(**how)
    assert not answered.is_silenced
    assert "nobody is silenced by it" in answered.why


@pytest.mark.parametrize(("path", "said"), [(None, True), ("anybody@brand.example", False)])
def test_d1_a_report_without_a_return_path_is_told_as_one_because_the_server_may_strip_it(
    answered, path, said
):
    answered.is_told_that_it_came_back(return_path=path)
    assert ("without a Return-Path" in answered.why) is said


def test_d1_whoever_has_answered_the_reply_is_not_silenced_by_somebody_who_got_a_copy(answered):
    words = a_message(sender=PARENT.upper(), message_id="<answer@home.example>", cc=["anybody@brand.example"])
    answered.take_in(words, joins=answered.reply.case_id)
    answered.is_told_that_it_came_back(after=2 * HOUR)
    assert not answered.is_silenced
