"""``triage rehearse``: how many messages would be answered and flagged, of files or of a whole mailbox."""

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import click

from triage.bootstrap import desk_of, inbox_of, roster_on_record
from triage.cli_options import clock, paths_argument, roster_option, settings_option
from triage.cli_progress import Reading, reading
from triage.domain.roster import Roster
from triage.moments import MomentError, read_moment
from triage.offline.desk import Desk
from triage.offline.inbox import Inbox
from triage.offline.rehearsal_report import report
from triage.offline.rehearsed import Rehearsal, of_files, of_inboxes
from triage.roster_source import read_roster
from triage.settings import Settings, load_settings
from triage.store.errors import StoreError
from triage.store.keys import KeyringError

USUAL_DAYS = timedelta(days=14)
SINCE, HTML = "--since", "--html"


@click.command()
@settings_option
@roster_option
@click.option(
    SINCE,
    metavar="DATE",
    help='Of a mailbox: mail from then on, as "2026-10-01" in the school\'s zone; left out: two weeks.',
)
@click.option(
    HTML,
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write a report with plots into this file: one page, without a word of any message.",
)
@paths_argument
@click.pass_obj
def rehearse(
    path: Path | None,
    *,
    own: Path | None,
    roster: Path | None,
    since: str | None,
    html: Path | None,
    paths: tuple[str, ...],
) -> None:
    """Count what would be answered and flagged.

    PATH is as for triage classify, or the address of a mailbox of the settings: that is read over IMAP, and
    left as it is. Nothing is sent or kept. Without --roster it takes the roster of the record.
    """
    settings = load_settings(own or path, os.environ)
    mailboxes = [word for word in paths if _is_mailbox(word)]
    if mailboxes and len(mailboxes) < len(paths):
        raise click.UsageError("files and mailboxes are not counted together: name the one or the other")
    _refuse_nowhere(html)
    inboxes = _inboxes(settings, mailboxes)
    if not mailboxes:
        _refuse_since(since)
    with reading() as told:
        known = _known(settings, told) if roster is None else read_roster(roster)
        desk = desk_of(settings, known)
        done = Rehearsal(desk.school.calendar, known, of_mailboxes=bool(mailboxes))
        if mailboxes:
            _read_inboxes(done, desk, inboxes, _since(since, settings), told)
        else:
            done.add_all(of_files(desk, paths, told))
    for kind, name, number in done.rows():
        click.echo(f"{kind}\t{name}\t{number}")
    if html is not None:
        html.write_text(_page(done, desk, known), encoding="utf-8")


def _is_mailbox(word: str) -> bool:
    return "@" in word and not Path(word).exists()


def _refuse_nowhere(html: Path | None) -> None:
    """Refuse a file that cannot be made before an hour is spent on what would stand in it."""
    if html is not None and not html.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {html.absolute().parent}", param_hint=HTML)


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


def _known(settings: Settings, told: Reading) -> Roster:
    """Return the roster of the record, and tell whether there is one."""
    try:
        found = roster_on_record(settings)
    except (StoreError, KeyringError) as error:
        told.tell("roster", f"none, because the record cannot be read: {error}")
        return Roster()
    words = f"{len(found.pupils)} pupils, from the record" if found else "none is loaded: no pupil is known"
    told.tell("roster", words)
    return found


def _read_inboxes(
    done: Rehearsal, desk: Desk, inboxes: Iterable[Inbox], since: datetime, told: Reading
) -> None:
    now = clock()
    done.span(since, now)
    done.add_all(of_inboxes(desk, inboxes, since, now, told))


def _page(done: Rehearsal, desk: Desk, known: Roster) -> str:
    figures = done.figures()
    places = {number: read.place for number, read in done.least().items() if read.place}
    roster = f"{len(known.pupils):,} pupils were known." if known else "No pupil was known: without a roster."
    return report(figures, desk.school, clock(), roster, places)
