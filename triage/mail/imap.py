"""Connecting to a mailbox by IMAP, and labelling one message in a session of its own."""

import logging
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from triage.mail.bearer import NO_TOKENS, REFUSED, UNDER_TLS, Bearer, Tokens, mechanism
from triage.mail.connection import as_text
from triage.mail.deadline import Deadline, in_time
from triage.mail.dial import Line, open_client
from triage.mail.errors import MailError, mail_error
from triage.mail.keywords import keyword
from triage.mail.mailbox import Fetched, ImapServer, Login, Selected, Stamp, Standing, Summary
from triage.mail.session import MailboxSession
from triage.mail.tls import client_context
from triage.mail.token_error import TokenError
from triage.mail.writing import WritingSession

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

Session = TypeVar("Session", bound=MailboxSession)

# At debug level imapclient logs what passes: messages and their writers.
logging.getLogger("imapclient").setLevel(logging.WARNING)


def connect(server: ImapServer, login: Login, ssl_context: ssl.SSLContext | None = None) -> MailboxSession:
    """Connect and log in. Raises MailError; without a context one is shared by all mailboxes."""
    return _connected(MailboxSession, server, login, ssl_context)


def connect_to_write(
    server: ImapServer, login: Login, ssl_context: ssl.SSLContext | None = None
) -> WritingSession:
    """Connect and log in to mark or move messages. Raises MailError."""
    return _connected(WritingSession, server, login, ssl_context)


def name_of(server: ImapServer, login: Login) -> str:
    """Return how trouble with a login at a server is told: which server, and as whom."""
    return f"{server.host}:{server.port} ({login.username})"


def _connected(
    kind: type[Session], server: ImapServer, login: Login, ssl_context: ssl.SSLContext | None
) -> Session:
    """Connect and log in; a token that is refused is exchanged for another once, at once."""
    where = name_of(server, login)
    _refuse_unsendable(server, login, where)
    if login.tokens is None:
        return kind(_logged_in(server, login, None, ssl_context), where, server.command_timeout)
    token = _token(login.tokens, where)
    try:
        client = _logged_in(server, login, token, ssl_context)
    except MailError as error:
        another = _another(login.tokens, token, where) if error.kind == "login" else None
        if another is None:
            raise
        token, client = another, _logged_in(server, login, another, ssl_context)
    session = kind(client, where, server.command_timeout)
    session.signed_in_by = hash(token)
    return session


def _token(tokens: Tokens, where: str) -> str:
    with _without_token(where):
        return tokens.current()


def _another(tokens: Tokens, refused: str, where: str) -> str | None:
    with _without_token(where):
        return tokens.another(refused)


@contextmanager
def _without_token(where: str) -> Iterator[None]:
    """Raise MailError where no token can be had. What else goes wrong is nobody's password: it goes on."""
    try:
        yield
    except TokenError as error:
        raise mail_error(error, "login", where) from error


def _logged_in(
    server: ImapServer, login: Login, token: str | None, ssl_context: ssl.SSLContext | None
) -> Any:  # noqa: ANN401 - imapclient has no types
    where = name_of(server, login)
    with Line() as line, in_time("connect", where, Deadline(server.command_timeout, line.connection)):
        client = open_client(server, ssl_context or client_context(server.ca_file), line)
    try:
        with in_time("login", where, Deadline(server.command_timeout, client.socket)):
            _log_in(client, server, login, token)
    except MailError:
        with suppress(Exception):
            client.shutdown()
        raise
    return client


def _refuse_unsendable(server: ImapServer, login: Login, where: str) -> None:
    """Raise MailError for a login that would reach the server as something else: imaplib sends any letter."""
    if login.tokens is None and login.password is None:
        raise MailError("login", f"{where}: neither a password nor a token is set; set one")
    if login.tokens is not None and server.security == "plain":
        raise MailError("login", f"{where}: {UNDER_TLS}")
    if any(letter < " " or letter == "\x7f" for letter in login.username + (login.password or "")):
        raise MailError(
            "login",
            f"{where}: username or password has a line break or another control character; "
            "check how the password's file ends",
        )


def _log_in(client: Any, server: ImapServer, login: Login, token: str | None) -> None:  # noqa: ANN401 - imapclient has no types
    if token is not None:
        _sign_in(client, server, login, token)
    elif login.username.isascii() and (login.password or "").isascii():
        client.login(login.username, login.password)
    else:
        # LOGIN carries ASCII only; PLAIN carries UTF-8 (RFC 4616).
        client.plain_login(login.username, login.password)


def _sign_in(client: Any, server: ImapServer, login: Login, token: str) -> None:  # noqa: ANN401 - imapclient has no types
    """Sign in with a token in the way that the server offers. Raises MailError where it offers none."""
    where = name_of(server, login)
    capabilities = (as_text(name).upper() for name in client.capabilities())
    how = mechanism([name.removeprefix("AUTH=") for name in capabilities if name.startswith("AUTH=")])
    if how is None:
        raise MailError("login", f"{where}: {NO_TOKENS}")
    bearer = Bearer(how, login.username, token, (server.host, server.port))
    try:
        client.sasl_login(how, bearer)
    except Exception as error:
        told = mail_error(error, "login", where)
        if told.kind != "login":
            raise
        report = f" (it reports {bearer.report})" if bearer.report else ""
        means = login.tokens.refusal if login.tokens else REFUSED
        raise MailError("login", f"{told.words}{report}; {means}") from error


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
