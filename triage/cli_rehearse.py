"""``triage rehearse``: how many messages would be answered and flagged, of files or of a whole mailbox."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click

from triage.bootstrap import build, desk_in, desk_of, inbox_of, may_be_on_record, roster_on_record
from triage.cli_options import clock, paths_argument, roster_option, settings_option
from triage.cli_progress import Reading, reading
from triage.domain.roster import Roster
from triage.moments import MomentError, read_moment
from triage.offline.desk import Desk
from triage.offline.inbox import Inbox
from triage.offline.rehearsal_report import report
from triage.offline.rehearsed import Rehearsal, of_files, of_inboxes
from triage.rehearsal_keeper import Keeper
from triage.roster_source import read_roster
from triage.settings import Settings, load_settings
from triage.store.errors import StoreError
from triage.store.keys import KeyringError

USUAL_DAYS = timedelta(days=14)
SINCE, HTML, KEEP = "--since", "--html", "--keep"
NOT_KEPT = "nothing is kept: a sign of harm in this mail is told to nobody"
NO_RECORD = (
    "there is no record to keep it in, so nothing is kept: a sign of harm in this mail is told to nobody"
)
KEPT = "kept for the page Going live of the review site; what needs the safeguarding lead has been passed on"


@dataclass(frozen=True, slots=True)
class _Rehearsing:
    """What a rehearsal works with; ``keeper`` is None where nothing is kept."""

    desk: Desk
    known: Roster
    keeper: Keeper | None = None


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
@click.option(
    "--keep/--no-keep",
    default=None,
    help="Of a mailbox: keep it for the page Going live, and pass on what the safeguarding lead must know. "
    "That is so unless --roster is given. With --no-keep a sign of harm found in old mail is told to nobody.",
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
    keep: bool | None,
    paths: tuple[str, ...],
) -> None:
    """Count what would be answered and flagged.

    PATH is as for triage classify, or the address of a mailbox of the settings: that is read over IMAP, and
    left as it is. Nothing is answered. What is found in a mailbox is kept, unless --no-keep or --roster is
    given. Without --roster it takes the roster of the record.
    """
    settings = load_settings(own or path, os.environ)
    mailboxes = [word for word in paths if _is_mailbox(word)]
    if mailboxes and len(mailboxes) < len(paths):
        raise click.UsageError("files and mailboxes are not counted together: name the one or the other")
    _refuse_nowhere(html)
    if keep:
        _refuse_to_keep(roster, mailboxes)
    inboxes = _inboxes(settings, mailboxes)
    keeping = _keeps(settings, roster, asked=keep) if mailboxes else False
    if not mailboxes:
        _refuse_since(since)
    begins = _since(since, settings) if mailboxes else None
    with reading() as told, _rehearsing(settings, roster, told, keep=keeping) as with_:
        done = Rehearsal(with_.desk.school.calendar, with_.known, of_mailboxes=begins is not None)
        if begins is None:
            done.add_all(of_files(with_.desk, paths, told))
        else:
            _read_inboxes(done, with_, inboxes, begins, told)
    for kind, name, number in done.rows():
        click.echo(f"{kind}\t{name}\t{number}")
    if keeping:
        click.echo(KEPT, err=True)
    if html is not None:
        html.write_text(_page(done, with_.desk, with_.known), encoding="utf-8")


def _is_mailbox(word: str) -> bool:
    return "@" in word and not Path(word).exists()


def _refuse_nowhere(html: Path | None) -> None:
    """Refuse a file that cannot be made before an hour is spent on what would stand in it."""
    if html is not None and not html.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {html.absolute().parent}", param_hint=HTML)


def _refuse_to_keep(roster: Path | None, mailboxes: list[str]) -> None:
    """Refuse to keep what does not come from the school's own mailboxes and its own roster."""
    if not mailboxes:
        raise click.BadParameter("it is for a mailbox; of files nothing is kept", param_hint=KEEP)
    if roster is not None:
        raise click.BadParameter(
            "it takes the roster of the record: triage roster import loads yours", param_hint=KEEP
        )


def _keeps(settings: Settings, roster: Path | None, *, asked: bool | None) -> bool:
    """Tell whether a rehearsal of mailboxes is kept, and say it plainly where it is not."""
    if asked or (asked is None and roster is None and _has_record(settings)):
        return True
    click.echo(NO_RECORD if asked is None and roster is None else NOT_KEPT, err=True)
    return False


def _has_record(settings: Settings) -> bool:
    try:
        roster_on_record(settings)
    except (StoreError, KeyringError):
        return False
    return may_be_on_record(settings)


def _inboxes(settings: Settings, addresses: Iterable[str]) -> list[Inbox]:
    try:
        return [inbox_of(settings, address, clock) for address in addresses]
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


@contextmanager
def _rehearsing(
    settings: Settings, roster: Path | None, told: Reading, *, keep: bool
) -> Iterator[_Rehearsing]:
    """Lend what a rehearsal works with; what is kept is judged by the service itself."""
    if not keep:
        known = _known(settings, told) if roster is None else read_roster(roster)
        yield _Rehearsing(desk_of(settings, known), known)
        return
    service = build(settings, clock)
    try:
        yield _Rehearsing(desk_in(service), service.context.roster(), Keeper(service.context))
    finally:
        service.close()


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
    done: Rehearsal, with_: _Rehearsing, inboxes: list[Inbox], since: datetime, told: Reading
) -> None:
    now, keeper = clock(), with_.keeper
    done.span(since, now)
    every = of_inboxes(with_.desk, inboxes, since, now, told)
    if keeper is None:
        done.add_all(every)
        return
    keeper.prepare(inboxes)
    try:
        done.add_all(keeper.watch(every))
        keeper.keep(done, inboxes, since)
    finally:
        keeper.tell()


def _page(done: Rehearsal, desk: Desk, known: Roster) -> str:
    figures = done.figures()
    places = {number: read.place for number, read in done.least().items() if read.place}
    roster = f"{len(known.pupils):,} pupils were known." if known else "No pupil was known: without a roster."
    return report(figures, desk.school, clock(), roster, places)
