"""``triage check``: does everything that the service needs hold? One line a check, nothing is changed.

A check that cannot be made because an earlier one failed says so.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

from triage.check.alerts import check_alerts
from triage.check.line import Line, skipped
from triage.check.record import check_record
from triage.check.school import (
    check_gateway,
    check_help_lines,
    check_on_call,
    check_people,
    check_policy,
    check_settings,
    check_telephone,
    check_templates,
    check_terms,
)
from triage.check.servers import check_mailbox
from triage.check.submission import check_smtp
from triage.check.tokens import tokens_for
from triage.check.trial import try_mailbox
from triage.check.web import check_digest, check_site
from triage.settings import Settings, SettingsError, load_settings

__all__ = ["Line", "checks", "trial"]

_AFTER_SETTINGS = (
    "gateway",
    "templates",
    "policy",
    "people",
    "on-call",
    "telephone",
    "help-lines",
    "terms",
    "site",
    "digest",
    "alerts",
    "key-file",
    "database",
    "roster",
    "packs",
    "sign-in",
    "clock",
    "imap",
    "smtp",
)


def checks(path: Path | None, environ: Mapping[str, str], now: datetime) -> Iterator[Line]:
    """Make every check in turn, each line as soon as it is known. Never raises for what a check finds.

    ``path`` and ``environ`` as for load_settings; ``now`` is aware.
    """
    clock = _ticking(now)
    try:
        settings = load_settings(path, environ)
    except SettingsError as error:
        yield Line("fail", "settings", str(error))
        yield from (skipped(name, "settings") for name in _AFTER_SETTINGS)
        return
    yield from _check_school(settings, now)
    yield from check_record(settings, clock)
    yield from _check_mail(settings, clock)


def trial(
    path: Path | None,
    environ: Mapping[str, str],
    now: datetime,
    address: str,
    wait: Callable[[float], None] = sleep,
) -> Iterator[Line]:
    """Try one mailbox from end to end by a message that it sends itself, a line a step. Never raises.

    ``path``, ``environ`` and ``now`` as for ``checks``; ``wait`` lets so many seconds go by.
    """
    try:
        settings = load_settings(path, environ)
    except SettingsError as error:
        yield Line("fail", "settings", str(error))
        return
    clock = _ticking(now)
    with tokens_for(settings, clock) as give:
        yield from try_mailbox(settings, address, clock, wait, give)


def _ticking(now: datetime) -> Callable[[], datetime]:
    """Let a moment go on from here: a slow check must not look like a clock that is wrong."""
    started = monotonic()
    return lambda: now + timedelta(seconds=monotonic() - started)


def _check_school(settings: Settings, now: datetime) -> Iterator[Line]:
    today = now.astimezone(settings.school.timezone).date()
    yield check_settings(settings)
    yield check_gateway(settings)
    line, wording = check_templates(settings)
    yield line
    yield check_policy(settings, wording) if wording else skipped("policy", "templates")
    yield check_people(settings)
    yield check_on_call(settings)
    yield check_telephone(settings)
    yield check_help_lines(settings, today)
    yield check_terms(settings, today)
    yield check_site(settings, now)
    yield check_digest(settings)
    yield from check_alerts(settings)


def _check_mail(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Line]:
    if not settings.mailboxes:
        yield Line("fail", "imap", "there is no mailbox to read: add [[mailboxes]]")
    with tokens_for(settings, clock) as give:
        for mailbox in settings.mailboxes:
            yield from check_mailbox(settings, mailbox, clock, give)
        yield from check_smtp(settings, give)
