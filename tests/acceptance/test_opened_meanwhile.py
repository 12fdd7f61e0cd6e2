"""A reply that waits past the opening: nothing that leaves says that an open school is closed."""

from dataclasses import replace

import pytest

from tests.acceptance.school import CLOSED, DAYS, OPEN, PARENT, RunningSchool, a_mail
from tests.fixed_words import by_words
from triage.bootstrap import Service
from triage.domain.model import Topic
from triage.from_settings import school_of
from triage.pipeline import poll_mailbox
from triage.settings import load_settings
from triage.store.tables import actions

BUS = "The bus is late: ring me. Sara Pole"


@pytest.fixture
def school(start_school) -> RunningSchool:
    """A school that is closed, whose classifier finds what its few words say."""
    school = start_school(hours=CLOSED)
    words = {"won't be in school": Topic.ABSENCE, "bus": Topic.URGENT}
    school.service = Service(
        replace(school.service.context, classify=by_words(words)), school.service.settings
    )
    return school


def is_written_to(school: RunningSchool, text: str) -> None:
    """Let a message be decided, while nothing is sent."""
    school.deliver(a_mail(text, to=school.address()), mail_from=PARENT)
    for mailbox in school.service.mailboxes:
        poll_mailbox(school.service.context, mailbox)


def opens(school: RunningSchool) -> None:
    """Open the school, and carry out what waits."""
    hours = {f"TRIAGE_HOURS__{day.upper()}": OPEN for day in DAYS}
    opened = school_of(load_settings(None, school.variables() | hours))
    Service(replace(school.service.context, school=opened), school.service.settings).sweep()


def test_that_it_is_closed_is_left_out_of_a_reply_that_says_more(school):
    is_written_to(school, "Jake won't be in school tomorrow. Sara Pole")
    opens(school)
    (reply,) = school.replies
    assert b"absence" in reply.raw
    assert b"The school is closed" not in reply.raw


def test_a_reply_that_says_nothing_else_is_withheld_as_late(school):
    is_written_to(school, "Which page is the reading on? Sara Pole")
    opens(school)
    assert school.replies == []
    with school.service.database.read() as conn:
        reasons = conn.execute(actions.select().where(actions.c.kind == "reply")).mappings()
        assert [row["reason"] for row in reasons] == ["late"]


def test_what_is_urgent_gives_the_number_that_answers_now(school):
    is_written_to(school, BUS)
    opens(school)
    (reply,) = school.replies
    assert b"until the school opens" not in reply.raw
    assert b"cannot wait\r\n- " not in reply.raw


def test_while_it_is_closed_still_it_is_said(school):
    is_written_to(school, BUS)
    school.service.sweep()
    assert b"The school is closed" in school.replies[0].raw
