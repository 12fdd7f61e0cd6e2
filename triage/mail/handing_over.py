"""Handing messages to submission servers in the ways of large providers.

Microsoft 365 lets one account send over three connections at a time, and refuses the others (432 4.3.2). It
and others take no null sender from whoever has logged in: then the mailbox is the envelope sender, as the
setting ``envelope_from = "mailbox"`` would have it.
"""

import logging
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from triage.mail.answer import Answer
from triage.mail.smtp import SmtpServer, deliver

log = logging.getLogger(__name__)

_ABOUT_THE_SENDER = re.compile(
    r"SendAsDenied|permissions? to send as|\b5\.7\.60\b|\b5\.2\.252\b|\b5\.1\.[78]\b", re.IGNORECASE
)
"""How servers refuse a sender after MAIL: Exchange Online only when it has the whole message."""

Account = tuple[str, int, str]


class HandingOver:
    """Hands messages over, for all threads of a process; what a server has refused is remembered by it."""

    def __init__(self) -> None:
        self._free: dict[Account, threading.BoundedSemaphore] = {}
        self._lock = threading.Lock()
        self._no_null: defaultdict[Account, bool] = defaultdict(bool)

    def deliver(
        self,
        server: SmtpServer,
        envelope_from: str,
        recipient: str,
        raw: bytes,
        before_data: Callable[[], bool],
        *,
        mailbox: str,
    ) -> Answer:
        """Send as ``triage.mail.smtp.deliver`` does; ``mailbox`` takes the place of a null sender refused.

        That is certain not to send twice: a message is offered again only after a 5xx answer to it.
        """
        account = (server.host, server.port, server.username or "")
        with self._turn(account, server) as has_turn:
            if not has_turn:
                words = f"as many messages as {server.host} takes at a time are on their way; it waits"
                return Answer("retry", None, words, "mail")
            if envelope_from or self._no_null[account]:
                return deliver(server, envelope_from or mailbox, recipient, raw, before_data)
            answer = deliver(server, "", recipient, raw, before_data)
            if not _is_about_the_sender(answer):
                return answer
            second = deliver(server, mailbox, recipient, raw, before_data)
        if second.kind == "sent":
            self._no_null[account] = True
            log.warning(
                '%s takes no null sender: the mailbox is the envelope sender; set envelope_from = "mailbox"',
                server.host,
            )
        return second

    @contextmanager
    def _turn(self, account: Account, server: SmtpServer) -> Iterator[bool]:
        """Wait for a free connection of an account, for as long as for an answer of its server's."""
        with self._lock:
            free = self._free.setdefault(account, threading.BoundedSemaphore(server.connections))
        has_turn = free.acquire(timeout=server.timeout)
        try:
            yield has_turn
        finally:
            if has_turn:
                free.release()


def _is_about_the_sender(answer: Answer) -> bool:
    """Tell whether a server has refused a message for good because of its envelope sender."""
    if answer.kind != "rejected" or answer.code is None:
        return False
    return answer.step == "mail" or _ABOUT_THE_SENDER.search(answer.text) is not None
