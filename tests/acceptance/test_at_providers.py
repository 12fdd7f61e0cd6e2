"""A school at Microsoft 365 or at Google: what was sent comes back under other names, and is known."""

import pytest
from sqlalchemy import func, select

from tests.acceptance.school import RunningSchool, a_mail
from tests.acceptance.test_answers import BULLIED, JAKE, Family
from tests.servers.providers import Provider
from triage.store.tables import sent_ids


@pytest.fixture(params=["microsoft", "google"])
def dovecot(request) -> Provider:
    """The server of this module's schools."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def school(worded, sink, dovecot) -> RunningSchool:
    """A school whose provider files copies of what it sends."""
    sink.behave(**dovecot.submission())
    return worded


def letters_kept(school) -> int:
    """How many Message-IDs of letters of staff are kept."""
    with school.service.database.read() as conn:
        return conn.execute(select(func.count()).select_from(sent_ids)).scalar_one()


def test_provider_sent_ids_an_answer_to_our_reply_joins_its_case_whatever_name_the_provider_gave_it(school):
    family = Family(school)
    family.writes(BULLIED)
    family.answers("Jake, 8B")
    assert (family.cases, family.pupils) == (1, [JAKE])
    assert len(school.replies) == 1


def test_our_own_replies_among_what_was_sent_are_no_letters_of_staff(school):
    school.deliver(a_mail(to=school.address()))
    school.poll()
    school.poll()
    assert (len(school.replies), letters_kept(school)) == (1, 0)


def test_a17_the_reply_leaves_where_the_provider_takes_no_null_sender(school, dovecot):
    school.deliver(a_mail(to=school.address()))
    school.poll()
    expected = {"microsoft": school.address(), "google": "<>"}
    assert [reply.mail_from for reply in school.replies] == [expected[dovecot.name]]


def test_an_answer_to_a_letter_of_a_person_is_still_known_as_one(school, dovecot):
    letter = b"From: r.hale@oakfield.example\r\nMessage-ID: <7@prod.outlook.example>\r\n\r\nHow is Jake?\r\n"
    dovecot.append(school.users[0], letter, folder=dovecot.sent_folder)
    school.poll()
    school.deliver(a_mail(BULLIED, to=school.address(), headers={"In-Reply-To": "<7@prod.outlook.example>"}))
    school.poll()
    assert (letters_kept(school), school.flags()) == (1, [])
