"""``triage rehearse``: how many messages would be answered and flagged, of files or of a whole mailbox."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import click

from triage.bootstrap import desk_of, inbox_of
from triage.cli_options import clock, paths_argument, roster_option, settings_option
from triage.console import printable
from triage.judge import Judgement
from triage.moments import MomentError, read_moment
from triage.offline.desk import Desk, NoMessageError
from triage.offline.files import read_messages
from triage.offline.inbox import Inbox, arrived
from triage.settings import Settings, load_settings

USUAL_DAYS = timedelta(days=14)
SINCE = "--since"


@click.command()
@settings_option
@roster_option
@click.option(
    SINCE,
    metavar="DATE",
    help='Of a mailbox: mail from then on, as "2026-10-01" in the school\'s zone; left out: two weeks.',
)
@paths_argument
@click.pass_obj
def rehearse(
    path: Path | None, own: Path | None, roster: Path | None, since: str | None, paths: tuple[str, ...]
) -> None:
    """Count what would be answered and flagged.

    PATH is as for triage classify, or the address of a mailbox of the settings: that is read over IMAP, and
    left as it is. Nothing is sent or kept.
    """
    settings = load_settings(own or path, os.environ)
    mailboxes = [word for word in paths if _is_mailbox(word)]
    if mailboxes and len(mailboxes) < len(paths):
        raise click.UsageError("files and mailboxes are not counted together: name the one or the other")
    desk = desk_of(settings, roster)
    if mailboxes:
        judged = _all_arrived(desk, _inboxes(settings, mailboxes), _since(since, settings))
    else:
        _refuse_since(since)
        judged = _all_in_files(desk, paths)
    _show(judged)


def _is_mailbox(word: str) -> bool:
    return "@" in word and not Path(word).exists()


def _inboxes(settings: Settings, addresses: Iterable[str]) -> list[Inbox]:
    try:
        return [inbox_of(settings, address) for address in addresses]
    except LookupError as error:
        raise click.BadParameter(str(error.args[0]), param_hint="PATHS") from error


def _since(given: str | None, settings: Settings) -> datetime:
    now = clock()
    if given is None:
        return now - USUAL_DAYS
    try:
        since = read_moment(given, settings.school.timezone)
    except MomentError as error:
        raise click.BadParameter(str(error), param_hint=SINCE) from error
    if since > now:
        raise click.BadParameter(f"{since:%Y-%m-%d %H:%M} is yet to come", param_hint=SINCE)
    return since


def _refuse_since(given: str | None) -> None:
    if given is not None:
        raise click.BadParameter("it is for a mailbox; of files every message is counted", param_hint=SINCE)


def _all_in_files(desk: Desk, paths: tuple[str, ...]) -> Iterator[Judgement]:
    for source in read_messages(paths, desk.cap_bytes):
        try:
            if source.raw is None:
                _tell(source.path, source.error or "")
            else:
                yield desk.judge(source.raw, truncated=source.truncated)
        except NoMessageError as error:
            _tell(source.path, str(error))


def _all_arrived(desk: Desk, inboxes: Iterable[Inbox], since: datetime) -> Iterator[Judgement]:
    zone = desk.school.calendar.zone
    for inbox in inboxes:
        address = inbox.delivery.mailbox
        _tell(
            address, f"what arrived since {since.astimezone(zone):%Y-%m-%d %H:%M} is read, and left as it is"
        )
        for folder, fetched in arrived(inbox, since):
            if fetched.problem is not None:
                _tell(f"{address}, {folder}, message {fetched.uid}", fetched.problem)
                continue
            received = fetched.internaldate or clock()
            yield desk.judge_in(inbox.delivery, fetched.raw, received, truncated=fetched.truncated)


def _tell(where: str, words: str) -> None:
    click.echo(printable(f"{where}: {words}"), err=True)


def _show(judged: Iterable[Judgement]) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for one in judged:
        counts.update(_counted(one))
    for (kind, name), number in sorted(counts.items(), key=lambda item: (item[0][0], -item[1], item[0][1])):
        click.echo(f"{kind}\t{name}\t{number}")


def _counted(judged: Judgement) -> Iterator[tuple[str, str]]:
    decision = judged.decision
    yield "sender", judged.identity.sender.value
    yield from (("topic", topic.value) for topic in decision.topics or ())
    if not decision.topics:
        yield "topic", "routine"
    yield from (("flag", f"{flag.route.value}, {flag.severity.value}") for flag in decision.flags)
    yield "reply", "sent" if decision.reply.send else decision.reply.withheld or "nothing to say"
