"""Delivery of the demo's mail: each message into its inboxes by IMAP APPEND, as the school's gateway would.

The gateway writes the envelope sender, the recipient, its own line of the way, and what it found out about
the sender's authenticity on top; the time of receipt becomes the INTERNALDATE.
"""

import imaplib
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import format_datetime

from triage.demo.messages import DemoMessage
from triage.demo.servers import Inboxes
from triage.demo.writing import write
from triage.domain.model import Verdict

GATEWAY = "mx.oakfield.example"


class DeliveryError(Exception):
    """The demo's IMAP server would not take a message."""


def deliver(inboxes: Inboxes, messages: Iterable[DemoMessage], replies: Mapping[str, str]) -> int:
    """Put messages into their inboxes, in order; the answer is how many copies were put.

    ``replies`` maps the id of a demo message to the Message-ID of the reply it got, for messages that
    answer one. Raises DeliveryError when the server refuses one, OSError when it cannot be reached.
    """
    copies = [(mailbox, message) for message in messages for mailbox in message.mailboxes]
    for mailbox in dict.fromkeys(mailbox for mailbox, _ in copies):
        with _session(inboxes, mailbox) as session:
            for message in (message for owner, message in copies if owner == mailbox):
                _append(session, message, on_arrival(message, mailbox) + write(message, replies))
    return len(copies)


def on_arrival(message: DemoMessage, mailbox: str) -> bytes:
    """Return the header lines that the school's gateway puts above a message for one mailbox."""
    domain = message.address.rpartition("@")[2]
    lines = [
        f"Return-Path: <{message.return_path}>",
        f"Delivered-To: {mailbox}",
        f"Authentication-Results: {GATEWAY}; {_verdict(message.dmarc, domain)}",
        f"Received: from mail.{domain} (mail.{domain} [192.0.2.25])",
        f"\tby {GATEWAY} with ESMTPS for <{mailbox}>; {format_datetime(message.received)}",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _verdict(dmarc: Verdict, domain: str) -> str:
    if dmarc is Verdict.UNKNOWN:
        return "none"
    spf = "pass" if dmarc is Verdict.PASS else "softfail"
    return f"spf={spf} smtp.mailfrom={domain}; dmarc={dmarc} header.from={domain}"


@contextmanager
def _session(inboxes: Inboxes, mailbox: str) -> Iterator[imaplib.IMAP4]:
    with imaplib.IMAP4(inboxes.host, inboxes.port, timeout=30) as session:
        # Without this each APPEND waits for a delayed acknowledgement.
        session.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        session.login(mailbox, inboxes.passwords[mailbox])
        yield session


def _append(session: imaplib.IMAP4, message: DemoMessage, raw: bytes) -> None:
    answer, words = session.append("INBOX", "", message.received, raw)
    if answer != "OK":
        raise DeliveryError(f"demo message {message.id} was refused: {words!r}")
