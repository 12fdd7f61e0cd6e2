# ruff: noqa: N802 - aiosmtpd finds its hooks by these names
"""An SMTP server that keeps what it is sent and answers as a test has told it to."""

import asyncio
import base64
import re
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Self

from aiosmtpd import __version__
from aiosmtpd.smtp import SMTP, AuthResult

from tests.servers.certificates import Certificates
from tests.servers.ports import LOOPBACK
from triage.mail.smtp import SmtpServer

USERNAME = "office@oakfield.example"
PASSWORD = "secret"
TOKEN = "made-up-token"
SINK_VERSION = __version__
DROP = "drop"
STALL = "stall"
NULL = ("", "<>")
_XOAUTH2 = re.compile("user=([^\x01]+)\x01auth=Bearer ([^\x01]+)\x01\x01")
TOO_MANY = "432 4.3.2 Concurrent connections limit exceeded."


@dataclass(frozen=True)
class Received:
    """One message whose final dot arrived: its envelope, its bytes, and what the sink answered.

    ``login`` is who had logged in, "" for nobody.
    """

    mail_from: str
    recipient: str
    mail_options: tuple[str, ...]
    rcpt_options: tuple[str, ...]
    raw: bytes
    answer: str
    login: str = ""

    @property
    def message(self) -> Message:
        """The message, parsed for a look at its headers."""
        return message_from_bytes(self.raw)


@dataclass
class Script:
    """How the sink behaves. ``answers`` maps a step to its whole answer, or to DROP or STALL.

    Steps: CONNECT, MAIL, NULL (MAIL FROM:<> only), MAIL and an address (from that alone), RCPT, NULL RCPT
    (after MAIL FROM:<> only), DATA (before 354), BODY (after 354, before the final dot), DOT (after the
    final dot), NULL DOT (after MAIL FROM:<> only), RSET. ``logins`` are the passwords by who may log in,
    ``takes`` tells of a user and a token whether they may. Of
    ``connections`` at a time those beyond are refused at AUTH; 0 is any number. ``rewrites`` makes of a
    message what its recipient gets, and ``files`` is told of what was taken.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    dsn: bool = True
    smtputf8: bool = True
    size: int = 33_554_432
    auth: bool = False
    logins: Mapping[str, str] = field(default_factory=lambda: {USERNAME: PASSWORD})
    takes: Callable[[str, str], bool] = lambda user, token: (user, token) == (USERNAME, TOKEN)
    connections: int = 0
    rewrites: Callable[[bytes], bytes] = lambda raw: raw
    files: Callable[[Received], object] = lambda received: None


class Sink:
    """One running SMTP server on a free loopback port; ``security`` is plain, starttls or tls."""

    def __init__(self, security: str = "plain", certificates: Certificates | None = None) -> None:
        self.security = security
        self.certificates = certificates
        self.script = Script()
        self.received: list[Received] = []
        self.steps: list[str] = []
        self.connected = 0
        self.port = 0
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._ended: asyncio.Event

    @property
    def accepted(self) -> list[Received]:
        """What the sink took: those answered 2xx, in order."""
        return [one for one in self.received if one.answer.startswith("2")]

    def behave(self, **script) -> None:
        """Forget what came so far and behave by a new script from the next connection on."""
        self.script = Script(**script)
        self.received.clear()
        self.steps.clear()

    def smtp(self, timeout: float = 10, **more) -> SmtpServer:
        """Return where this sink listens, as the service's own value."""
        ca_file: Path | None = self.certificates.ca_file if self.certificates else None
        values = {"host": LOOPBACK, "port": self.port, "security": self.security, "ca_file": ca_file, **more}
        return SmtpServer(timeout=timeout, **values)

    def start(self) -> Self:
        """Listen; return once the port is open."""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="smtp sink")
        self._thread.start()
        self._ready.wait(10)
        return self

    def stop(self) -> None:
        """End every connection and the thread."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(10)
            self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        context = self._context()
        server = await self._loop.create_server(
            lambda: _ScriptedSmtp(self, context if self.security == "starttls" else None),
            LOOPBACK,
            0,
            ssl=context if self.security == "tls" else None,
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        async with server:
            await self._ended.wait()

    def _context(self) -> ssl.SSLContext | None:
        return self.certificates.server_context() if self.certificates else None


class _Handler:
    """aiosmtpd's hooks: extensions, logins and the message after its final dot."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [responses[0], *(["250-DSN"] if self.sink.script.dsn else []), *responses[1:]]

    async def handle_DATA(self, server, session, envelope):
        answers = self.sink.script.answers
        plain = answers.get("DOT", "250 2.0.0 OK queued")
        answer = answers.get("NULL DOT", plain) if envelope.mail_from in NULL else plain
        received = Received(
            envelope.mail_from,
            envelope.rcpt_tos[0],
            tuple(envelope.mail_options),
            tuple(server.rcpt_options),
            self.sink.script.rewrites(envelope.original_content),
            answer,
            session.auth_data or "",
        )
        if answer.startswith("2"):
            self.sink.script.files(received)
        self.sink.received.append(received)
        await server.obey(answer)
        return answer

    async def auth_XOAUTH2(self, server, args):
        frame = await server.challenge_auth("") if len(args) == 1 else _decoded(args[1])
        user, token = _XOAUTH2.fullmatch(frame.decode()).groups()
        if self.sink.script.takes(user, token):
            return AuthResult(success=True, auth_data=user)
        await server.challenge_auth('{"status":"401"}')
        return AuthResult(success=False, handled=False)


class _ScriptedSmtp(SMTP):
    """aiosmtpd's server with the script's answers put before its own."""

    def __init__(self, sink: Sink, starttls: ssl.SSLContext | None) -> None:
        self.sink = sink
        self.rcpt_options: list[str] = []
        self._greeted = False
        self._null = False
        super().__init__(
            _Handler(sink),
            hostname="sink.oakfield.example",
            data_size_limit=sink.script.size,
            enable_SMTPUTF8=sink.script.smtputf8,
            tls_context=starttls,
            authenticator=_authenticate,
            auth_require_tls=False,
        )
        # Set here and not by the argument, which warns that logins without TLS are unsafe.
        self._auth_required = sink.script.auth

    async def push(self, status):
        """Answer; the first answer of a connection is its greeting."""
        if not self._greeted:
            self._greeted = True
            status = self.sink.script.answers.get("CONNECT", status)
            await self.obey(status)
        await super().push(status)

    def connection_made(self, transport):
        self.sink.connected += 1
        super().connection_made(transport)

    def connection_lost(self, error):
        self.sink.connected -= 1
        super().connection_lost(error)

    async def smtp_AUTH(self, arg):
        if 0 < self.sink.script.connections < self.sink.connected:
            self.sink.steps.append(TOO_MANY)
            await super().push(TOO_MANY)
        else:
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg):
        address = arg[len("FROM:<") :].partition(">")[0]
        self._null = not address
        named = f"MAIL {address}" if address else "NULL"
        if not await self._scripted(named if named in self.sink.script.answers else "MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg):
        after_null = self._null and "NULL RCPT" in self.sink.script.answers
        if await self._scripted("NULL RCPT" if after_null else "RCPT"):
            return
        address, _, options = arg.partition(" ")
        self.rcpt_options = options.split()
        plain = arg if not self.sink.script.dsn else address
        await super().smtp_RCPT(plain)

    async def smtp_RSET(self, arg):
        if not await self._scripted("RSET"):
            await super().smtp_RSET(arg)

    async def smtp_DATA(self, arg):
        if await self._scripted("DATA"):
            return
        if "BODY" in self.sink.script.answers:
            await super().push("354 go ahead")
            await self._scripted("BODY")
            return
        await super().smtp_DATA(arg)

    async def obey(self, answer: str) -> None:
        """Drop the connection or wait for ever where the answer says so."""
        if answer == DROP:
            self.transport.abort()
        if answer in {DROP, STALL}:
            try:
                await asyncio.Event().wait()
            finally:
                # aiosmtpd closes what it was reading from, but not what it was about to greet.
                self._writer.close()

    async def _scripted(self, step: str) -> bool:
        self.sink.steps.append(step)
        answer = self.sink.script.answers.get(step)
        if answer is None:
            return False
        await self.obey(answer)
        await super().push(answer)
        return True


def _authenticate(server, session, envelope, mechanism, login) -> AuthResult:
    user = login.login.decode()
    right = server.sink.script.logins.get(user, "").encode()
    return AuthResult(success=bool(right) and login.password == right, handled=False, auth_data=user)


def _decoded(text):
    return base64.b64decode(text)
