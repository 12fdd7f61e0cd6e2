"""The commands that need neither network nor database: classify, diff-policy, hours."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from triage.bootstrap import desk_of
from triage.cli_options import paths_argument, roster_option, settings_option
from triage.console import printable
from triage.domain.hours import explain_hours
from triage.domain.school import Span
from triage.from_settings import school_of
from triage.judge import Judgement
from triage.moments import MomentError, read_moment
from triage.offline.describe import described, outcome_of
from triage.offline.desk import Desk, NoMessageError
from triage.offline.files import Source, read_messages
from triage.settings import Settings, load_settings


@click.command()
@settings_option
@roster_option
@click.option("--with-text", is_flag=True, help="Add the sender's address, the subject and the text.")
@click.option(
    "--format", "style", type=click.Choice(["json"]), default="json", show_default=True, help="There is one."
)
@paths_argument
@click.pass_obj
def classify(
    path: Path | None,
    own: Path | None,
    roster: Path | None,
    paths: tuple[str, ...],
    style: str,
    *,
    with_text: bool,
) -> None:
    """Judge messages from files.

    One JSON object a line; no network and no database is used. PATH is a message, an mbox, a folder of them,
    or - for standard input. What is no message gives an object with "error"; the rest go on, and the exit
    code is 1.
    """
    del style  # there is one; the option keeps scripts right when there will be another
    settings = load_settings(own or path, os.environ)
    desk = desk_of(settings, roster)
    failed = False
    for source in read_messages(paths, desk.cap_bytes):
        shown = _described(desk, source, with_text=with_text)
        failed = failed or "error" in shown
        click.echo(json.dumps(shown, ensure_ascii=False))
    sys.exit(1 if failed else 0)


@click.command("diff-policy")
@settings_option
@roster_option
@click.argument("old", type=click.Path(path_type=Path, exists=True))
@click.argument("new", type=click.Path(path_type=Path, exists=True))
@paths_argument
@click.pass_obj
def diff_policy(
    path: Path | None, own: Path | None, roster: Path | None, *, old: Path, new: Path, paths: tuple[str, ...]
) -> None:
    """Compare two policies over messages.

    Shows those that they would treat differently, a JSON object a line.
    """
    settings = load_settings(own or path, os.environ)
    desks = [desk_of(settings.model_copy(update={"policy": file}), roster) for file in (old, new)]
    for source in read_messages(paths, settings.imap.max_message_bytes):
        try:
            before, after = (outcome_of(_judged(desk, source).decision) for desk in desks)
        except NoMessageError as error:
            click.echo(printable(f"{source.path}: {error}"), err=True)
            continue
        if before != after:
            click.echo(json.dumps({"path": source.path, "old": before, "new": after}))


@click.command()
@settings_option
@click.option(
    "--on", "when", required=True, help='A moment such as "2026-10-23 21:40", in the school\'s zone.'
)
@click.option("--staff", metavar="ADDRESS", help="Also by the own hours of this member of staff.")
@click.pass_obj
def hours(path: Path | None, own: Path | None, when: str, staff: str | None) -> None:
    """Say whether the school is open.

    With the reason, and when it opens next.
    """
    settings = load_settings(own or path, os.environ)
    school = school_of(settings)
    try:
        moment = read_moment(when, settings.school.timezone)
    except MomentError as error:
        raise click.BadParameter(str(error), param_hint="--on") from error
    for line in explain_hours(moment, school.calendar, _own_hours(settings, staff)):
        click.echo(line)


COMMANDS = (classify, diff_policy, hours)


def _described(desk: Desk, source: Source, *, with_text: bool) -> dict[str, object]:
    try:
        judged = _judged(desk, source)
    except NoMessageError as error:
        return {"path": source.path, "error": str(error)}
    return dict(described(source.path, judged, desk.school.calendar.zone, with_text=with_text))


def _judged(desk: Desk, source: Source) -> Judgement:
    """Judge what a file holds. Raises NoMessageError."""
    if source.raw is None:
        raise NoMessageError(source.error)
    return desk.judge(source.raw, truncated=source.truncated)


def _own_hours(settings: Settings, staff: str | None) -> Mapping[int, tuple[Span, ...]] | None:
    if staff is None:
        return None
    for mailbox in settings.mailboxes:
        if mailbox.address.lower() == staff.lower():
            return mailbox.own_week()
    raise click.BadParameter(f"the settings name no mailbox {staff}", param_hint="--staff")
