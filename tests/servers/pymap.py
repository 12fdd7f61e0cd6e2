"""The demo's embedded pymap as a test server: poor in features, so that the fallbacks are tried."""

from contextlib import ExitStack
from typing import Self

from tests.servers.imap_host import PASSWORD, ImapHost
from triage.demo.servers import imap_server

MAILBOXES = 500


class Pymap(ImapHost):
    """One running pymap with so many empty mailboxes; use it as a context manager."""

    name = "pymap"
    keeps_keywords = False

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        users = {f"u{number:04d}": PASSWORD for number in range(1, MAILBOXES + 1)}
        self.imap_port = self._stack.enter_context(imap_server(users)).port
        return self

    def __exit__(self, *_) -> None:
        self._stack.close()
