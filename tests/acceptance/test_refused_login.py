"""A password that a server refuses: never asked so often that the account is locked, and told once."""

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.acceptance.school import PARENT, RunningSchool, a_mail, now
from tests.documented import documented
from tests.flood import told
from tests.servers.faulty import LOGS_IN, Fault, Faulty
from tests.servers.imap_host import PASSWORD
from triage.bootstrap import Service, build
from triage.mail.imap import MailError

MINUTE = timedelta(minutes=1)
REFUSED, WAITS = "password is refused", "waits to be tried"
TOLD = {REFUSED, WAITS}
"""What of docs/faults.md is met here."""


@pytest.fixture
def database_url(sqlite_template, tmp_path) -> str:
    """The URL of a SQLite database: what a server does is the same on either."""
    shutil.copyfile(sqlite_template, tmp_path / "triage.db")
    return f"sqlite:///{tmp_path}/triage.db"


@dataclass
class Locked:
    """A school whose one mailbox has a password file, and a proxy that counts the logins."""

    school: RunningSchool
    proxy: Faulty
    password: Path
    ahead: timedelta = timedelta()

    def start(self) -> Service:
        """Start the service anew, as a process of its own would, with its clock ahead of ours."""
        return build(self.school.settings(), lambda: now() + self.ahead)

    def look(self, ahead: timedelta) -> str | None:
        """Look into the mailbox so much later, carry out what follows, and return what went wrong."""
        self.ahead = ahead
        service = self.school.service
        poll = service.round(service.mailboxes[0])
        service.sweep()
        return poll.error

    def logins(self, work: Callable[[], object]) -> int:
        """Count the logins that some work takes."""
        before = self.proxy.logins
        work()
        return self.proxy.logins - before


@pytest.fixture
def locked(start_school, dovecot, tmp_path) -> Iterator[Locked]:
    user, password = dovecot.new_user(), tmp_path / "password"
    password.write_text(PASSWORD)
    box = {"address": dovecot.address(user), "name": "x", "username": user, "password_file": str(password)}
    with Faulty(dovecot.imap_port) as proxy:
        environ = {"TRIAGE_MAILBOXES": json.dumps([box]), "TRIAGE_IMAP__PORT": str(proxy.port)}
        school = start_school(environ=environ)
        school.service.close()
        school.users = [user]
        found = Locked(school, proxy, password)
        school.service = found.start()
        password.write_text("not this one")
        yield found


def test_a_wrong_password_is_tried_thrice_in_its_first_hour_and_then_every_other_hour(locked):
    def looks(minutes: range) -> None:
        for one in minutes:
            locked.look(one * MINUTE)

    assert locked.logins(lambda: looks(range(0, 60, 5))) == 3
    assert locked.logins(lambda: looks(range(60, 24 * 60, 60))) == 11


def test_looks_listening_and_a_restart_count_together(locked):
    def all_of_them() -> None:
        for _ in range(3):  # each as after a restart
            service = locked.start()
            service.round(service.mailboxes[0])
            with pytest.raises(MailError):
                service.context.listen(service.mailboxes[0])
            service.close()

    assert locked.logins(all_of_them) == 1


def test_of_many_that_log_in_at_once_with_a_wrong_password_one_alone_asks_the_server(locked):
    ctx = locked.school.service.context

    def log_in(_number: int) -> bool:
        with pytest.raises(MailError) as caught:
            ctx.connect(ctx.mailboxes[0])
        return caught.value.tried

    def all_at_once() -> None:
        with ThreadPoolExecutor(5) as pool:
            assert sorted(pool.map(log_in, range(5))) == [False] * 4 + [True]

    assert locked.logins(all_at_once) == 1


def test_the_administrator_is_told_once_that_it_is_refused_and_once_that_it_works(locked):
    for minutes in range(0, 180, 20):
        locked.look(minutes * MINUTE)
    assert told(locked.school) == ["it@oakfield.example"]
    locked.password.write_text(PASSWORD)
    locked.look(180 * MINUTE)
    locked.look(185 * MINUTE)
    assert told(locked.school) == ["it@oakfield.example"] * 2


def test_a_corrected_password_is_tried_at_the_next_look_and_what_waited_is_answered_once(locked):
    locked.school.deliver(a_mail(to=locked.school.address()))
    for minutes in (0, 15, 45, 50):
        locked.look(minutes * MINUTE)
    locked.password.write_text(PASSWORD)
    assert locked.look(51 * MINUTE) is None
    assert locked.look(52 * MINUTE) is None
    assert [reply.recipient for reply in locked.school.replies] == [PARENT]


def test_it_is_told_as_documented(locked, caplog):
    row = documented(REFUSED)
    assert row.words in locked.look(timedelta())
    assert f"{row.sort} trouble, failure 1" in caplog.text
    caplog.clear()
    assert documented(WAITS).words in locked.look(MINUTE)
    assert "trouble" not in caplog.text  # nobody was asked: there is nothing new


@pytest.mark.parametrize(
    "answer",
    [
        b"TAG NO [LIMIT] Maximum number of connections from user+IP exceeded\r\n",
        b"TAG NO [UNAVAILABLE] Temporary authentication failure.\r\n",
        b"* BYE Server shutting down.\r\n",
    ],
)
def test_what_is_no_wrong_password_is_tried_again_at_every_look(locked, answer):
    locked.password.write_text(PASSWORD)
    locked.proxy.breaks(Fault(at=LOGS_IN, says=answer))
    looks = [lambda minutes=minutes: locked.look(minutes * MINUTE) for minutes in range(3)]
    assert [locked.logins(look) for look in looks] == [1, 1, 1]
