"""A mailbox that is signed in to by tokens, at a server that asks the provider about each of them."""

import json
import shutil
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.acceptance.school import RunningSchool, a_mail, now
from tests.fixed_words import by_words
from tests.servers.token_provider import CLIENT_ID, CLIENT_SECRET, TENANT
from triage.bootstrap import Service, build
from triage.check import checks, trial
from triage.logins import account_of
from triage.status import Watched, status_sections
from triage.store.refused import refuse
from triage.store.tables import messages

HOUR = timedelta(hours=1)
REVOKED = (401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."}, {})


@pytest.fixture
def database_url(sqlite_template, tmp_path) -> str:
    """The URL of a SQLite database: what a server does is the same on either."""
    shutil.copyfile(sqlite_template, tmp_path / "triage.db")
    return f"sqlite:///{tmp_path}/triage.db"


@pytest.fixture
def start_token_school(token_dovecot, token_provider, sink, tmp_path, request):
    database_url, key_file = map(request.getfixturevalue, ("database_url", "key_file"))
    started = []

    def start(at=None, **environ) -> RunningSchool:
        folder = tmp_path / f"school{len(started)}"
        folder.mkdir()
        given = {
            "TRIAGE_IMAP__PORT": str(token_dovecot.imaps_port),
            "TRIAGE_IMAP__SECURITY": "tls",
            "TRIAGE_IMAP__CA_FILE": str(token_dovecot.certificates.ca_file),
            "TRIAGE_IMAP__AUTH": "oauth",
            "TRIAGE_OAUTH__PROVIDER": "microsoft",
            "TRIAGE_OAUTH__TENANT": TENANT,
            "TRIAGE_OAUTH__CLIENT_ID": CLIENT_ID,
            "TRIAGE_OAUTH__CLIENT_SECRET": CLIENT_SECRET,
            "TRIAGE_OAUTH__AUTHORITY": token_provider.origin,
            "TRIAGE_OAUTH__CA_FILE": str(token_provider.certificates.ca_file),
            **environ,
        }
        where = (token_dovecot, at or sink, database_url, key_file, folder)
        started.append(RunningSchool(*where, environ=given))
        school = started[-1]
        context = replace(school.service.context, classify=by_words())
        school.service = Service(context, school.service.settings)
        return school

    yield start
    for school in started:
        school.service.close()


def most_attempts(school):
    with school.service.database.read() as conn:
        return conn.execute(select(func.max(messages.c.attempts))).scalar_one()


def when_judged(school, number, do):
    """Have something done when the message of this number is judged."""
    judged = []

    def watched():
        judged.append(1)
        if len(judged) == number:
            do()
        return nullcontext()

    school.service = Service(replace(school.service.context, watched=watched), school.service.settings)


@contextmanager
def later(school, span):
    """The same school's service as another process runs it some time from now."""
    service = build(school.settings(), lambda: now() + span)
    service = Service(replace(service.context, classify=by_words()), service.settings)
    try:
        yield service
    finally:
        service.close()


def fill(school, number):
    mails = [a_mail(to=school.address()) for _ in range(number)]
    school.dovecot.append_all(school.users[0], mails, now())


def test_mail_is_read_by_a_token_of_the_school_s_app(start_token_school, token_provider):
    school = start_token_school()
    fill(school, 1)
    assert [poll.error for poll in school.poll()] == [None]
    assert school.states() == {"decided": 1}
    assert token_provider.seen[-1] == "active"


def test_a_token_that_ends_during_500_messages_costs_none_of_them(start_token_school, token_provider):
    school = start_token_school()
    fill(school, 500)

    def end():
        token_provider.revoke()
        school.dovecot.kill_sessions()

    when_judged(school, 120, end)
    (poll,) = school.poll()
    assert (poll.error, poll.decided, poll.seen) == (None, 500, 500)
    assert most_attempts(school) == 1
    assert len(token_provider.forms) == 2


@pytest.mark.parametrize("says", [REVOKED, (503, {}, {})])
def test_a_token_that_ends_while_no_other_can_be_had_costs_no_message_either(
    start_token_school, token_provider, says
):
    school = start_token_school()
    fill(school, 60)

    def end():
        token_provider.revoke()
        token_provider.manners.says = says
        school.dovecot.kill_sessions()

    when_judged(school, 10, end)
    (poll,) = school.poll()
    assert poll.error is not None
    assert most_attempts(school) == 1
    token_provider.manners.says = None
    with later(school, HOUR) as service:
        assert service.round(service.mailboxes[0]).error is None
    assert (school.states(), most_attempts(school)) == ({"decided": 60}, 1)


def test_a_renewal_that_is_refused_is_told_once_with_the_provider_s_code(start_token_school, token_provider):
    school = start_token_school()
    token_provider.manners.says = REVOKED
    with later(school, timedelta(minutes=55)) as service:
        polls = [service.round(service.mailboxes[0]) for _ in range(2)]
        service.sweep()
        service.sweep()
    assert [poll.error for poll in polls] == [None, None]
    assert len(token_provider.forms) == 2
    told = [one for one in school.sink.accepted if "could not be renewed" in one.message.get_payload()]
    assert [one.recipient for one in told] == ["it@oakfield.example"]
    with school.service.database.read() as conn:
        sections = status_sections(conn, Watched((), HOUR), now(), live=True)
    (row,) = next(section.rows for section in sections if section.kind == "token")
    assert (row["for"], row["state"], row["failures"]) == ("all mailboxes", "failing", 1)
    assert "AADSTS7000215: the client secret is wrong" in row["trouble"]


def test_a_token_for_somebody_else_is_renewed_once_and_then_waits_some_minutes(
    start_token_school, token_provider
):
    school = start_token_school()
    token_provider.behave(audience="https://somewhere.else.example")
    with later(school, timedelta()) as service:
        first = service.round(service.mailboxes[0])
    with later(school, timedelta(minutes=3)) as service:
        second = service.round(service.mailboxes[0])
    assert len(token_provider.forms) == 1
    assert "it reports status invalid_token" in first.error
    assert "another audience (oauth.resource)" in first.error
    assert "it is tried again at" in second.error


def test_no_secret_is_in_a_log_an_error_or_what_is_shown(start_token_school, token_provider, caplog):
    caplog.set_level("DEBUG")
    school = start_token_school()
    fill(school, 1)
    (poll,) = school.poll()
    given = {*token_provider.given}
    token_provider.revoke()
    token_provider.manners.says = REVOKED
    school.service.context.hang_up()
    with later(school, timedelta()) as service:
        refused = service.round(service.mailboxes[0])
        told = repr(service) + repr(service.settings)
    with school.service.database.read() as conn:
        told += repr(status_sections(conn, Watched((), HOUR), now(), live=True))
    assert refused.error is not None
    told += repr((poll, refused)) + "".join(f"{one.getMessage()} {one.exc_text}" for one in caplog.records)
    assert given
    assert not [secret for secret in {*given, CLIENT_SECRET} if secret in told]


def sign_in(school):
    """What a check of the whole way says of signing in."""
    lines = trial(None, school.variables(), now(), school.address(), lambda _seconds: None)
    try:
        return next(lines)
    finally:
        lines.close()


def test_a_check_signs_in_by_a_token_and_shows_at_once_what_was_put_right(
    start_token_school, token_provider, caplog
):
    school = start_token_school()
    token_provider.behave(says=REVOKED)
    refused = sign_in(school)
    assert (refused.ok, "AADSTS7000215" in refused.words) == ("fail", True)
    assert CLIENT_SECRET not in refused.words + caplog.text
    token_provider.behave()
    assert sign_in(school).ok == "ok"


def test_18_a_check_of_every_mailbox_asks_the_provider_once_for_the_school_s_app(
    start_token_school, token_provider
):
    school = start_token_school()
    other = school.dovecot.new_user()
    boxes = [
        {"address": school.dovecot.address(user), "name": "x", "username": user}
        for user in (school.users[0], other)
    ]
    given = school.variables() | {"TRIAGE_MAILBOXES": json.dumps(boxes)}
    token_provider.behave()
    names = [line for line in checks(None, given, now()) if line.name.startswith("imap")]
    assert ([line.ok for line in names], len(token_provider.forms)) == (["ok", "ok"], 1)


def at_the_next_look(school, minutes):
    """What comes of a look into the first mailbox so many minutes from now, by another process."""
    with later(school, timedelta(minutes=minutes)) as service:
        return service.round(service.mailboxes[0]).error


def test_a_login_that_a_check_has_seen_mended_is_waited_for_no_more(start_token_school, token_provider):
    school = start_token_school()
    token_provider.behave(audience="https://somewhere.else.example")
    assert "reports status invalid_token" in at_the_next_look(school, 0)
    token_provider.behave()
    assert "it is tried again at" in at_the_next_look(school, 2)
    assert "the wait after its refused login is over" in sign_in(school).words
    assert at_the_next_look(school, 4) is None


def test_a_provider_that_a_check_has_seen_mended_is_waited_for_no_more(start_token_school, token_provider):
    school = start_token_school()
    token_provider.behave(says=REVOKED)
    assert "AADSTS7000215" in at_the_next_look(school, 0)
    token_provider.behave()
    assert "the provider is asked again at" in at_the_next_look(school, 2)
    named = [line.name for line in checks(None, school.variables(), now()) if line.name.startswith("wait")]
    assert named == [f"wait {school.address()}"]
    assert at_the_next_look(school, 4) is None
    assert "is over" not in sign_in(school).words


def test_a_password_that_a_check_has_seen_mended_is_waited_for_no_more(start_school):
    school = start_school()
    settings = school.settings()
    account = account_of(settings.imap.server(), settings.mailboxes[0].login())
    with school.service.database.write() as conn:
        refuse(conn, account, now())
    assert "it is tried again at" in at_the_next_look(school, 2)
    assert "is over" in sign_in(school).words
    assert at_the_next_look(school, 4) is None
