"""The tests' own servers: they leave nothing behind, and a missing one is never passed over in silence."""

import threading

import psutil
import pytest

from tests.servers import ports
from tests.servers.cyrus import Cyrus, find_cyrus
from tests.servers.dovecot import Dovecot
from tests.servers.scripted_imap import ScriptedImap
from tests.servers.sink import STALL, Sink
from triage.mail.smtp import deliver


def test_a_stopped_dovecot_leaves_no_process_and_no_folder():
    others = {one.pid for one in psutil.Process().children(recursive=True)}
    server = Dovecot().start()
    with server.session(server.new_user(), "INBOX"):
        family = [one for one in psutil.Process().children(recursive=True) if one.pid not in others]
        names = {process.name() for process in family}
        server.stop()
    assert {"dovecot", "imap"} <= names
    assert not any(process.is_running() for process in family)
    assert not server.folder.exists()


def test_a_stopped_cyrus_leaves_no_process_and_no_folder():
    with Cyrus() as server, server.session(server.new_user(), "INBOX"):
        family = psutil.Process(server.process.pid).children(recursive=True)
        names = {process.name() for process in family}
    assert {"imapd", "idled"} <= names
    assert not any(process.is_running() for process in family)
    assert not server.folder.exists()


def test_a_cyrus_that_is_not_where_it_is_said_to_be_is_a_mistake_and_no_absence(monkeypatch, tmp_path):
    monkeypatch.setenv("CYRUS_ROOT", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="CYRUS_ROOT is"):
        find_cyrus()


def test_two_dovecots_run_beside_each_other(dovecot):
    with Dovecot() as other:
        assert other.imap_port != dovecot.imap_port


def test_a_stopped_sink_leaves_no_thread_even_with_a_client_waiting():
    before = threading.active_count()
    with Sink() as server:
        server.behave(answers={"CONNECT": STALL})
        deliver(server.smtp(timeout=0.2), "", "parent@home.example", b"", lambda: True)
    assert threading.active_count() == before


def test_a_stopped_scripted_server_leaves_no_thread():
    before = threading.active_count()
    with ScriptedImap():
        pass
    assert threading.active_count() == before


def test_a_missing_server_skips_with_one_line_that_says_what_to_install(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="install Debian's dovecot-imapd"):
        ports.missing("Dovecot", "dovecot-imapd")


def test_a_missing_server_fails_where_ci_is_true(monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="install Debian's dovecot-imapd"):
        ports.missing("Dovecot", "dovecot-imapd")
