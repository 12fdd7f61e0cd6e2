"""Whoever logs in to a mailbox asks here first, so that no account is locked and no server overrun.

Looks, listening and labels count together: what was refused is on record, for every process.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from triage.mail.budget import Budget, Limits, NoRoomError
from triage.mail.imap import ImapServer, Login, MailboxSession, MailError, connect, name_of
from triage.store import refused
from triage.store.db import Database
from triage.store.errors import StoreError
from triage.store.refused import Account


class Logins:
    """Lets logins be tried: one that was refused not before its time, unless its password is another.

    Each server has a budget of its own.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime], limits: Limits) -> None:
        self._database = database
        self._clock = clock
        self._limits = limits
        self._lock = threading.Lock()
        self._budgets: dict[str, Budget] = {}
        self._taken: set[Account] = set()
        self._turns: dict[Account, threading.Lock] = {}

    def open(self, server: ImapServer, login: Login) -> MailboxSession:
        """Log in for a look. Raises MailError, StoreError."""
        with self.trying(server, login), _in_words(server, login):
            return _session(server, login, self._budget(server).pass_by(server.timeout))

    def hold(self, server: ImapServer, login: Login) -> MailboxSession:
        """Log in to listen. Raises MailError, StoreError; NoRoomError where there may be no more of these."""
        with self.trying(server, login):
            return _session(server, login, self._budget(server).hold(login.username))

    @contextmanager
    def passing(self, server: ImapServer, login: Login) -> Iterator[None]:
        """Log in, do something small and log out within this. Raises MailError, StoreError."""
        with (
            self.trying(server, login),
            _in_words(server, login),
            self._budget(server).passing(server.timeout),
        ):
            yield

    @contextmanager
    def trying(self, server: ImapServer, login: Login) -> Iterator[None]:
        """Log in within this. Raises MailError, without asking the server, where that must wait.

        Until a login was taken once it is tried by one at a time, so that many at once do not all try a wrong
        password. Raises StoreError too, and whatever is raised within.
        """
        account = account_of(server, login)
        if account in self._taken:
            with self._counting(account, name_of(server, login)):
                yield
            return
        with self._turn(account), self._counting(account, name_of(server, login)):
            yield

    def _budget(self, server: ImapServer) -> Budget:
        name = _server(server)
        with self._lock:  # else two threads at once may make two, and each lets in as many as one should
            if name not in self._budgets:
                self._budgets[name] = Budget(self._limits)
            return self._budgets[name]

    def _turn(self, account: Account) -> threading.Lock:
        with self._lock:
            return self._turns.setdefault(account, threading.Lock())

    @contextmanager
    def _counting(self, account: Account, where: str) -> Iterator[None]:
        self._refuse_early(account, where)
        try:
            yield
        except MailError as error:
            if error.kind == "login" and error.tried:
                self._taken.discard(account)
                with self._database.write() as conn:
                    refused.refuse(conn, account, self._clock())
            raise
        if account not in self._taken:
            self._take(account)

    def _take(self, account: Account) -> None:
        """Note that a login was taken. A database in trouble costs no connection: it is noted at the next."""
        with suppress(StoreError):
            with self._database.write() as conn:
                refused.forget(conn, account)
            self._taken.add(account)

    def _refuse_early(self, account: Account, where: str) -> None:
        with self._database.read() as conn:
            until = refused.waits_until(conn, account, self._clock())
        if until is not None:
            self._taken.discard(account)
            why = "" if account.by_token else "so that the account is not locked "
            raise MailError(
                "login",
                f"{where}: its login was refused; {why}it is tried again at {until:%H:%M} UTC, or as soon as "
                "the password or secret is another; see triage check",
                tried=False,
            )


def account_of(server: ImapServer, login: Login) -> Account:
    """Return under what a login's refusals are on record."""
    return Account(_server(server), login.username, login.proof, by_token=login.tokens is not None)


def _server(server: ImapServer) -> str:
    return f"{server.host}:{server.port}"


def _session(server: ImapServer, login: Login, leave: Callable[[], None]) -> MailboxSession:
    try:
        session = connect(server, login)
    except BaseException:
        leave()
        raise
    session.when_closed(leave)
    return session


@contextmanager
def _in_words(server: ImapServer, login: Login) -> Iterator[None]:
    try:
        yield
    except NoRoomError as error:
        words = "all connections that imap.connections allows are in use; raise it, or look for what stalls"
        raise MailError("refused", f"{name_of(server, login)}: {words}") from error
