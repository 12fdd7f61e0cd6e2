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

PATIENCE = 5.0
"""So many seconds what calls nobody waits for its turn: it is back at the next sweep, and others go first."""

Account = tuple[str, int, str]


class Turns:
    """The connections of one account. What calls somebody goes first, and one of several is kept for it.

    ``calls`` is how many of those wait.
    """

    def __init__(self, connections: int) -> None:
        self._free = connections
        self._kept = 1 if connections > 1 else 0
        self.calls = 0
        self._change = threading.Condition()

    @contextmanager
    def turn(self, seconds: float, *, urgent: bool) -> Iterator[bool]:
        """Wait for a free connection; False where there is none in time."""
        has_turn = self._take(seconds, urgent=urgent)
        try:
            yield has_turn
        finally:
            if has_turn:
                with self._change:
                    self._free += 1
                    self._change.notify_all()

    def _take(self, seconds: float, *, urgent: bool) -> bool:
        with self._change:
            self.calls += urgent
            try:
                has_turn = self._change.wait_for(lambda: self._is_free(urgent=urgent), seconds)
            finally:
                self.calls -= urgent
                self._change.notify_all()
            self._free -= has_turn
            return has_turn

    def _is_free(self, *, urgent: bool) -> bool:
        return self._free > 0 if urgent else self._free > self._kept and not self.calls


class HandingOver:
    """Hands messages over, for all threads of a process; what a server has refused is remembered by it."""

    def __init__(self) -> None:
        self._turns: dict[Account, Turns] = {}
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
        urgent: bool = False,
    ) -> Answer:
        """Send as ``triage.mail.smtp.deliver`` does; ``mailbox`` takes the place of a null sender refused.

        What is ``urgent`` has its turn before the rest. Where it has none in time, the answer says so.
        That is certain not to send twice: a message is offered again only after a 5xx answer to it.
        """
        account = (server.host, server.port, server.username or "")
        patience = server.timeout if urgent else min(server.timeout, PATIENCE)
        with self._turns_of(account, server).turn(patience, urgent=urgent) as has_turn:
            if not has_turn:
                words = f"as many messages as {server.host} takes at a time are on their way; it waits"
                return Answer("retry", None, words, "turn")
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

    def _turns_of(self, account: Account, server: SmtpServer) -> Turns:
        with self._lock:
            return self._turns.setdefault(account, Turns(server.connections))


def _is_about_the_sender(answer: Answer) -> bool:
    """Tell whether a server has refused a message for good because of its envelope sender."""
    if answer.kind != "rejected" or answer.code is None:
        return False
    return answer.step == "mail" or _ABOUT_THE_SENDER.search(answer.text) is not None
