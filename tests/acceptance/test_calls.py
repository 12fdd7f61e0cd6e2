"""A present danger by email reaches people: the notices at a real server, from the first call to "taken"."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from tests.acceptance.school import CLOSED, a_mail, comes_true, now
from tests.acceptance.test_answers import Family
from tests.fixed_words import by_words
from tests.servers.sink import Received
from triage.bootstrap import Service
from triage.domain.model import Flag, Route, Severity, Topic
from triage.duties.calls import escalate
from triage.store import workflow
from triage.store.flagging import raise_flag
from triage.store.tables import flag_events
from triage.store.workflow import Change
from triage.workers.embedded import EmbeddedWorker

ON_CALL, LEAD = "s.kowalska@oakfield.example", "p.llewellyn@oakfield.example"
HEAD = "m.adeyemi@oakfield.example"
HARM = "Jake says that he will hurt himself tonight. Sara Pole"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def closed(start_school):
    """A school that is closed, whose classifier finds a present danger in its word."""
    school = start_school(hours=CLOSED)
    find = by_words()

    def classify(message, identity, *, answers_staff=False):
        found = find(message, identity, answers_staff=answers_staff)
        return replace(found, immediate=bool(found.scores), phrase_floor=bool(found.scores))

    context = replace(school.service.context, classify=classify)
    school.service = Service(context, school.service.settings)
    return school


def receive(school) -> datetime:
    school.deliver(a_mail(HARM, to=school.address()))
    school.poll()
    return now()


def after(school, minutes: float) -> list[str]:
    """Let the worker's minute come so long from now; return who has got a notice since it began."""
    before = len(notices(school))
    service = school.with_clock_ahead(minutes * MINUTE)
    escalate(service.context)
    service.sweep()
    return [one.recipient for one in notices(school)[before:]]


def notices(school) -> list[Received]:
    return [one for one in school.sink.accepted if one.message["Auto-Submitted"] == "auto-generated"]


def test_at_night_the_person_on_call_is_told_at_once_then_a_step_up_and_again(closed):
    receive(closed)
    assert [one.recipient for one in notices(closed)] == [ON_CALL]
    assert after(closed, 14) == []
    assert after(closed, 15.5) == [LEAD]
    assert after(closed, 31) == [ON_CALL, LEAD, HEAD]
    assert after(closed, 31) == []


def test_once_somebody_has_it_the_others_are_told_and_nobody_is_called_again(closed):
    at = receive(closed)
    after(closed, 15.5)
    with closed.service.database.write() as conn:
        workflow.take(conn, Change(1, 0, LEAD, at + 16 * MINUTE), LEAD)
    assert after(closed, 17) == [ON_CALL]
    assert "Somebody has case 1 at Oakfield School now." in notices(closed)[-1].message.as_string()
    assert after(closed, 60) == []


def test_no_notice_says_a_word_of_it_or_a_name(closed):
    receive(closed)
    after(closed, 31)
    said = [one.message.as_string() for one in notices(closed)]
    assert len(said) == 4
    for notice in said:
        assert "case 1" in " ".join(notice.split())
        for hidden in ("hurt", "Jake", "Pole", "safeguarding", "Llewellyn", "Kowalska", "Adeyemi"):
            assert hidden not in notice


def test_one_that_the_server_does_not_take_holds_up_nobody_else(closed):
    receive(closed)
    closed.sink.behave(answers={"RCPT": "451 4.3.2 busy"})
    assert after(closed, 15.5) == []
    closed.sink.behave()
    assert sorted(after(closed, 90)) == sorted([ON_CALL, LEAD, HEAD])


def test_the_worker_calls_by_itself_and_goes_on_where_another_has_stopped(closed):
    receive(closed)
    with closed.service.database.write() as conn:
        conn.execute(update(flag_events).values(at=now() - 16 * MINUTE))
    worker = EmbeddedWorker(closed.service.context, timedelta(hours=1))
    worker.start()
    try:
        assert comes_true(lambda: len(notices(closed)) == 2)
    finally:
        worker.stop()
    assert [one.recipient for one in notices(closed)] == [ON_CALL, LEAD]


def test_in_a_flood_a_few_calls_come_at_once_and_the_others_within_the_minute_as_one(closed):
    for number in range(9):
        sender = f"parent{number}@home{number}.example"
        closed.deliver(a_mail(HARM, to=closed.address(), sender=sender), mail_from=sender)
    closed.poll()
    assert [one.recipient for one in notices(closed)] == [ON_CALL] * 5
    assert after(closed, 1) == [ON_CALL]
    assert "4 more cases at Oakfield School need you at once." in notices(closed)[-1].message.as_string()
    assert after(closed, 2) == []


def test_who_is_accused_on_a_case_is_not_told_of_what_joins_it(closed):
    family = Family(closed)
    find = by_words()

    def classify(message, identity, *, answers_staff=False):
        found = find(message, identity, answers_staff=answers_staff)
        harm = Topic.SAFEGUARDING in found.scores
        return replace(found, immediate=harm, phrase_floor=harm)

    closed.service = Service(replace(closed.service.context, classify=classify), closed.service.settings)
    family.writes("My child is being bullied on the bus. Sara Pole")
    about = Flag(Topic.SAFEGUARDING, Severity.HIGH, Route.HEADTEACHER, about=ON_CALL, why="a person found it")
    with closed.service.database.write() as conn:
        raise_flag(conn, 1, about, now(), origin="by hand")
    family.answers(HARM)
    assert family.cases == 1
    assert notices(closed) == []
    assert LEAD in after(closed, 1)
    assert ON_CALL not in after(closed, 240)
