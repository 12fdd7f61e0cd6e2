"""The review page and, beside it, the worker, in one process that stops gracefully."""

import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click
import uvicorn

from triage.bootstrap import Service
from triage.web.app import LOOPBACK, create_app

GRACE_SECONDS = 10  # for an answer under way; the worker takes the time that it needs


def serve(service: Service) -> None:
    """Watch the mailboxes and serve the page until SIGTERM or Ctrl-C; what is under way is finished first.

    Raises OSError when the page's port is taken.
    """
    with listen(service) as sock, stopped_by_sigterm():
        worker = service.worker()
        worker.start()
        try:
            serve_page(service, sock)
        finally:
            worker.stop()


def show_page(service: Service) -> None:
    """Serve the review page alone until told to stop. Raises OSError when its port is taken."""
    with listen(service) as sock, stopped_by_sigterm():
        serve_page(service, sock)


def listen(service: Service) -> socket.socket:
    """Return a listening socket for the page. Raises OSError naming host and port."""
    web = service.settings.web
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    try:
        return socket.create_server((web.host, web.port), family=family)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]  # Python adds the address, which is said already
        raise OSError(
            f"the review page cannot listen on {web.host}, port {web.port}: {why};"
            " stop what uses it, or set another [web] port"
        ) from error


def serve_page(service: Service, sock: socket.socket) -> None:
    """Serve the review page on a socket until the process is told to stop."""
    host = service.settings.web.host
    named = f"[{host}]" if ":" in host else host
    click.echo(f"review page: http://{named}:{sock.getsockname()[1]}/   (Ctrl-C stops)")
    app = create_app(service.database, service.school, service.context.clock, (*LOOPBACK, named))
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    try:
        uvicorn.Server(config).run(sockets=[sock])
    except KeyboardInterrupt:
        click.echo("stopped")


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """Leave with exit code 0 on SIGTERM, through every ``finally`` on the way.

    uvicorn hands the signal on once it has stopped: without a handler it would end the process there.
    """
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
