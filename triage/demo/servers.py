"""The demo's two mail servers: an IMAP server with inboxes, and an SMTP sink that keeps what it is sent.

Each runs on a loop of its own in a thread of this process. A child process would need signal handling of
its own, would outlive a parent that is killed, and could not simply hand over what the sink received; a
thread ends with its process whatever happens to that.
"""

import asyncio
import logging
import socket
from argparse import Namespace
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Thread

from aiosmtpd.smtp import SMTP, Envelope, Session
from proxyprotocol.noop import ProxyProtocolNoop
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Identity, Login
from pymap.backend.dict.filter import FilterSet
from pymap.concurrent import Subsystem
from pymap.imap import IMAPServer
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

from triage.demo.unread import unread_mailboxes

HOST = "127.0.0.1"

Start = Callable[[socket.socket], Awaitable[asyncio.AbstractServer]]


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that the sink took: ``mail_from`` is "" for the null sender."""

    mail_from: str
    recipients: tuple[str, ...]
    raw: bytes


@dataclass(slots=True)
class Sink:
    """A running SMTP sink: where it listens and everything it was sent, in order of arrival."""

    host: str
    port: int
    received: list[Sent] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Inboxes:
    """A running IMAP server: where it listens and the password of each user."""

    host: str
    port: int
    passwords: Mapping[str, str]


@contextmanager
def imap_server(passwords: Mapping[str, str]) -> Iterator[Inboxes]:
    """Serve an empty inbox to each user of ``passwords``, without TLS, on a free loopback port.

    pymap's dictionary backend holds the mail in memory, a set of folders to each user, and forgets it on
    leaving. Raises OSError when no port can be had.
    """
    with _serving("demo-imap", partial(_start_imap, passwords)) as port:
        yield Inboxes(HOST, port, passwords)


@contextmanager
def smtp_sink() -> Iterator[Sink]:
    """Take every message for anybody, without TLS or login, on a free loopback port, and keep it.

    Raises OSError when no port can be had.
    """
    received: list[Sent] = []
    with _serving("demo-smtp", partial(_start_smtp, _Keeper(received))) as port:
        yield Sink(HOST, port, received)


@contextmanager
def _serving(name: str, start: Start) -> Iterator[int]:
    with socket.create_server((HOST, 0)) as listener:
        running: Future[Callable[[], object]] = Future()
        thread = Thread(target=_thread, args=(start, listener, running), name=name, daemon=True)
        thread.start()
        try:
            stop = running.result()
            try:
                yield listener.getsockname()[1]
            finally:
                stop()
        finally:
            thread.join()


def _thread(start: Start, listener: socket.socket, running: Future[Callable[[], object]]) -> None:
    try:
        asyncio.run(_serve(start, listener, running))
    except Exception as error:
        if running.done():
            raise
        running.set_exception(error)


async def _serve(start: Start, listener: socket.socket, running: Future[Callable[[], object]]) -> None:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    async with await start(listener):
        running.set_result(partial(loop.call_soon_threadsafe, stopped.set))
        await stopped.wait()
        await _end_connections()


async def _end_connections() -> None:
    """End what still talks to a client; a server that waits for its clients would never end."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _start_imap(passwords: Mapping[str, str], listener: socket.socket) -> asyncio.AbstractServer:
    config = _ImapConfig(
        Namespace(),
        host=HOST,
        port=listener.getsockname()[1],
        tls_enabled=False,
        proxy_protocol=ProxyProtocolNoop(),
        hash_context=Cleartext(),
        cpu_subsystem=Subsystem.for_asyncio(),  # the default starts threads and leaves them
        demo_data=False,
        demo_user="",
        demo_password="",
    )
    config.apply_context()
    login = Login(config)
    for user, password in passwords.items():
        config.set_cache[user] = unread_mailboxes(), FilterSet()
        await Identity(user, login, None, frozenset()).set(UserMetadata(config, user, password=password))
    serve = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(login, config))
    return await asyncio.start_server(serve, sock=listener)


async def _start_smtp(keeper: "_Keeper", listener: socket.socket) -> asyncio.AbstractServer:
    # Its every line names a recipient; the demo shows what arrives.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    make = partial(SMTP, keeper, hostname="sink.oakfield.example", enable_SMTPUTF8=True)
    return await asyncio.get_running_loop().create_server(make, sock=listener)


class _ImapConfig(Config):
    """pymap's settings, with a greeting that asks no name server who this machine is."""

    @property
    def greeting(self) -> bytes:
        return b"Oakfield School demo server ready"


class _Keeper:
    """The handler that aiosmtpd calls for each message."""

    def __init__(self, received: list[Sent]) -> None:
        self._received = received

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's face
        sender = (envelope.mail_from or "").removeprefix("<").removesuffix(">")
        raw = envelope.original_content or b""
        self._received.append(Sent(sender, tuple(envelope.rcpt_tos), raw))
        return "250 Message kept"
