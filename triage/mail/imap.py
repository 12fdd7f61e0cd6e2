"""Connecting to a mailbox by IMAP, and labelling one message in a session of its own."""

import logging
import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from triage.mail.deadline import Deadline, in_time
from triage.mail.dial import Line, open_client
from triage.mail.errors import MailError
from triage.mail.keywords import keyword
from triage.mail.mailbox import Fetched, ImapServer, Login, Selected, Stamp, Standing, Summary
from triage.mail.session import MailboxSession
from triage.mail.tls import client_context
from triage.mail.writing import WritingSession
from triage.mail.xoauth2 import xoauth2

__all__ = [
    "Fetched",
    "ImapServer",
    "Login",
    "MailError",
    "MailboxSession",
    "Selected",
    "Stamp",
    "Standing",
    "Summary",
    "WritingSession",
    "add_labels",
    "connect",
    "connect_to_write",
    "name_of",
]

# At debug level imapclient logs what passes: messages and their writers.
logging.getLogger("imapclient").setLevel(logging.WARNING)


def connect(server: ImapServer, login: Login, ssl_context: ssl.SSLContext | None = None) -> MailboxSession:
    """Connect and log in. Raises MailError; without a context one is shared by all mailboxes."""
    client = _logged_in(server, login, ssl_context)
    return MailboxSession(client, name_of(server, login), server.command_timeout)


def connect_to_write(
    server: ImapServer, login: Login, ssl_context: ssl.SSLContext | None = None
) -> WritingSession:
    """Connect and log in to mark or move messages. Raises MailError."""
    client = _logged_in(server, login, ssl_context)
    return WritingSession(client, name_of(server, login), server.command_timeout)


def name_of(server: ImapServer, login: Login) -> str:
    """Return how trouble with a login at a server is told: which server, and as whom."""
    return f"{server.host}:{server.port} ({login.username})"


def _logged_in(server: ImapServer, login: Login, ssl_context: ssl.SSLContext | None) -> Any:  # noqa: ANN401 - imapclient has no types
    where = name_of(server, login)
    with Line() as line, in_time("connect", where, Deadline(server.command_timeout, line.connection)):
        client = open_client(server, ssl_context or client_context(server.ca_file), line)
    try:
        _refuse_unsendable(login, where)
        with in_time("login", where, Deadline(server.command_timeout, client.socket)):
            _log_in(client, login)
    except MailError:
        with suppress(Exception):
            client.shutdown()
        raise
    return client


def _refuse_unsendable(login: Login, where: str) -> None:
    """Raise MailError for a login that would reach the server as something else: imaplib sends any letter."""
    if login.token is None and login.password is None:
        raise MailError("login", f"{where}: neither a password nor a token is set; set one")
    if any(letter < " " or letter == "\x7f" for letter in login.username + (login.password or "")):
        raise MailError(
            "login",
            f"{where}: username or password has a line break or another control character; "
            "check how the password's file ends",
        )


def _log_in(client: Any, login: Login) -> None:  # noqa: ANN401 - imapclient has no types
    if login.token is not None:
        client.sasl_login("XOAUTH2", xoauth2(login.username, login.token))
    elif login.username.isascii() and (login.password or "").isascii():
        client.login(login.username, login.password)
    else:
        # LOGIN carries ASCII only; PLAIN carries UTF-8 (RFC 4616).
        client.plain_login(login.username, login.password)


def add_labels(
    server: ImapServer,
    login: Login,
    folder: str,
    *,
    uidvalidity: int,
    uid: int,
    message_id: str | None,
    labels: Sequence[str] = (),
    gmail: Sequence[str] = (),
    move_to: str | None = None,
    ssl_context: ssl.SSLContext | None = None,
) -> bool:
    """Label one message in a read-write session of its own; return whether all that was asked was done.

    ``labels`` become keywords, ``gmail`` labels of Gmail; last it is moved to a folder, if one is named.
    False, and nothing changed, when UIDVALIDITY or Message-ID is not the one expected, or the message is
    gone; what the server does not offer is left out. Raises MailError.
    """
    keywords = sorted({word for label in labels if (word := keyword(label))})
    expected = "".join((message_id or "").split())
    with connect_to_write(server, login, ssl_context) as session:
        selected = session.select(folder, readonly=False)
        if selected.uidvalidity != uidvalidity or session.message_id(uid) != expected:
            return False
        done = [
            *([_add_keywords(session, selected, uid, keywords)] if labels else []),
            *([session.gives_gmail_labels and session.add_gmail_labels(uid, gmail)] if gmail else []),
            # Last, because its number here is gone then.
            *([session.move(uid, expected, folder, move_to)] if move_to else []),
        ]
        return bool(done) and all(done)


def _add_keywords(session: MailboxSession, selected: Selected, uid: int, keywords: Sequence[str]) -> bool:
    stored = bool(keywords) and all(selected.stores(word) for word in keywords)
    return stored and session.add_keywords(uid, keywords)
