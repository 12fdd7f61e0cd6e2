"""The review site and, beside it, the worker, in one process that stops gracefully."""

import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import FrameType

import click
import uvicorn
from starlette.applications import Starlette

from triage.bootstrap import Service
from triage.certificate import try_certificate
from triage.domain.calling import is_shown_cases
from triage.domain.going_live import Ready
from triage.domain.hours import opening
from triage.domain.model import Topic
from triage.domain.replies import GREETING, HELP
from triage.message.packs import Pack, packs_of
from triage.message.wording import reply_facts
from triage.offline.preview import moment_when
from triage.outgoing import notices_by_hand
from triage.settings import SettingsError
from triage.settings.servers import read_secret
from triage.settings.web import WebTable
from triage.web.app import create_app
from triage.web.door import Door
from triage.web.flag_card import Rules
from triage.web.lines import Clauses
from triage.web.local_door import local_door
from triage.web.news import Streams
from triage.web.oidc_door import oidc_door
from triage.web.packs_page import Packs
from triage.web.site import LOOPBACK, Site

GRACE_SECONDS = 10  # for an answer under way; the worker takes the time that it needs


def serve(service: Service) -> None:
    """Watch the mailboxes and serve the site until SIGTERM or Ctrl-C; what is under way is finished first.

    Raises OSError when the site's port is taken or its certificate cannot be used, SettingsError.
    """
    door = door_of(service.settings.web)
    with listen(service) as sock, stopped_by_sigterm():
        worker = service.worker()
        worker.start()
        try:
            serve_page(service, sock, door)
        finally:
            worker.stop()


def show_page(service: Service, door: Door) -> None:
    """Serve the review site alone, with a way to sign in, until told to stop. Raises OSError as ``serve``."""
    with listen(service) as sock, stopped_by_sigterm():
        serve_page(service, sock, door)


def door_of(web: WebTable) -> Door:
    """Return the way to sign in that the settings name. Raises SettingsError."""
    if web.sign_in == "local":
        return local_door()
    if not web.oidc.is_on:
        raise SettingsError('settings: web.sign_in: "oidc" needs the provider; set web.oidc.issuer')
    return oidc_door(web.oidc.provider(read_secret), web.oidc.by_group())


def clauses_of(service: Service) -> Clauses:
    """Return what gives the sentence of the guidance that a topic's flag serves, by the policy in force."""
    return lambda topic: service.context.policy().rules[topic].clause if isinstance(topic, Topic) else ""


def rules_of(service: Service) -> Rules:
    """Return what gives the rule of a topic, by the policy in force."""
    return lambda topic: service.context.policy().rules[topic]


def packs_in(service: Service) -> Packs:
    """Return what gives the packs with their words, filled in as on a day when the school is closed."""
    ctx = service.context

    def packs() -> Sequence[Pack]:
        now, calendar = ctx.clock(), ctx.school.calendar
        closed = opening(moment_when(now, calendar, is_open=False) or now, calendar)
        owner = ctx.mailboxes[0].delivery.owner_name if ctx.mailboxes else ctx.school.name
        facts = reply_facts(ctx.school, owner, opening=closed, particulars=ctx.answering.particulars)
        return packs_of(ctx.wording, facts)

    return packs


def app_of(service: Service, door: Door, streams: Streams | None = None) -> Starlette:
    """Return the review site of a service, with a way to sign in."""
    return create_app(
        service.database,
        service.school,
        service.context.clock,
        replace(
            site_of(service.settings.web),
            replies_an_hour=service.settings.replies.caps.school_per_hour,
            ready=ready_of(service),
        ),
        door,
        clauses=clauses_of(service),
        rules=rules_of(service),
        notices=notices_by_hand,
        packs=packs_in(service),
        streams=streams,
    )


def ready_of(service: Service) -> Ready:
    """Return what the settings say that bears on going live."""
    replies, on_call = service.settings.replies, service.settings.safeguarding.on_call
    return Ready(
        live=replies.mode == "live",
        on_call=on_call,
        on_call_is_shown=is_shown_cases(service.context.school.people, on_call),
        help_lines_reviewed=replies.help_lines.reviewed,
        parts=tuple(sorted(service.context.wording.parts - {GREETING, HELP})),
    )


def site_of(web: WebTable) -> Site:
    """Return what the settings say about the site itself."""
    host = f"[{web.host}]" if ":" in web.host else web.host
    return Site(
        address=web.address,
        hosts=tuple(dict.fromkeys((*LOOPBACK, host, *filter(None, (web.name,))))),
        limits=web.limits,
        second_factor=timedelta(minutes=web.second_factor_minutes),
    )


def listen(service: Service) -> socket.socket:
    """Return a listening socket for the site. Raises OSError naming host and port, or the certificate."""
    web = service.settings.web
    if web.certificate is not None and web.certificate_key is not None:
        try_certificate(web.certificate, web.certificate_key)
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    try:
        return socket.create_server((web.host, web.port), family=family)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]  # Python adds the address, which is said already
        raise OSError(
            f"the review page cannot listen on {web.host}, port {web.port}: {why};"
            " stop what uses it, or set another [web] port"
        ) from error


def serve_page(service: Service, sock: socket.socket, door: Door) -> None:
    """Serve the review site on a socket until the process is told to stop."""
    web = service.settings.web
    host = f"[{web.host}]" if ":" in web.host else web.host
    click.echo(f"review page: {web.address or f'http://{host}:{sock.getsockname()[1]}'}/   (Ctrl-C stops)")
    streams = Streams()
    config = uvicorn.Config(
        app_of(service, door, streams),
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=web.certificate,
        ssl_keyfile=web.certificate_key,
        # Said in full: uvicorn would believe whoever calls from this machine, and a variable of its own.
        proxy_headers=bool(web.proxies),
        forwarded_allow_ips=list(web.proxies),
    )
    try:
        SiteServer(config, streams).run(sockets=[sock])
    except KeyboardInterrupt:
        click.echo("stopped")


class SiteServer(uvicorn.Server):
    """A server that ends the streams of open pages first: it would wait for them as for any answer."""

    def __init__(self, config: uvicorn.Config, streams: Streams) -> None:
        super().__init__(config)
        self._streams = streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop, once what is under way is answered."""
        self._streams.end()
        await super().shutdown(sockets)


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
