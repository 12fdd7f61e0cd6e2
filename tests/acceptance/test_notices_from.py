"""From whom a notice goes out: what comes back of it, and who answers it, never reaches whom it is about."""

import json
from dataclasses import replace
from datetime import timedelta
from email.utils import parseaddr

import pytest

from tests.acceptance.school import CLOSED, OPEN, a_mail, now
from tests.fixed_words import by_words
from tests.servers.imap_host import PASSWORD
from tests.servers.sink import Received
from triage.bootstrap import Service
from triage.domain.model import Topic
from triage.domain.school import Person, Role
from triage.duties.calls import escalate
from triage.duties.mornings import mornings

HIT = "Mr Hale hit my son Jake in the lesson today. Sara Pole"
URGENT_HIT = f"Please ring at once. {HIT}"
HARM = "My son Jake was hit at home. Sara Pole"
HEAD, LEAD = "m.adeyemi@oakfield.example", "p.llewellyn@oakfield.example"
WORDS = {"hit": Topic.SAFEGUARDING, "bullied": Topic.SENSITIVE_ISSUE, "at once": Topic.URGENT}
OWNERS = ("Mr R. Hale", "Ms O. Quill", "Mr W. Marsh")
ACCUSED, FIRST, OFFICE = 1, 0, 2


@pytest.fixture
def start(start_school, dovecot):
    """Start a school of three mailboxes; ``roles`` says what the owners are, by their number."""

    def start(*, immediate=True, hours=OPEN, roles=None, account=""):
        users = [dovecot.new_user() for _ in range(3)]
        names = [OWNERS[1], OWNERS[0], OWNERS[2]]
        boxes = [
            {"address": dovecot.address(user), "name": name, "username": user, "password": PASSWORD}
            for user, name in zip(users, names, strict=True)
        ]
        school = start_school(hours=hours, environ={"TRIAGE_MAILBOXES": json.dumps(boxes)})
        school.users = users
        find = by_words(WORDS)

        def classify(message, identity, *, answers_staff=False):
            found = find(message, identity, answers_staff=answers_staff)
            return replace(found, immediate=immediate and bool(found.scores))

        context = school.service.context
        given = {OFFICE: Role.OFFICE} if roles is None else roles
        added = tuple(Person(dovecot.address(users[number]), role) for number, role in given.items())
        people = (*added, *context.school.people)
        context = replace(
            context,
            classify=classify,
            school=replace(context.school, people=people),
            answering=replace(context.answering, account=account),
        )
        school.service = Service(context, school.service.settings)
        return school

    return start


def receive(school, text=HIT, user=ACCUSED) -> None:
    school.deliver(a_mail(text, to=school.address(user)), user=user)
    school.poll()


def notices(school) -> list[Received]:
    return [one for one in school.sink.accepted if one.message["Auto-Submitted"] == "auto-generated"]


def senders(school) -> set[str]:
    """Every From and every MAIL FROM of the notices that the server took."""
    found = notices(school)
    assert found
    return {parseaddr(one.message["From"])[1] for one in found} | {one.mail_from for one in found}


def subjects(school) -> set[str]:
    return {one.message["Subject"] for one in notices(school)}


def at(school, hour: int) -> Service:
    """Return the service as it would run at an hour of today, of tomorrow from 24 on."""
    moment = now().replace(hour=0, minute=0) + timedelta(hours=hour)
    return Service(replace(school.service.context, clock=lambda: moment), school.service.settings)


def later(school, **span) -> Service:
    return school.with_clock_ahead(timedelta(**span))


def test_of_an_accusation_in_the_mailbox_of_the_accused_the_office_tells(start):
    school = start()
    receive(school)
    assert {HEAD} <= {one.recipient for one in notices(school)}
    assert senders(school) == {school.address(OFFICE)}


def test_so_it_does_when_it_is_passed_up(start):
    school = start(hours=CLOSED)
    receive(school)
    service = later(school, minutes=31)
    escalate(service.context)
    service.sweep()
    assert len(notices(school)) > 2
    assert senders(school) == {school.address(OFFICE)}


def test_so_it_does_of_what_is_high(start):
    school = start(immediate=False)
    receive(school, URGENT_HIT)
    service = later(school, minutes=3)
    escalate(service.context)
    service.sweep()
    assert senders(school) == {school.address(OFFICE)}


def test_so_it_does_of_several_cases_together(start):
    school = start(immediate=False, hours="08:00-16:00")
    school.service = at(school, hour=3)
    receive(school, URGENT_HIT)
    receive(school, f"{URGENT_HIT} again")
    assert notices(school) == []
    service = at(school, hour=11)
    escalate(service.context)
    service.sweep()
    assert any("2 cases" in " ".join(one.message.as_string().split()) for one in notices(school))
    assert senders(school) == {school.address(OFFICE)}


def test_so_it_does_in_the_morning(start):
    school = start(immediate=False)
    school.service = at(school, hour=12)
    receive(school, "Jake was bullied again.", FIRST)
    service = at(school, hour=32)
    mornings(replace(service.context, digests=frozenset()))
    service.sweep()
    assert {"School inbox: since yesterday", "School inbox: your queue this morning"} <= subjects(school)
    assert senders(school) == {school.address(OFFICE)}


def test_a_digest_shows_the_office_and_comes_back_to_its_reader_alone(start):
    school = start(immediate=False)
    school.service = at(school, hour=12)
    receive(school, "Which page is the reading on?", FIRST)
    service = at(school, hour=32)
    mornings(service.context)
    service.sweep()
    (digest,) = [one for one in notices(school) if one.message["Subject"].startswith("Your mail: ")]
    assert parseaddr(digest.message["From"])[1] == school.address(OFFICE)
    assert digest.mail_from == digest.recipient == school.address(FIRST)


class TestWithoutAnOffice:
    def test_somebody_with_a_role_tells(self, start):
        school = start(roles={OFFICE: Role.HEADTEACHER})
        receive(school)
        assert senders(school) == {school.address(OFFICE)}

    def test_never_the_accused_whatever_their_role(self, start):
        school = start(roles={ACCUSED: Role.SAFEGUARDING_LEAD, OFFICE: Role.ADMINISTRATOR})
        receive(school)
        assert senders(school) == {school.address(OFFICE)}

    def test_nor_the_office_if_it_is_about_the_office(self, start):
        school = start(roles={ACCUSED: Role.OFFICE, OFFICE: Role.ADMINISTRATOR})
        receive(school)
        assert senders(school) == {school.address(OFFICE)}

    def test_where_nobody_of_those_is_watched_the_account_of_the_server_tells(self, start):
        school = start(roles={}, account="triage@oakfield.example")
        receive(school)
        assert senders(school) == {"triage@oakfield.example"}

    def test_where_that_is_no_address_it_is_a_mailbox_in_which_the_message_did_not_lie(self, start):
        school = start(roles={}, account="triage")
        receive(school, HARM, FIRST)
        assert senders(school) == {school.address(ACCUSED)}
