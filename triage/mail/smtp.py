"""Sending one message by SMTP, so that the answer always says what is certain and what is not."""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from triage.mail.answer import Answer, Kind, Probe, Step, enhanced_status
from triage.mail.bearer import NO_TOKENS, UNDER_TLS, Bearer, Tokens, mechanism
from triage.mail.smtp_words import is_for_now, reply_code, reply_status, trouble_words
from triage.mail.tls import Security, client_context, refuse_plain
from triage.mail.token_error import TokenError
from triage.mail.words import readable

__all__ = ["FINAL_TIMEOUT", "Answer", "Probe", "SmtpServer", "deliver", "probe"]

# RFC 5321 section 4.5.3.2.6: a relay may scan a message for ten minutes before it answers the final dot.
FINAL_TIMEOUT = 600.0
CONNECTIONS = 3
_GO_AHEAD = 354
_BARE_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"(?m)^\.")
# What smtplib raises before the message is sent; ValueError is its word for what it cannot encode.
_TROUBLE = (OSError, smtplib.SMTPException, ValueError)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where to send and as whom. Raises ValueError for a plain connection to another machine.

    ``tokens`` go before ``password``; with neither there is no login. ``local_hostname`` is what EHLO says.
    ``timeout`` counts for each answer but the one to the message, for which the server has
    ``final_timeout`` seconds. ``connections`` are what the account may have open at a time.
    """

    host: str
    port: int
    security: Security = "tls"
    timeout: float = 30
    ca_file: Path | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tokens: Tokens | None = field(default=None, repr=False)
    local_hostname: str = "[127.0.0.1]"
    final_timeout: float = FINAL_TIMEOUT
    connections: int = CONNECTIONS

    def __post_init__(self) -> None:
        refuse_plain(self.host, self.security)


def deliver(
    server: SmtpServer,
    envelope_from: str,
    recipient: str,
    raw: bytes,
    before_data: Callable[[], bool],
    *,
    ssl_context: ssl.SSLContext | None = None,
) -> Answer:
    """Send ``raw`` to one recipient and say what is certain. Network trouble is an Answer, never raised.

    ``envelope_from`` "" is the null sender (RFC 3834 section 3.3; A17). ``before_data`` is called right
    before DATA; when it is false nothing is sent. What it raises passes through, and nothing is sent.
    """
    try:
        with _session(server, ssl_context) as client:
            _offer(client, envelope_from, recipient, raw)
            return _send(client, raw, server.final_timeout) if before_data() else _withdraw(client)
    except _Refused as refused:
        return refused.answer


def probe(server: SmtpServer, *senders: str, ssl_context: ssl.SSLContext | None = None) -> Probe:
    """Log in and ask whether MAIL FROM:<> and some senders are allowed, each undone by RSET; nothing is sent.

    The first sender is named as recipient, too: some servers refuse a sender only after RCPT.
    """
    try:
        with _session(server, ssl_context) as client:
            return _examine(client, [sender for sender in senders if sender])
    except _Refused as refused:
        answer = refused.answer
        return Probe(reached=answer.step != "connect", login_ok=False, text=answer.text)


class _Refused(Exception):  # noqa: N818 - it carries an answer and never leaves this module
    """Ends a delivery early with its answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.text)
        self.answer = answer


@contextmanager
def _session(server: SmtpServer, ssl_context: ssl.SSLContext | None) -> Iterator[smtplib.SMTP]:
    with _step(server, "connect"):
        client = _connect(server, ssl_context or _context(server))
    try:
        with _step(server, "connect"):
            _greet(client, server, ssl_context or _context(server))
        with _step(server, "login"):
            _log_in(client, server)
        yield client
    finally:
        # The answer is known by now: a server that will not part politely is left.
        with suppress(OSError, smtplib.SMTPException):
            _set_timeout(client, server.timeout)
            client.quit()
        client.close()


@contextmanager
def _step(server: SmtpServer, step: Step) -> Iterator[None]:
    """Before DATA all trouble is certain: nothing was sent. Before MAIL it is ours, so it may pass."""
    try:
        yield
    except _TROUBLE as error:
        text = f"{server.host}:{server.port}: {step}: {trouble_words(error)}"
        no_token = error.kind if isinstance(error, TokenError) else None
        answer = Answer("retry", reply_code(error), text, step, reply_status(error), no_token)
        raise _Refused(answer) from error


def _context(server: SmtpServer) -> ssl.SSLContext:
    return client_context(server.ca_file)


def _connect(server: SmtpServer, context: ssl.SSLContext) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, server.local_hostname, timeout=server.timeout, context=context
        )
    return smtplib.SMTP(server.host, server.port, server.local_hostname, server.timeout)


def _greet(client: smtplib.SMTP, server: SmtpServer, context: ssl.SSLContext) -> None:
    if server.security == "starttls":
        client.starttls(context=context)
    client.ehlo_or_helo_if_needed()


def _log_in(client: smtplib.SMTP, server: SmtpServer) -> None:
    if server.username is None:
        return
    if server.tokens is not None:
        _sign_in(client, server, server.username, server.tokens)
    elif server.password is not None:
        client.login(server.username, server.password)


def _sign_in(client: smtplib.SMTP, server: SmtpServer, username: str, tokens: Tokens) -> None:
    """Sign in with a token; one that is refused is exchanged for another once, at once."""
    how = mechanism(client.esmtp_features.get("auth", "").split())
    if server.security == "plain" or how is None:
        why = UNDER_TLS if server.security == "plain" else NO_TOKENS
        raise _Refused(Answer("retry", None, f"{server.host}:{server.port}: login: {why}", "login"))
    token, where = tokens.current(), (server.host, server.port)
    try:
        client.auth(how, Bearer(how, username, token, where))
    except smtplib.SMTPAuthenticationError as error:
        # Who lets nobody in for now has not refused this token.
        another = None if is_for_now(error.smtp_code) else tokens.another(token)
        if another is None:
            raise
        client.auth(how, Bearer(how, username, another, where))


def _offer(client: smtplib.SMTP, sender: str, recipient: str, raw: bytes) -> None:
    """Give the envelope; raise _Refused unless the server agrees."""
    _check("mail", sender)
    _check("rcpt", recipient)
    mail_options = _mail_options(client, sender, recipient, raw)
    rcpt_options = ["NOTIFY=NEVER"] if client.has_extn("dsn") else []  # RFC 3834 section 3.3; A18
    _command("mail", lambda: client.mail(sender, mail_options))
    _command("rcpt", lambda: client.rcpt(recipient, rcpt_options))


def _withdraw(client: smtplib.SMTP) -> Answer:
    with suppress(OSError, smtplib.SMTPException):
        client.rset()
    return Answer("abandoned", None, "withdrawn before the message was sent", "data")


def _check(step: Step, address: str) -> None:
    """Raise _Refused for an address that smtplib would read as another one, or as two lines."""
    if smtplib.quoteaddr(address) != f"<{address}>" or any(letter.isspace() for letter in address):
        raise _refuse(step, "the address cannot be sent as it stands")


def _mail_options(client: smtplib.SMTP, sender: str, recipient: str, raw: bytes) -> list[str]:
    options = []
    limit = _size_limit(client)
    if limit is not None and len(raw) > limit:
        raise _refuse("size", f"the message has {len(raw)} bytes; the server takes {limit}")
    if client.has_extn("size"):
        options.append(f"SIZE={len(raw)}")
    if not (sender + recipient).isascii():
        options.append(_needed(client, "smtputf8", "SMTPUTF8"))  # RFC 6531; E3
    if not raw.isascii():
        options.append(_needed(client, "8bitmime", "BODY=8BITMIME"))
    return options


def _needed(client: smtplib.SMTP, extension: Step, option: str) -> str:
    if not client.has_extn(extension):
        raise _refuse(extension, f"the server does not offer {extension.upper()}, which this message needs")
    return option


def _refuse(step: Step, text: str) -> _Refused:
    return _Refused(Answer("rejected", None, f"{step}: {text}", step))


def _command(step: Step, send: Callable[[], tuple[int, bytes]]) -> None:
    """Give a command before DATA; raise _Refused unless the server agrees."""
    try:
        code, said = send()
    except _TROUBLE as error:
        text = f"{step}: {trouble_words(error)}"
        raise _Refused(Answer("retry", reply_code(error), text, step, reply_status(error))) from error
    if _kind(code) != "sent":
        raise _Refused(_answer(code, said, step, otherwise="retry"))


def _send(client: smtplib.SMTP, raw: bytes, final_timeout: float) -> Answer:
    """Give DATA and the message by smtplib's public means, not by its ``data``.

    ``data`` raises the same error whether the connection is lost before the server's 354, when nothing
    was sent, or after the final dot, when the message may have been taken. Here the first is "retry"
    and any loss after 354 is "unsure": a message's last bytes may leave with the first ones, so no
    finer line is safe (RFC 5321 section 4.5.3.2.6 warns of the duplicates).
    """
    try:
        code, text = client.docmd("DATA")
    except (OSError, smtplib.SMTPException) as error:
        return Answer("retry", None, f"data: {trouble_words(error)}", "data")
    if code != _GO_AHEAD:
        refusal = _answer(code, text, "data", otherwise="retry")
        # 2xx instead of 354 means that the server asked for nothing and got nothing.
        return refusal if refusal.kind != "sent" else replace(refusal, kind="retry")
    try:
        _set_timeout(client, final_timeout)
        client.send(_on_the_wire(raw))
        code, text = client.getreply()
    except Exception as error:  # noqa: BLE001 - whatever it was, the server may have the message
        return Answer("unsure", None, f"message: {trouble_words(error)}", "message")
    return _answer(code, text, "message", otherwise="unsure")


def _set_timeout(client: smtplib.SMTP, seconds: float) -> None:
    if client.sock is not None:
        client.sock.settimeout(seconds)


def _on_the_wire(raw: bytes) -> bytes:
    """Return the message with CRLF line ends, its leading dots doubled, and the final dot."""
    lines = _BARE_LINE_END.sub(b"\r\n", raw)
    stuffed = _LEADING_DOT.sub(b"..", lines)
    return stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n")


def _answer(code: int, text: bytes, step: Step, otherwise: Kind) -> Answer:
    words = f"{step}: {code} {readable(text)}"
    return Answer(_kind(code) or otherwise, code, words, step, enhanced_status(code, text))


def _kind(code: int) -> Kind | None:
    """Say what a reply code means, None for one that RFC 5321 does not know here."""
    kinds: dict[int, Kind] = {2: "sent", 4: "retry", 5: "rejected"}
    return kinds.get(code // 100)


def _examine(client: smtplib.SMTP, senders: Sequence[str]) -> Probe:
    recipient = senders[0] if senders else None
    null_refused = _why_refused(client, "", recipient)
    answers = {sender: _why_refused(client, sender, recipient) for sender in senders}
    refused = {sender: why for sender, why in answers.items() if why}
    return Probe(
        reached=True,
        login_ok=True,
        null_sender_ok=not null_refused,
        sender_ok=not refused if senders else not null_refused,
        size=_size_limit(client),
        dsn=client.has_extn("dsn"),
        smtputf8=client.has_extn("smtputf8"),
        tls=_tls(client),
        extensions=tuple(sorted(client.esmtp_features)),
        refused={"": null_refused} | refused if null_refused else refused,
        text=next(iter(refused.values()), "") if senders else null_refused,
    )


def _why_refused(client: smtplib.SMTP, sender: str, recipient: str | None) -> str:
    """Return why a sender is not allowed, "" when it is."""
    try:
        _command("mail", lambda: client.mail(sender))
        if recipient is not None:
            _command("rcpt", lambda: client.rcpt(recipient))
    except _Refused as refused:
        return refused.answer.text
    finally:
        with suppress(OSError, smtplib.SMTPException):
            client.rset()
    return ""


def _tls(client: smtplib.SMTP) -> str | None:
    """Return the version of TLS that the connection speaks, None for a plain one."""
    return client.sock.version() if isinstance(client.sock, ssl.SSLSocket) else None


def _size_limit(client: smtplib.SMTP) -> int | None:
    """Return the server's limit; RFC 1870 makes 0 and no figure mean no fixed one."""
    said = client.esmtp_features.get("size", "")
    return int(said) if said.isdecimal() and int(said) > 0 else None
