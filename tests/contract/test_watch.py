"""Listening for new mail: real servers, a server that says what a test tells it to, and a bad network."""

import signal
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.imap_host import ImapHost
from tests.servers.ports import LOOPBACK
from tests.servers.proxy import Proxy
from tests.servers.scripted_imap import LOGIN, SOUND, ScriptedImap
from triage.mail.budget import NoRoomError
from triage.mail.idle import Idle
from triage.mail.imap import ImapServer, Login, MailError, connect
from triage.mail.watch import Patience, Watch

QUICK = Patience(first=0.05, longest=0.2)
OFFERS = b"* CAPABILITY IMAP4rev1 IDLE\r\nTAG OK done\r\n"
IDLES = {"CAPABILITY": OFFERS, "IDLE": b"+ idling\r\n", "DONE": b"TAG OK done\r\n"}
SECONDS = 20
LETTER = b"From: sara.pole@home.example\r\nSubject: Jake\r\n\r\nJake has a cold.\r\n"


class Heard:
    """Counts the wake-ups of each mailbox."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._changed = threading.Condition()

    def wake(self, key: str) -> None:
        with self._changed:
            self._counts[key] = self._counts.get(key, 0) + 1
            self._changed.notify_all()

    def count(self, key: str) -> int:
        return self._counts.get(key, 0)

    def reaches(self, key: str, number: int) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.count(key) >= number, SECONDS)


def an_idle(server: ImapServer, login: Login) -> Idle:
    """Log in, open the inbox and return the connection to wait on."""
    session = connect(server, login)
    try:
        session.select("INBOX")
        return session.idle()
    except BaseException:
        session.close()
        raise


@contextmanager
def watching(opens: dict[str, Callable[[], Idle]], patience: Patience = QUICK):
    """Listen to mailboxes by name; gives the watch and what it hears."""
    heard = Heard()
    watch = Watch(opens, lambda key: opens[key](), heard.wake, patience=patience)
    watch.start()
    try:
        yield watch, heard
    finally:
        watch.stop()


def at(host: ImapHost, user: str, security: str = "plain", **more) -> Callable[[], Idle]:
    return lambda: an_idle(host.imap(security, **more), host.login(user))


def scripted(server: ScriptedImap, **more) -> Callable[[], Idle]:
    return lambda: an_idle(server.imap(**more), LOGIN)


def eventually(is_so: Callable[[], bool]) -> bool:
    end = time.monotonic() + SECONDS
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)
    return is_so()


class TestNews:
    @pytest.mark.parametrize("security", ["plain", "starttls", "tls"])
    def test_mail_that_comes_wakes_its_mailbox(self, dovecot: Dovecot, security):
        user = dovecot.new_user()
        with watching({"inbox": at(dovecot, user, security)}) as (_, heard):
            assert heard.reaches("inbox", 1)
            dovecot.deliver(user, LETTER)
            assert heard.reaches("inbox", 2)

    def test_a_mailbox_is_looked_into_once_it_is_listened_to(self, dovecot: Dovecot):
        user = dovecot.new_user()
        dovecot.append(user, LETTER)
        with watching({"inbox": at(dovecot, user)}) as (_, heard):
            assert heard.reaches("inbox", 1)

    def test_only_the_mailbox_whose_mail_it_is_wakes(self, dovecot: Dovecot):
        one, other = dovecot.new_user(), dovecot.new_user()
        with watching({"one": at(dovecot, one), "other": at(dovecot, other)}) as (_, heard):
            assert heard.reaches("one", 1)
            assert heard.reaches("other", 1)
            dovecot.deliver(one, LETTER)
            assert heard.reaches("one", 2)
            assert heard.count("other") == 1

    def test_what_is_told_in_the_same_breath_as_the_waiting_is_looked_for(self):
        answers = IDLES | {"IDLE": b"+ idling\r\n* 4 EXISTS\r\n"}
        with ScriptedImap(**answers) as server, watching({"inbox": scripted(server)}) as (_, heard):
            assert heard.reaches("inbox", 1)

    def test_a_line_that_comes_in_two_pieces_wakes_once(self):
        with ScriptedImap(**IDLES) as server, watching({"inbox": scripted(server)}) as (watch, heard):
            assert heard.reaches("inbox", 1)
            server.say(b"* 4 EXI")
            server.say(b"STS\r\n")
            assert heard.reaches("inbox", 2)
            assert watch.listening == 1

    @pytest.mark.parametrize(
        "said", [b"* OK Still here\r\n", b"* 1 FETCH (FLAGS (\\Seen))\r\n", b"* 2 EXPUNGE\r\n"]
    )
    def test_what_tells_of_no_new_mail_wakes_nobody(self, said):
        with ScriptedImap(**IDLES) as server, watching({"inbox": scripted(server)}) as (watch, heard):
            assert heard.reaches("inbox", 1)
            turns = watch.turns
            server.say(said)
            assert eventually(lambda: watch.turns > turns)
            assert heard.count("inbox") == 1


class TestWaiting:
    def test_a_server_without_idle_is_asked_once_and_never_told_to(self):
        with ScriptedImap() as server, watching({"inbox": scripted(server)}) as (watch, _):
            assert eventually(lambda: any(b"LOGOUT" in line for line in server.lines))
            assert not any(b"IDLE" in line.upper() for line in server.lines)
            assert watch.listening == 0

    def test_the_waiting_is_renewed_and_looked_into_again(self, dovecot: Dovecot):
        patience = Patience(renew=0.2, first=0.05)
        with watching({"inbox": at(dovecot, dovecot.new_user())}, patience) as (_, heard):
            assert heard.reaches("inbox", 4)

    def test_it_is_renewed_before_a_server_may_end_it(self):
        assert Patience().renew < 29 * 60  # RFC 2177; I4

    def test_where_nothing_happens_the_thread_stands_still(self, dovecot: Dovecot):
        with watching({"inbox": at(dovecot, dovecot.new_user())}) as (watch, heard):
            assert heard.reaches("inbox", 1)
            assert eventually(lambda: watch.listening == 1)
            turns = watch.turns
            time.sleep(0.5)
            assert watch.turns <= turns + 1

    def test_a_mailbox_for_which_there_is_no_connection_is_listened_to_once_there_is_one(
        self, dovecot: Dovecot
    ):
        rooms = iter([False, False])

        def open_() -> Idle:
            if not next(rooms, True):
                raise NoRoomError
            return at(dovecot, user)()

        user = dovecot.new_user()
        with watching({"inbox": open_}, Patience(renew=0.05, first=900)) as (_, heard):
            assert heard.reaches("inbox", 1)


class TestRoom:
    def test_a_mailbox_whose_connection_is_needed_for_a_look_is_hung_up_on(self, dovecot: Dovecot):
        user = dovecot.new_user()
        with watching({"inbox": at(dovecot, user)}) as (watch, heard):
            assert heard.reaches("inbox", 1)
            watch.make_room("inbox")
            assert eventually(lambda: watch.listening == 0)

    def test_after_a_while_it_is_listened_to_again(self, dovecot: Dovecot):
        user = dovecot.new_user()
        with watching({"inbox": at(dovecot, user)}, Patience(full=0.1, first=900)) as (watch, heard):
            assert heard.reaches("inbox", 1)
            watch.make_room("inbox")
            assert heard.reaches("inbox", 2)


class TestTrouble:
    @pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
    def test_a_session_that_the_server_ends_is_opened_again(self, dovecot: Dovecot, how):
        user = dovecot.new_user()
        with watching({"inbox": at(dovecot, user)}) as (_, heard):
            assert heard.reaches("inbox", 1)
            dovecot.kill_sessions(how)
            assert heard.reaches("inbox", 2)
            dovecot.deliver(user, LETTER)
            assert heard.reaches("inbox", 3)

    def test_a_server_that_is_restarted_is_listened_to_again(self):
        with Dovecot() as own:
            user = own.new_user()
            with watching({"inbox": at(own, user)}) as (_, heard):
                assert heard.reaches("inbox", 1)
                own.restart()
                assert heard.reaches("inbox", 2)
                own.deliver(user, LETTER)
                assert heard.reaches("inbox", 3)

    def test_a_connection_that_is_cut_is_opened_again_and_nothing_spins(self, dovecot: Dovecot):
        user = dovecot.new_user()
        with Proxy(dovecot.imap_port) as proxy:
            inbox = at_port(dovecot, user, proxy.port)
            with watching({"inbox": inbox}) as (watch, heard):
                assert heard.reaches("inbox", 1)
                turns = watch.turns
                proxy.cut()
                assert heard.reaches("inbox", 2)
                assert watch.turns < turns + 20

    def test_a_connection_that_is_gone_without_a_word_is_found_out(self, dovecot: Dovecot):
        user = dovecot.new_user()
        patience = Patience(renew=0.5, first=0.05, longest=0.2)
        with Proxy(dovecot.imap_port) as proxy:
            inbox = at_port(dovecot, user, proxy.port, command_timeout=1)
            with watching({"inbox": inbox}, patience) as (_, heard):
                assert heard.reaches("inbox", 1)
                proxy.freeze()
                assert eventually(lambda: proxy.accepted >= 2)
                proxy.thaw()
                before = heard.count("inbox")
                assert heard.reaches("inbox", before + 1)

    def test_a_server_that_never_ends_the_waiting_holds_up_nobody_else(self, dovecot: Dovecot):
        deaf = IDLES | {"DONE": b""}
        user = dovecot.new_user()
        patience = Patience(renew=0.3, first=0.05)
        with ScriptedImap(**deaf) as server:
            opens = {"deaf": scripted(server, command_timeout=30), "sound": at(dovecot, user)}
            with watching(opens, patience) as (_, heard):
                assert eventually(lambda: b"DONE\r\n" in server.lines)
                before = heard.count("sound")
                assert heard.reaches("sound", before + 3)
                server.drop()

    def test_a_password_that_is_refused_is_not_tried_again_soon(self, dovecot: Dovecot):
        wrong = Login(dovecot.new_user(), password="not this one")
        tried = []

        def open_() -> Idle:
            tried.append(1)
            return an_idle(dovecot.imap(), wrong)

        with watching({"inbox": open_}, Patience(first=0.01, longest=900)) as (watch, _):
            assert eventually(lambda: watch.turns >= 2)
            time.sleep(0.5)
            assert len(tried) == 1

    def test_a_server_that_agrees_and_hangs_up_is_asked_less_and_less_often(self):
        def agree_and_hang_up(_: bytes) -> None:
            server.say(b"+ idling\r\n")

        with ScriptedImap(**IDLES | {"IDLE": agree_and_hang_up}) as server:
            with watching({"inbox": scripted(server)}, Patience(first=0.01, longest=900)):
                assert eventually(lambda: _logins(server) >= 4)
                time.sleep(0.5)
            assert _logins(server) < 12

    def test_however_many_stall_whenever_they_are_opened_the_others_are_renewed(self, dovecot: Dovecot):
        release, stalling = threading.Event(), threading.Semaphore(0)
        met = set()

        def stalls(key: str) -> Idle:
            if key in met:
                stalling.release()
                release.wait(SECONDS)
            met.add(key)
            raise MailError("broken", "it stalls")

        patience = Patience(renew=0.2, first=0.05, longest=0.2)
        names = [f"stalls {number}" for number in range(patience.threads)]
        opens = {name: partial(stalls, name) for name in names}
        with watching(opens | {"sound": at(dovecot, dovecot.new_user())}, patience) as (_, heard):
            try:
                assert all(stalling.acquire(timeout=SECONDS) for _ in names)
                before = heard.count("sound")
                assert heard.reaches("sound", before + 3)
            finally:
                release.set()

    def test_a_defect_of_ours_ends_one_mailbox_and_no_other(self, dovecot: Dovecot, caplog):
        def broken() -> Idle:
            raise RuntimeError("what a parent wrote")

        user = dovecot.new_user()
        with watching({"broken": broken, "sound": at(dovecot, user)}) as (_, heard):
            assert heard.reaches("sound", 1)
            dovecot.deliver(user, LETTER)
            assert heard.reaches("sound", 2)
        assert "RuntimeError" in caplog.text
        assert "what a parent wrote" not in caplog.text

    def test_a_defect_of_ours_in_the_thread_that_listens_is_told_and_all_is_opened_again(
        self, dovecot: Dovecot, caplog
    ):
        user, heard = dovecot.new_user(), Heard()
        defects = iter([RuntimeError("what a parent wrote")])

        def wake(key: str) -> None:
            for defect in defects:
                raise defect
            heard.wake(key)

        inbox = at(dovecot, user)
        watch = Watch(["inbox"], lambda _: inbox(), wake, patience=QUICK)
        watch.start()
        try:
            assert heard.reaches("inbox", 1)
            dovecot.deliver(user, LETTER)
            assert heard.reaches("inbox", 2)
            assert watch.is_listening("inbox")
        finally:
            watch.stop()
        assert "RuntimeError" in caplog.text
        assert "what a parent wrote" not in caplog.text

    def test_a_server_that_talks_without_end_is_left(self):
        with ScriptedImap(**IDLES) as server:
            idle = scripted(server)()
            idle.begin()
            server.say(b"x" * 20_000)
            with pytest.raises(MailError):
                _listen_on(idle)
            idle.close()


def _logins(server: ScriptedImap) -> int:
    return sum(b"LOGIN" in line for line in server.lines)


def _listen_on(idle: Idle) -> None:
    while not idle.hears():
        time.sleep(0.01)


def at_port(host: ImapHost, user: str, port: int, **more) -> Callable[[], Idle]:
    server = ImapServer(LOOPBACK, port, "plain", 5, **more)
    return lambda: an_idle(server, host.login(user))


def test_a_refused_wait_is_an_error_that_says_where(dovecot: Dovecot):
    answers = SOUND | IDLES | {"IDLE": b"TAG NO not today\r\n"}
    with ScriptedImap(**answers) as server:
        idle = scripted(server)()
        with pytest.raises(MailError, match=LOOPBACK):
            idle.begin()
        idle.close()
