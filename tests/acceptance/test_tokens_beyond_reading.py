# ruff: noqa: F811 - fixtures of another file
"""What else a mailbox's token serves for: replies that are sent by it, and news that are waited for."""

import pytest

from tests.acceptance.school import OTHER_PARENT, PARENT, a_mail, comes_true
from tests.acceptance.test_tokens import (  # noqa: F401 - fixtures
    REVOKED,
    database_url,
    start_token_school,
    when_judged,
)
from tests.contract.test_watch import QUICK, Heard
from tests.servers.sink import Sink
from triage.mail.watch import Watch


@pytest.fixture(scope="module")
def tls_sink(certificates):
    with Sink("tls", certificates) as server:
        yield server


@pytest.fixture
def listen():
    """Listen to a school's mailbox: what is heard of it, the watch, and how often it was opened."""
    watches = []

    def start(school):
        heard, opened = Heard(), []

        def open_(mailbox):
            opened.append(mailbox)
            return school.service.context.listen(mailbox)

        watches.append(Watch(school.service.mailboxes, open_, heard.wake, patience=QUICK))
        watches[-1].start()
        (inbox,) = school.service.mailboxes
        return heard, inbox, opened

    yield start
    for watch in watches:
        watch.stop()


def refused_logins(school) -> int:
    with school.service.database.read() as conn:
        return conn.exec_driver_sql("SELECT count(*) FROM switches WHERE name LIKE 'login %'").scalar_one()


def test_a_reply_goes_out_by_a_token_that_is_renewed_once_where_it_has_ended_since(
    start_token_school,
    token_provider,
    tls_sink,
):
    shown = []

    def takes(user, token):
        shown.append((user, token in token_provider.given))
        return shown[-1][1]

    tls_sink.behave(auth=True, takes=takes)
    school = start_token_school(
        at=tls_sink,
        TRIAGE_SMTP__SECURITY="tls",
        TRIAGE_SMTP__CA_FILE=str(tls_sink.certificates.ca_file),
        TRIAGE_SMTP__LOGIN_AS="mailbox",
    )
    school.deliver(a_mail(to=school.address()))
    when_judged(school, 1, token_provider.revoke)
    assert [poll.error for poll in school.poll()] == [None]
    (user,) = school.users
    assert [(one.recipient, one.login) for one in school.replies] == [(PARENT, user)]
    assert shown[:2] == [(user, False), (user, True)]
    assert len(token_provider.forms) == 2  # the first token, and the one in its place


def test_mail_wakes_a_mailbox_that_is_listened_to_by_a_token(start_token_school, listen):
    school = start_token_school()
    heard, inbox, _ = listen(school)
    assert heard.reaches(inbox, 1)
    school.deliver(a_mail(to=school.address()))
    assert heard.reaches(inbox, 2)


def test_a_token_that_ends_while_news_are_waited_for_is_renewed_once_and_they_are_waited_for_again(
    start_token_school,
    token_provider,
    listen,
):
    school = start_token_school()
    heard, inbox, opened = listen(school)
    assert heard.reaches(inbox, 1)
    token_provider.revoke()
    school.dovecot.kill_sessions()
    assert heard.reaches(inbox, 2)
    school.deliver(a_mail(to=school.address(), sender=OTHER_PARENT))
    assert heard.reaches(inbox, 3)
    assert (len(opened), len(token_provider.forms), refused_logins(school)) == (2, 2, 0)


def test_while_no_token_can_be_had_the_provider_is_asked_once_and_no_wrong_password_is_counted(
    start_token_school,
    token_provider,
    listen,
):
    school = start_token_school()
    heard, inbox, opened = listen(school)
    assert heard.reaches(inbox, 1)
    token_provider.revoke()
    token_provider.manners.says = REVOKED
    school.dovecot.kill_sessions()
    assert comes_true(lambda: len(opened) >= 5)
    assert (len(token_provider.forms), refused_logins(school)) == (2, 0)
