"""What waiting for news promises, the same at every server that offers it; one that does not says so."""

import time
from contextlib import closing
from select import select

import pytest

from tests.contract.conftest import HOSTS
from tests.contract.test_watch import IDLES, SECONDS, an_idle, watching
from tests.servers.imap_host import ImapHost
from tests.servers.scripted_imap import LOGIN, ScriptedImap
from triage.mail.idle import Idle, NoIdleError
from triage.mail.imap import connect

LETTER = b"From: sara.pole@home.example\r\nSubject: Jake\r\n\r\nJake has a cold.\r\n"


@pytest.fixture(params=[name for name in HOSTS if name != "bare_dovecot"])
def host(request) -> ImapHost:
    return request.getfixturevalue(request.param)


@pytest.fixture
def idle(host, user):
    with closing(an_idle(host.imap(), host.login(user))) as waiting:
        waiting.begin()
        yield waiting


def hears(idle: Idle) -> bool:
    """Wait for what the server says until it is that there is new mail."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        readable, _, _ = select([idle.connection], [], [], 1)
        if readable and idle.hears():
            return True
    return False


def test_mail_that_comes_is_told(host, user, idle):
    host.append(user, LETTER)
    assert hears(idle)


def test_i4_mail_that_comes_after_the_waiting_was_renewed_is_told(host, user, idle):
    idle.renew()
    host.append(user, LETTER)
    assert hears(idle)


def test_every_further_message_is_told(host, user, idle):
    for _ in range(3):
        host.append(user, LETTER)
        assert hears(idle)


def test_mail_that_comes_just_before_the_waiting_is_found_by_the_look_after_it(host, user):
    uids = []

    def open_() -> Idle:
        session = connect(host.imap(), host.login(user))
        session.select("INBOX")
        uids.append(host.append(user, LETTER))
        return session.idle()

    with watching({"inbox": open_}) as (_, heard):
        assert heard.reaches("inbox", 1)
        with connect(host.imap(), host.login(user)) as look:
            look.select("INBOX")
            assert look.uids_above(0) == uids


def test_what_is_offered_only_after_the_login_is_used():
    """Many a server names all that it can only to those who are logged in."""
    offered = iter([b"IMAP4rev1 AUTH=PLAIN", b"IMAP4rev1 IDLE"])
    answers = IDLES | {"CAPABILITY": lambda _: b"* CAPABILITY " + next(offered) + b"\r\nTAG OK done\r\n"}
    with ScriptedImap(**answers) as server:
        an_idle(server.imap(), LOGIN).close()


def test_i4_a_server_that_does_not_offer_it_is_not_told_to_wait(bare_dovecot):
    with pytest.raises(NoIdleError):
        an_idle(bare_dovecot.imap(), bare_dovecot.login(bare_dovecot.new_user()))
