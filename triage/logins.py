"""Whoever logs in to a mailbox asks here first, so that no account is locked by asking too often.

Looks, listening and labels count together, in every process: what was refused is on record.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from triage.mail.imap import ImapServer, Login, MailError, name_of
from triage.store import refused
from triage.store.db import Database
from triage.store.refused import Account


class Logins:
    """Lets logins be tried: one that was refused not before its time, unless its password is another."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._taken: set[Account] = set()
        self._turns: defaultdict[Account, threading.Lock] = defaultdict(threading.Lock)

    @contextmanager
    def trying(self, server: ImapServer, login: Login) -> Iterator[None]:
        """Log in within this. Raises MailError, without asking the server, where that must wait.

        Until a login was taken once it is tried by one at a time, so that many at once do not all try a wrong
        password. Raises StoreError too.
        """
        account = Account(f"{server.host}:{server.port}", login.username, login.password or "")
        if account in self._taken:
            with self._counting(account, name_of(server, login)):
                yield
            return
        with self._turns[account], self._counting(account, name_of(server, login)):
            yield
        self._taken.add(account)

    @contextmanager
    def _counting(self, account: Account, where: str) -> Iterator[None]:
        self._refuse_early(account, where)
        try:
            yield
        except MailError as error:
            if error.kind == "login":
                self._taken.discard(account)
                with self._database.write() as conn:
                    refused.refuse(conn, account, self._clock())
            raise
        if account not in self._taken:
            with self._database.write() as conn:
                refused.forget(conn, account)

    def _refuse_early(self, account: Account, where: str) -> None:
        with self._database.read() as conn:
            until = refused.waits_until(conn, account, self._clock())
        if until is not None:
            self._taken.discard(account)
            raise MailError(
                "login",
                f"{where}: its login was refused; so that the account is not locked it is tried again at "
                f"{until:%H:%M} UTC, or as soon as the password is another; check username and password",
                tried=False,
            )
