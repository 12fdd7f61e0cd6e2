"""A notice that does not arrive: who is told of it, and that the owner of the mailbox is not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.acceptance.school import a_mail, now
from tests.fixed_words import by_words
from tests.restraint.bounces import a_bounce
from tests.servers.sink import Received
from triage.bootstrap import Service
from triage.domain.visibility import scope, viewer
from triage.duties.mornings import mornings
from triage.store import health
from triage.store.queue import newest

HARM = "Jake says that he will hurt himself tonight. Sara Pole"
ADMIN = "it@oakfield.example"


@pytest.fixture
def school(start_school, hook):
    """A school whose every disclosure is a present danger, with the hook as its second channel."""
    school = start_school(environ={"TRIAGE_ALERTS__URLS": hook.url})
    find = by_words()

    def classify(message, identity, *, answers_staff=False):
        found = find(message, identity, answers_staff=answers_staff)
        return replace(found, immediate=bool(found.scores))

    context = replace(school.service.context, classify=classify)
    school.service = Service(context, school.service.settings)
    return school


def notices(school) -> list[Received]:
    return [one for one in school.sink.accepted if one.message["Auto-Submitted"] == "auto-generated"]


def call(school) -> Received:
    """Let somebody be called; return the notice."""
    school.deliver(a_mail(HARM, to=school.address()))
    school.poll()
    return notices(school)[0]


def comes_back(school, notice: Received, status="5.1.1") -> None:
    school.deliver(a_bounce(notice, to=school.address(), status=status), mail_from="")
    school.poll()


def shown_to_the_owner(school) -> int:
    who = viewer(school.service.school, school.address())
    with school.service.database.read() as conn:
        return newest(conn, scope(who))[0]


def failed(school) -> int:
    with school.service.database.read() as conn:
        return health.unsent(conn, ADMIN, "notify", now())[health.Standing.FAILED].number


@pytest.mark.parametrize("status", ["5.1.1", "5.7.1"])
def test_one_that_came_back_is_a_flag_for_the_administrator(school, status):
    comes_back(school, call(school), status)
    assert ("notice-failed", "administrator", None) in school.flags()
    assert "reply-failed" not in {topic for topic, _, _ in school.flags()}


def test_the_owner_of_the_mailbox_sees_nothing_of_it(school):
    notice = call(school)
    before = shown_to_the_owner(school)
    comes_back(school, notice)
    assert shown_to_the_owner(school) == before


def test_it_stands_on_the_page_of_the_service(school):
    notice = call(school)
    assert failed(school) == 0
    comes_back(school, notice)
    assert failed(school) == 1


def test_one_without_a_case_stands_there_too(school):
    service = school.with_clock_ahead(timedelta(days=1))
    mornings(service.context)
    service.sweep()
    comes_back(school, notices(school)[0])
    assert (failed(school), school.flags()) == (1, [])


def test_it_is_told_by_the_second_channel_once(school, hook):
    notice = call(school)
    school.poll()
    assert hook.taken == []
    comes_back(school, notice)
    comes_back(school, notice)
    school.poll()
    (text,) = hook.taken
    assert "did not arrive" in text
