"""What mail servers and networks do: each fault costs no message, and is told in the words of docs/faults.md.

Three messages are delivered, the fault is met by a look, the server is well again, and a look within one
interval finds all of them: each is decided once and answered once.
"""

import json
import re
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.acceptance.school import RunningSchool, a_mail
from tests.documented import documented
from tests.servers.dovecot import Dovecot
from tests.servers.faulty import LOGS_IN, READS, Fault, Faulty
from tests.servers.imap_host import PASSWORD
from triage.mail.imap import ImapServer
from triage.settings.servers import ImapTable
from triage.visit import Poll

SENDERS = [f"parent{number}@home.example" for number in range(3)]
TEXT = "Dear school, my son won't be in school today, he is poorly. His mum"
INTERVAL = timedelta(seconds=20)


@dataclass
class Broken:
    """A school whose mail server is reached through a proxy that breaks things."""

    school: RunningSchool
    proxy: Faulty

    def look(self, after: timedelta = timedelta()) -> Poll:
        """Look into the mailbox once, some time from now, and carry out what follows."""
        service = self.school.with_clock_ahead(after)
        poll = service.round(service.mailboxes[0])
        service.sweep()
        return poll

    def all_is_well_one_interval_later(self, after: timedelta = timedelta()) -> bool:
        """Let the server be well, look again an interval later, and tell whether all is as it should be.

        The interval begins ``after`` what the server has asked for.
        """
        self.proxy.is_well()
        assert self.look(after + INTERVAL).error is None
        return self.each_is_decided_and_answered_once()

    def each_is_decided_and_answered_once(self) -> bool:
        assert self.school.states() == {"decided": 3}
        assert Counter(reply.recipient for reply in self.school.replies) == Counter(SENDERS)
        return len(self.school.flags()) == 3


@pytest.fixture
def database_url(sqlite_template, tmp_path) -> str:
    """The URL of a SQLite database: what a server does is the same on either."""
    shutil.copyfile(sqlite_template, tmp_path / "triage.db")
    return f"sqlite:///{tmp_path}/triage.db"


@pytest.fixture
def proxy(dovecot):
    with Faulty(dovecot.imap_port) as faulty:
        yield faulty


@pytest.fixture
def broken(start_worded, proxy) -> Broken:
    """A school at the proxy, with three messages that wait."""
    environ = {"TRIAGE_IMAP__PORT": str(proxy.port), "TRIAGE_IMAP__POLL_SECONDS": "20"}
    school = start_worded(environ=environ)
    for sender in SENDERS:
        school.deliver(a_mail(TEXT, to=school.address(), sender=sender), mail_from=sender)
    proxy.cut()  # else the look goes on over a kept connection, and no login is there to be broken
    return Broken(school, proxy)


@pytest.fixture
def impatient(monkeypatch):
    """Have silence last less than half a second, and an answer a second at most."""

    def server(table: ImapTable) -> ImapServer:
        return ImapServer(table.host, table.port, table.security, 0.4, command_timeout=1)

    monkeypatch.setattr(ImapTable, "server", server)
    return monkeypatch


def says(answer: bytes, at: bytes = READS) -> Callable[..., Fault]:
    return lambda _dovecot, _proxy: Fault(at=at, says=answer)


FAULTS: dict[str, Callable[[Dovecot, Faulty], Fault]] = {
    "restarted while it is read": lambda dovecot, _: Fault(then=dovecot.kill_sessions),
    "killed while it is read": lambda dovecot, _: Fault(then=lambda: dovecot.kill_sessions(signal.SIGKILL)),
    "connection cut": lambda _, proxy: Fault(then=proxy.cut),
    "closes for the night": says(b"* BYE Server shutting down.\r\n"),
    "throttled": says(b"TAG NO [THROTTLED] slow down\r\n"),
    "throttled at Microsoft": says(
        b"TAG BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds\r\n"
    ),
    "not available at Microsoft": says(b"TAG NO Server Unavailable. 15\r\n", b"EXAMINE"),
    "session invalidated": says(b"* BYE Session invalidated - AccessTokenExpired\r\n"),
    "bandwidth at Gmail": says(
        b"TAG NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)\r\n"
    ),
    "in use by another": says(b"TAG NO [INUSE] Mailbox is in use\r\n", b"EXAMINE"),
    "not available while it is read": says(b"TAG NO [UNAVAILABLE] Backend is away\r\n"),
    "not connected at Microsoft": says(b"TAG BAD User is authenticated but not connected.\r\n", b"EXAMINE"),
    "too many connections": says(
        b"TAG NO [LIMIT] Maximum number of connections from user+IP exceeded\r\n", LOGS_IN
    ),
    "too many connections at Gmail": says(
        b"TAG NO [ALERT] Too many simultaneous connections. (Failure)\r\n", LOGS_IN
    ),
    "not available now": says(b"TAG NO [UNAVAILABLE] Temporary authentication failure.\r\n", LOGS_IN),
    "greets by hanging up": lambda _dovecot, _proxy: Fault(greets=b"* BYE Too many connections\r\n"),
}
SLOW: dict[str, Callable[[Faulty], Fault]] = {
    "gone without a word": lambda proxy: Fault(then=proxy.freeze),
    "stalls within a message": lambda _: Fault(passes=200),
    "sends a byte at a time": lambda _: Fault(trickles=True),
}
ASKED = {"throttled at Microsoft": timedelta(milliseconds=92415)}
"""How long a server asks to be left alone."""

GONE = "folder is gone"
TOLD = {GONE}
"""What else of docs/faults.md is met here."""


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_costs_no_message_and_is_told_as_documented(name, broken, dovecot, caplog):
    broken.proxy.breaks(FAULTS[name](dovecot, broken.proxy))
    said = broken.look().error
    assert documented(name).words in said
    assert f"{documented(name).sort} trouble, failure 1" in caplog.text
    assert broken.all_is_well_one_interval_later(ASKED.get(name, timedelta()))


@pytest.mark.parametrize("name", ASKED)
def test_a_server_that_says_for_how_long_is_left_alone_for_so_long(name, broken, dovecot):
    broken.proxy.breaks(FAULTS[name](dovecot, broken.proxy))
    broken.look()
    broken.proxy.is_well()
    assert broken.look(INTERVAL).status == "backing-off"


def test_a_server_that_wants_to_be_asked_less_is_asked_after_twice_as_long_each_time(broken, dovecot):
    broken.proxy.breaks(FAULTS["throttled"](dovecot, broken.proxy))
    broken.look()
    assert broken.look(INTERVAL).status == "failed"
    assert broken.look(2 * INTERVAL).status == "backing-off"
    assert broken.all_is_well_one_interval_later(2 * INTERVAL)


def test_a_server_that_wants_to_be_asked_less_after_an_outage_is_left_alone_for_one_interval(broken, dovecot):
    broken.proxy.breaks(Fault(then=broken.proxy.cut))
    for looks in range(4):
        broken.look(looks * INTERVAL)
    broken.proxy.breaks(FAULTS["throttled"](dovecot, broken.proxy))
    broken.look(4 * INTERVAL)
    assert broken.all_is_well_one_interval_later(4 * INTERVAL)


def test_a_server_that_is_not_available_for_long_is_asked_once_an_interval(broken, dovecot):
    broken.proxy.breaks(FAULTS["not available at Microsoft"](dovecot, broken.proxy))
    assert {broken.look(looks * INTERVAL).status for looks in range(5)} == {"failed"}
    assert broken.all_is_well_one_interval_later(4 * INTERVAL)


@pytest.mark.parametrize("said", [b"TAG NO Server Unavailable. 15\r\n", b"* BYE Session invalidated\r\n"])
def test_what_a_provider_says_to_all_alike_sets_no_message_aside_however_often(broken, said):
    broken.proxy.breaks(Fault(says=said))
    for minutes in (0, 1, 3, 7, 15):
        assert broken.look(timedelta(minutes=minutes)).status == "failed"
    assert broken.all_is_well_one_interval_later(timedelta(minutes=30))


def refuses(uid: int, said: bytes) -> Fault:
    """Refuse the body of a message, and of whatever it is asked for with."""
    return Fault(at=re.compile(rb"FETCH (\d+,)*%d(,\d+)* .*BODY\.PEEK\[\]" % uid), says=said)


NOT_NOW = [b"TAG NO Server Unavailable. 15\r\n", b"TAG NO [UNAVAILABLE]\r\n", b"TAG NO [SERVERBUG]\r\n"]


@pytest.mark.parametrize("said", NOT_NOW)
@pytest.mark.parametrize("uid", [1, 2])
def test_a_message_for_which_alone_a_server_says_not_now_holds_up_no_other_and_comes_to_people(
    broken, said, uid
):
    broken.proxy.breaks(refuses(uid, said))
    assert broken.look().error is None
    assert broken.school.states() == {"decided": 2, "seen": 1}
    for looks in range(1, 5):
        broken.look(looks * INTERVAL)
    assert broken.school.states() == {"decided": 2, "quarantined": 1}


def test_a_message_at_which_alone_a_server_hangs_up_for_a_while_holds_up_no_other(broken):
    broken.proxy.breaks(refuses(1, b"* BYE [UNAVAILABLE] not now\r\n"))
    for looks in range(4):
        broken.look(looks * INTERVAL)
    assert broken.school.states() == {"decided": 2, "seen": 1}
    assert broken.all_is_well_one_interval_later(4 * INTERVAL)


@pytest.mark.parametrize("name", SLOW)
def test_a_silence_costs_no_message_and_is_told_as_documented(name, broken, impatient, caplog):
    broken.proxy.breaks(SLOW[name](broken.proxy))
    said = broken.look().error
    assert documented(name).words in said
    assert f"{documented(name).sort} trouble, failure 1" in caplog.text
    impatient.undo()
    assert broken.all_is_well_one_interval_later()


def test_answers_that_do_not_name_their_message_cost_none(broken, proxy):
    proxy.breaks(Fault(says=b"* 1 FETCH (BODY[] {5}\r\nhello)\r\nTAG OK done\r\n"))
    assert broken.look().error is None
    assert broken.school.states() == {"seen": 3}
    assert broken.all_is_well_one_interval_later()


def test_a_message_that_its_owner_takes_away_between_search_and_fetch_costs_no_other(broken, dovecot, proxy):
    proxy.breaks(Fault(then=lambda: dovecot.expunge(broken.school.users[0], 2)))
    assert broken.look().error is None
    assert broken.look(INTERVAL).error is None
    assert broken.school.states() == {"decided": 2, "vanished": 1}
    answered = Counter(reply.recipient for reply in broken.school.replies)
    assert answered == Counter([SENDERS[0], SENDERS[2]])


def test_mail_is_read_again_within_one_interval_however_long_the_trouble_was(broken, proxy):
    proxy.breaks(FAULTS["greets by hanging up"](None, None))
    for minutes in range(1, 41, 4):
        assert broken.look(timedelta(minutes=minutes)).status == "failed"
    proxy.is_well()
    assert broken.look(timedelta(minutes=40) + INTERVAL).status == "polled"
    assert broken.each_is_decided_and_answered_once()


def test_a_folder_that_was_deleted_and_made_anew_is_read_and_its_mail_answered_once(start_worded, dovecot):
    user = dovecot.new_user()
    box = {"address": dovecot.address(user), "name": "x", "username": user, "password": PASSWORD}
    school = _with_a_folder(start_worded, dovecot, user, box)
    dovecot.append(user, _from(0, school), folder="Parents")
    school.poll()
    with dovecot.session(user) as imap:
        imap.delete("Parents")
    assert documented(GONE).words in school.poll()[0].error
    with dovecot.session(user) as imap:
        imap.create("Parents")
    dovecot.append(user, _from(1, school), folder="Parents")
    later = school.with_clock_ahead(timedelta(minutes=1))
    assert later.round(later.mailboxes[0]).error is None
    dovecot.append(user, _from(2, school), folder="Parents")
    assert later.round(later.mailboxes[0]).error is None
    assert school.states() == {"decided": 3}
    # What lay in the folder when it was met anew may have been answered before: people see it, and no more.
    assert [reply.recipient for reply in school.replies] == [SENDERS[0], SENDERS[2]]


def _with_a_folder(start_worded, dovecot, user, box) -> RunningSchool:
    with dovecot.session(user) as imap:
        imap.create("Parents")
    return start_worded(environ={"TRIAGE_MAILBOXES": json.dumps([{**box, "folders": ["Parents"]}])})


def _from(number: int, school: RunningSchool) -> bytes:
    to = school.service.mailboxes[0].address
    return a_mail(TEXT, to=to, sender=SENDERS[number], headers={"Return-Path": f"<{SENDERS[number]}>"})
