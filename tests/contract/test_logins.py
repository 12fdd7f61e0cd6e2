"""The connections of a service to its mail servers are counted from the login to the last word."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from threading import Barrier, BrokenBarrierError

import pytest

from triage.logins import Logins
from triage.mail.budget import PASSING, Limits, NoRoomError
from triage.mail.imap import Login, MailError
from triage.store.errors import StoreError
from triage.store.tables import switches


def now() -> datetime:
    return datetime.now(UTC)


def test_each_server_has_a_budget_of_its_own(database, dovecot, pymap):
    logins = Logins(database, now, Limits(connections=1))
    user, other = dovecot.new_user(), pymap.new_user()
    with logins.open(dovecot.imap(timeout=0.1), dovecot.login(user)):
        with pytest.raises(MailError, match=r"imap\.connections"):
            logins.open(dovecot.imap(timeout=0.1), dovecot.login(user))
        logins.open(pymap.imap(), pymap.login(other)).close()
    logins.open(dovecot.imap(), dovecot.login(user)).close()


class SlowLimits:
    """Limits that are read by two threads at once where two read them."""

    connections, of_one = 1, 5
    both = Barrier(2)

    @property
    def logins(self) -> float:
        with suppress(BrokenBarrierError):
            self.both.wait(0.2)
        return 20.0


def test_two_that_are_the_first_at_a_server_share_its_budget(database, dovecot):
    logins = Logins(database, now, SlowLimits())
    users = [dovecot.new_user(), dovecot.new_user()]
    connected = []

    def open_(user) -> None:
        with suppress(MailError):
            connected.append(logins.open(dovecot.imap(timeout=0.1), dovecot.login(user)))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(open_, users))
    for session in connected:
        session.close()
    assert len(connected) == 1


def test_a_connection_that_listens_is_counted_until_it_is_hung_up(database, dovecot):
    logins, user = Logins(database, now, Limits(connections=PASSING + 1)), dovecot.new_user()
    session = logins.hold(dovecot.imap(), dovecot.login(user))
    session.select("INBOX")
    idle = session.idle()
    idle.begin()
    with pytest.raises(NoRoomError):
        logins.hold(dovecot.imap(), dovecot.login(user))
    idle.close()
    logins.hold(dovecot.imap(), dovecot.login(user)).close()


def test_trouble_with_the_database_right_after_a_login_costs_no_connection(database, dovecot, monkeypatch):
    def forget(*_) -> None:
        raise StoreError("locked", "the database is locked")

    monkeypatch.setattr("triage.store.refused.forget", forget)
    logins, user = Logins(database, now, Limits(connections=1)), dovecot.new_user()
    for _ in range(2):
        logins.open(dovecot.imap(timeout=0.1), dovecot.login(user)).close()


class NoTokens:
    """Tokens on a record that cannot be read just now."""

    proof = "made-up proof"

    def current(self) -> str:
        raise StoreError("locked", "the database is locked")


def test_trouble_with_the_database_while_a_token_is_fetched_is_no_refused_login(database, dovecot):
    logins = Logins(database, now, Limits())
    login = Login(dovecot.new_user(), tokens=NoTokens())
    with pytest.raises(StoreError):
        logins.open(dovecot.imap("tls"), login)
    with database.read() as conn:
        assert not [row.name for row in conn.execute(switches.select()) if row.name.startswith("login ")]


def test_a_login_that_fails_leaves_its_room_to_others(database, dovecot):
    logins, user = Logins(database, now, Limits(connections=1)), dovecot.new_user()
    wrong = type(dovecot.login(user))(user, password="not this one")
    with pytest.raises(MailError):
        logins.open(dovecot.imap(), wrong)
    logins.open(dovecot.imap(), dovecot.login(user)).close()
