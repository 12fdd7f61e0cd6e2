"""``triage login``: where to go, which code to type, and what is kept of it."""

import json
import sqlite3
from contextlib import closing

import pytest

from tests.acceptance.school import a_mail
from tests.servers.dovecot import Dovecot
from tests.servers.imap_host import PASSWORD
from tests.servers.token_provider import CLIENT_ID, CLIENT_SECRET, TENANT


@pytest.fixture
def mailbox(token_dovecot) -> str:
    return token_dovecot.address(token_dovecot.new_user())


@pytest.fixture
def log_in(triage, token_dovecot, token_provider, mailbox):
    """Run a command on a school of one mailbox, which is signed in to by somebody's login."""

    def run(*words, **environ):
        box = {"address": mailbox, "name": "Mr R. Hale", "username": mailbox, "password": PASSWORD}
        given = {
            "TRIAGE_MAILBOXES": json.dumps([box]),
            "TRIAGE_IMAP__HOST": "127.0.0.1",
            "TRIAGE_IMAP__PORT": str(token_dovecot.imaps_port),
            "TRIAGE_IMAP__SECURITY": "tls",
            "TRIAGE_IMAP__CA_FILE": str(token_dovecot.certificates.ca_file),
            "TRIAGE_IMAP__AUTH": "login",
            "TRIAGE_OAUTH__PROVIDER": "microsoft",
            "TRIAGE_OAUTH__TENANT": TENANT,
            "TRIAGE_OAUTH__CLIENT_ID": CLIENT_ID,
            "TRIAGE_OAUTH__AUTHORITY": token_provider.origin,
            "TRIAGE_OAUTH__CA_FILE": str(token_provider.certificates.ca_file),
        }
        return triage(*words, **given | environ)

    return run


def test_whoever_logs_in_is_told_where_to_go_and_mail_is_read_from_then_on(
    log_in, mailbox, token_provider, school
):
    token_provider.behave(pending=1)
    told = log_in("login", mailbox.upper())
    assert (told.exit_code, told.stderr) == (0, "")
    assert f"Open {token_provider.origin}/device and type the code FJKL-WXYZ" in told.output
    assert f"{mailbox} is logged in to" in told.output
    assert [line[1] for line in school.audit()] == ["mailbox logged in to"]
    assert log_in("poll").exit_code == 0
    shown = told.output + log_in("status").output
    stored = b"".join(file.read_bytes() for file in school.folder.glob("*.db*"))
    for secret in (*token_provider.given, *token_provider.refresh):
        assert secret not in shown
        assert secret.encode() not in stored


def test_a_login_ends_the_wait_after_one_that_was_refused(log_in, token_provider, mailbox, school):
    token_provider.behave(audience="https://somewhere.else.example")
    log_in("login", mailbox)
    log_in("poll")
    assert waits(school) == 1
    log_in("login", mailbox)
    assert waits(school) == 0


def waits(school) -> int:
    """How many refused logins are on record."""
    (file,) = school.folder.glob("*.db")
    with closing(sqlite3.connect(file)) as conn:
        return conn.execute("SELECT count(*) FROM switches WHERE name LIKE 'login %'").fetchone()[0]


def test_a_mailbox_that_is_signed_in_to_by_a_login_is_rehearsed(log_in, mailbox, token_dovecot):
    log_in("login", mailbox)
    token_dovecot.deliver(mailbox.partition("@")[0], a_mail(to=mailbox))
    told = log_in("rehearse", mailbox, "--no-keep")
    assert told.exit_code == 0
    assert "topic\tabsence\t1" in told.output


def test_a_mailbox_that_is_signed_in_to_by_the_school_s_app_is_rehearsed(log_in, mailbox, token_dovecot):
    token_dovecot.deliver(mailbox.partition("@")[0], a_mail(to=mailbox))
    by_app = {"TRIAGE_IMAP__AUTH": "oauth", "TRIAGE_OAUTH__CLIENT_SECRET": CLIENT_SECRET}
    told = log_in("rehearse", mailbox, "--no-keep", **by_app)
    assert told.exit_code == 0
    assert "topic\tabsence\t1" in told.output


@pytest.fixture(scope="module")
def strict_dovecot(_token_provider):
    """A server that takes a token for the mailbox alone that its provider names."""
    with Dovecot(introspection=_token_provider.introspection, whose="%u") as server:
        yield server


def test_a_login_as_somebody_else_is_refused_and_told_plainly(
    log_in, mailbox, strict_dovecot, token_provider
):
    at_strict = {
        "TRIAGE_IMAP__PORT": str(strict_dovecot.imaps_port),
        "TRIAGE_IMAP__CA_FILE": str(strict_dovecot.certificates.ca_file),
    }
    token_provider.behave(subject="caretaker")
    log_in("login", mailbox)
    told = log_in("check", "--mailbox", mailbox, **at_strict)
    assert "run triage login again, as the mailbox itself" in told.output
    assert token_provider.seen[-1] == "active"
    token_provider.behave(subject=mailbox.partition("@")[0])
    log_in("login", mailbox)
    assert log_in("poll", **at_strict).exit_code == 0


def test_a_login_that_is_declined_is_told_in_one_line(log_in, mailbox, token_provider):
    token_provider.behave(says=(400, {"error": "authorization_declined"}, {}))
    told = log_in("login", mailbox)
    assert told.exit_code == 1
    assert "says authorization_declined: the request was declined" in told.stderr


@pytest.mark.parametrize(
    ("name", "environ", "words"),
    [
        ("nobody@oakfield.example", {}, "name no mailbox nobody@oakfield.example"),
        ("", {"TRIAGE_IMAP__AUTH": "password"}, "needs no login"),
    ],
)
def test_what_cannot_be_logged_in_to_is_told_in_one_line(log_in, mailbox, name, environ, words):
    told = log_in("login", name or mailbox, **environ)
    assert (told.exit_code, words in told.stderr) == (1, True)


def test_a_login_at_google_is_refused_because_there_is_none(log_in, mailbox):
    google = {"TRIAGE_OAUTH__PROVIDER": "google", "TRIAGE_OAUTH__SERVICE_ACCOUNT": "{}"}
    told = log_in("login", mailbox, **google)
    assert (told.exit_code, "Google has none that may read mail" in told.stderr) == (2, True)
