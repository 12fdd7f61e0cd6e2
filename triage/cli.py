"""The commands. Each is a few lines: settings in, the work done elsewhere, rows or one clear line out."""

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import click
from rich.console import Console

from triage import views
from triage.bootstrap import Service, build
from triage.check import checks, trial
from triage.cli_alert import alert
from triage.cli_audit import audit_group
from triage.cli_evaluate import evaluate, model
from triage.cli_explain import explain
from triage.cli_login import login
from triage.cli_offline import COMMANDS
from triage.cli_options import LARGEST_ID, as_option, clock, style_option
from triage.cli_pack import pack
from triage.cli_policy import policy
from triage.cli_preview import preview
from triage.cli_rehearse import rehearse
from triage.cli_user import user
from triage.console import Output, Section, printable
from triage.init import init
from triage.record import Record, opened
from triage.roster_source import read_roster
from triage.serve import serve, show_page
from triage.settings import Settings, load_settings
from triage.store.db import Database, current_revision, head_revision, open_database, upgrade
from triage.store.keys import Keyring
from triage.store.words import index_older
from triage.trouble import Commands

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}
BY_HAND = "stopped by hand"


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--settings",
    "path",
    type=click.Path(path_type=Path),
    help="The school's settings file; otherwise TRIAGE_SETTINGS says which, or it is ./settings.toml.",
)
@click.version_option(package_name="school-triage")
@click.pass_context
def main(ctx: click.Context, path: Path | None) -> None:
    """Read a school's inboxes by its own guidance: answer what can be guided, flag what needs a person.

    Exit codes: 0 done; 1 something failed, and one line on standard error says what; 2 the settings or the
    words of the command cannot be used.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    ctx.obj = path


@main.command("init")
@click.argument("folder", type=click.Path(path_type=Path))
def init_command(folder: Path) -> None:
    """Make a school's folder.

    It holds settings, policy, wording, a key file and an empty database. FOLDER must be new or empty.
    """
    init(folder)
    click.echo(
        f"{folder} is ready. Next: edit {folder / 'settings.toml'}, then run triage check in that folder."
    )


@main.command()
@click.option(
    "--mailbox",
    "address",
    help="Try this mailbox instead: it sends itself a message, waits for it, and takes it away again.",
)
@click.pass_obj
def check(path: Path | None, address: str | None) -> None:
    """Verify everything that the service needs, a line each.

    That is settings, policy, wording, database, roster, people, mail servers and clock. Nothing is sent and
    nothing is changed, but for the one message of --mailbox. Exits with 1 if any line says "fail".
    """
    failed = False
    given = path, os.environ, clock()
    for line in trial(*given, address) if address else checks(*given):
        click.echo(
            f"{click.style(f'{line.ok:4}', fg=COLOURS[line.ok])}  {line.name}: {printable(line.words)}"
        )
        failed = failed or line.ok == "fail"
    sys.exit(1 if failed else 0)


@main.command("upgrade")
@click.pass_obj
def upgrade_command(path: Path | None) -> None:
    """Bring the database to what this version needs.

    Stop the service and make a backup first. Flagged messages from before there was a search by words can be
    found by theirs afterwards.
    """
    settings = load_settings(path, os.environ)
    keyring = Keyring.load(settings.database.key_file)
    database = open_database(settings.database.url.get_secret_value(), keyring)
    try:
        before = current_revision(database)
        upgrade(database)
        _index_older(database)
    finally:
        database.close()
    now = head_revision()
    click.echo(f"the database {'was already' if before == now else 'is now'} at revision {now}")


def _index_older(database: Database) -> None:
    """Index the words of all flagged messages in short transactions; broken off, the next upgrade does it."""
    last: int | None = 0
    while last is not None:
        with database.write() as conn:
            last = index_older(conn, last)


@main.command()
@click.pass_obj
def run(path: Path | None) -> None:
    """Watch the inboxes and serve the review page, until stopped.

    Ctrl-C and SIGTERM let what is under way finish.
    """
    logging.getLogger("triage").setLevel(logging.INFO)
    with _service(path) as service:
        serve(service)


@main.command()
@style_option
@click.pass_obj
def poll(path: Path | None, style: str) -> None:
    """Read every mailbox once and do what is due.

    That is: replies, calls, reminders, the morning's mails.
    Safe beside a running service: a mailbox that is being read already is "busy", and that is no failure.
    Without a service nobody is called before the next poll. Exits with 1 if a mailbox could not be read.
    """
    with _service(path) as service:
        places = [(mailbox.address, mailbox.folder) for mailbox in service.mailboxes]
        polls = [service.round(mailbox) for mailbox in service.mailboxes]
        service.keep_up()
        service.sweep()
        _show(service.settings, style, *views.poll_sections(list(zip(places, polls, strict=True))))
    if not polls:
        raise click.ClickException("there is no mailbox to read: add [[mailboxes]] to the settings")
    failed = [poll.mailbox for poll in polls if poll.error]
    if failed:
        raise click.ClickException(
            f"{len(failed)} of {len(polls)} mailboxes could not be read: {', '.join(failed)}"
        )


@main.command()
@as_option
@click.option(
    "--state",
    type=click.Choice(["open", "resolved"]),
    default="open",
    show_default=True,
    help="With --as: what waits, or what was dealt with.",
)
@style_option
@click.pass_obj
def flags(path: Path | None, address: str | None, state: str, style: str) -> None:
    """List the flags that one person may see, or count them all.

    With --as the most pressing come first. Without it there are only numbers.
    """
    with _record(path) as record:
        section = record.flags(address, state)
        output = _show(record.settings, style, section)
    if address and section.rows:
        output.hint(f"triage show CASE --as {address} shows one of them")


@main.command()
@click.argument("case", type=click.IntRange(1, LARGEST_ID))
@as_option
@click.option("--rules", is_flag=True, help="Show every rule that was asked, not only what forbade a reply.")
@style_option
@click.pass_obj
def show(path: Path | None, case: int, address: str | None, style: str, *, rules: bool) -> None:
    """Show one case: message, flags, and what was done.

    With --as as much as that person may see. Without it there are only ids and states.
    """
    with _record(path) as record:
        _show(record.settings, style, *record.case(case, address, every_rule=rules))


@main.command()
@style_option
@click.pass_obj
def status(path: Path | None, style: str) -> None:
    """Show how mailboxes, replies and flags stand.

    There are only ids, states and numbers.
    """
    with _record(path) as record:
        _show(record.settings, style, *record.status())


@main.group()
def replies() -> None:
    """Stop every reply, or let them go out again. Mail is read and flagged all the same."""


@replies.command()
@click.option("--reason", default=BY_HAND, show_default=True, help="Kept with it; name no person.")
@click.pass_obj
def stop(path: Path | None, reason: str) -> None:
    """Withhold every reply from now on. Mail is read and flagged, and people are told, all the same."""
    with _record(path) as record:
        held = record.stop_replies(printable(reason) or BY_HAND)
        if held is not None:
            since = held.at.astimezone(record.settings.school.timezone)
            click.echo(f"replies are stopped since {since:%H:%M on} {since.day} {since:%B %Y}")
            click.echo(f"by {printable(held.by)}: {printable(held.reason)}")
    click.echo("triage replies start lets them go out again")


@replies.command()
@click.pass_obj
def start(path: Path | None) -> None:
    """Let replies go out again. What was withheld meanwhile is not sent."""
    with _record(path) as record:
        changed = record.start_replies()
        click.echo("replies are no longer stopped" if changed else "replies were not stopped")
        if record.settings.replies.mode != "live":
            click.echo('none goes out all the same: [replies] mode is "rehearse"')


@replies.command("write-again")
@click.argument("address")
@click.pass_obj
def write_again(path: Path | None, address: str) -> None:
    """Let replies go to ADDRESS again, after one of them came back because there was no such mailbox."""
    with _record(path) as record:
        changed = record.write_again(address)
    click.echo("it is written to again" if changed else "nothing was withheld from it for that reason")


@main.command()
@click.pass_obj
def resync(path: Path | None) -> None:
    """Meet every mailbox anew after a restore.

    For a database that was restored from a backup. The next poll decides and flags what came since two days
    before the last one, and answers none of it: it may have been answered before the restore. Run it before
    the service is started again.
    """
    with _record(path) as record:
        number = record.resync()
    click.echo(f"{number} folders are met anew at the next poll; what lies there is not answered")


@main.group("roster")
def roster_group() -> None:
    """Load pupils and guardians, or count them."""


@roster_group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Take it although more than a fifth of the pupils would go.")
@click.pass_obj
def import_roster(path: Path | None, file: Path, *, force: bool) -> None:
    """Replace the roster by a CSV file, or by a OneRoster export as a folder or a zip file.

    A bad row is named by file and line, and then nothing changes.
    """
    found = read_roster(file)
    with _record(path) as record:
        changed = record.replace_roster(found, file.name, force=force)
    as_before = "" if changed else ", the same as before"
    click.echo(
        f"{len(found.pupils)} pupils and {len(found.guardians)} guardians are on the roster{as_before}"
    )


@roster_group.command("show")
@style_option
@click.pass_obj
def show_roster(path: Path | None, style: str) -> None:
    """Count the pupils of each year, and say when the roster was imported.

    No names are shown.
    """
    with _record(path) as record:
        _show(record.settings, style, *record.roster())


@main.command()
@click.option("--once", is_flag=True, help="Stop after the tables.")
def demo(*, once: bool) -> None:
    """Show the service at work in a made-up school.

    It has mail servers of its own: nothing is sent to anybody, and nothing is kept. After the tables comes
    the review page; without a terminal it stops before that.
    """
    try:
        from triage.demo.run import run_demo  # noqa: PLC0415 - its servers are an extra, not installed in service
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"the demo needs its extra: pip install 'school-triage[demo]' ({error.name})"
        ) from error
    with tempfile.TemporaryDirectory(prefix="triage-demo-") as folder:
        sys.exit(run_demo(Console(), Path(folder), once=once, serve=show_page))


@contextmanager
def _service(path: Path | None) -> Iterator[Service]:
    service = build(load_settings(path, os.environ), clock)
    try:
        yield service
    finally:
        service.close()


def _record(path: Path | None) -> AbstractContextManager[Record]:
    return opened(load_settings(path, os.environ), clock)


def _show(settings: Settings, style: str, *sections: Section) -> Output:
    output = Output(style, settings.school.timezone, clock())
    output.show(*sections)
    return output


for _command in (
    *COMMANDS,
    policy,
    explain,
    preview,
    rehearse,
    evaluate,
    model,
    user,
    audit_group,
    alert,
    pack,
    login,
):
    main.add_command(_command)
