"""Looks over a connection that is kept: they cost one login, and see all that a new one would."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.acceptance.school import PARENT, RunningSchool, a_mail
from tests.acceptance.sessions import PassedOn
from triage.bootstrap import Service
from triage.mail.imap import MailError
from triage.store import mailboxes


class Noted(PassedOn):
    """A session that notes what it is asked to do, and whose fetch may fail as it is told to."""

    def __init__(self, session, asked: list[str], failures: list[Exception]) -> None:
        super().__init__(session)
        self._asked, self._failures = asked, failures

    def select(self, folder):
        self._asked.append(folder)
        return self._session.select(folder)

    def fetch(self, uids, cap_bytes):
        if self._failures:
            raise self._failures.pop()
        return self._session.fetch(uids, cap_bytes)


class Looks:
    """The school's looks: the folders that each opened, and the connections that each had."""

    def __init__(self, school: RunningSchool) -> None:
        self.opened: list[str] = []
        self.kept: list[bool] = []
        self.failures: list[Exception] = []
        context = school.service.context

        def connect(mailbox):
            session = context.connect(mailbox)
            self.last = session
            self.kept.append(session.was_kept)
            return Noted(session, self.opened, self.failures)

        school.service = Service(replace(context, connect=connect), school.service.settings)
        self._school = school

    def look(self) -> list[str]:
        """Look once more, and return the folders that were opened for it."""
        self.opened.clear()
        (poll,) = self._school.poll()
        assert poll.error is None
        return list(self.opened)


@pytest.fixture
def looks(school: RunningSchool) -> Looks:
    """The school's looks after its first, which has met the mailbox."""
    return Looks(school)


def test_where_nothing_is_new_no_folder_is_opened_and_nobody_logs_in(looks):
    assert [looks.look() for _ in range(3)] == [[], [], []]
    assert looks.kept == [True, True, True]


def test_mail_that_comes_between_two_looks_is_answered(school, looks):
    looks.look()
    school.deliver(a_mail(to=school.address()))
    assert looks.look() == []
    assert [reply.recipient for reply in school.replies] == [PARENT]


def test_what_the_owner_has_sent_between_two_looks_is_read(school, looks, dovecot):
    looks.look()
    dovecot.append(school.users[0], a_mail(to=PARENT, sender=school.address()), folder="Sent")
    assert looks.look() == ["Sent", "INBOX"]
    assert looks.look() == []


def test_a_message_that_was_begun_and_not_finished_is_met_again_although_nothing_is_new(school, looks):
    school.deliver(a_mail(to=school.address()))
    looks.failures.append(MailError("refused", "NO [THROTTLED]"))
    assert school.poll()[0].status == "failed"
    poll = school.with_clock_ahead(timedelta(hours=1)).poll(school.service.mailboxes[0])
    assert (poll.status, poll.decided) == ("polled", 1)


def test_i1_a_folder_that_was_numbered_anew_is_met_anew(school, looks, dovecot):
    school.deliver(a_mail(to=school.address()))
    looks.look()
    dovecot.renumber(school.users[0])
    assert "INBOX" in looks.look()
    assert school.states() == {"decided": 1, "known": 1}


def test_i2_looks_over_a_kept_connection_mark_nothing_as_seen(school, looks, dovecot):
    school.deliver(a_mail(to=school.address()))
    for _ in range(3):
        looks.look()
    assert dovecot.flags(school.users[0], 1) == frozenset()


def test_a_server_that_was_restarted_costs_no_look(school, looks, dovecot):
    looks.look()
    dovecot.kill_sessions()
    school.deliver(a_mail(to=school.address()))
    looks.look()
    assert looks.kept == [True, False]
    assert school.states() == {"decided": 1}


def test_a_folder_that_the_server_has_closed_is_opened_again_in_the_same_look(school, looks):
    looks.look()
    looks.last._client.unselect_folder()  # as a server does that closes it of its own accord
    school.deliver(a_mail(to=school.address()))
    assert looks.look() == ["INBOX"]
    assert (looks.kept[:2], school.states()) == ([True, True], {"decided": 1})


def test_after_a_resync_was_asked_for_the_folder_is_met_anew_over_the_same_connection(school, looks):
    school.deliver(a_mail(to=school.address()))
    looks.look()
    with school.service.database.write() as conn:
        mailboxes.forget_contact(conn)
    assert looks.look() == ["INBOX"]
    assert (looks.kept, len(school.replies)) == ([True, True], 1)
