"""``triage explain``: why a message was, or would be, treated as it is."""

import os
import re
from pathlib import Path

import click

from triage.bootstrap import desk_of
from triage.cli_options import LARGEST_ID, as_option, clock, roster_option, settings_option
from triage.console import printable
from triage.offline.desk import NoMessageError
from triage.offline.explain import explained
from triage.offline.files import message_of
from triage.record import NotShownError, opened
from triage.settings import Settings, load_settings

_CASE = re.compile(r"(?:case[ =])?([0-9]+)", re.IGNORECASE)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@settings_option
@roster_option
@as_option
@click.argument("what", metavar="CASE|FILE")
@click.pass_context
def explain(
    ctx: click.Context, own: Path | None, roster: Path | None, address: str | None, what: str
) -> None:
    """Say what is done about a message, and why.

    In words, with every rule that was asked. FILE holds a message, which is judged now; with --roster pupils
    are told. CASE is the number of a case on record: what was found out at the time, and by which policy.
    Without --as there are only states. A file whose name is a number is ./12.
    """
    settings = load_settings(own or ctx.obj, os.environ)
    number = _CASE.fullmatch(what)
    if number:
        _refuse("--roster", roster, "a case on record was judged with the roster of its time")
        lines = _of_case(settings, int(number[1]), address)
    else:
        _refuse("--as", address, "it is for a case on record; a file is open to whoever has it")
        file: Path = _FILE.convert(what, None, ctx)
        lines = _of_file(settings, roster, file)
    for line in lines:
        click.echo(printable(line))


def _refuse(option: str, given: object, why: str) -> None:
    if given is not None:
        raise click.BadParameter(why, param_hint=option)


def _of_case(settings: Settings, case_id: int, address: str | None) -> list[str]:
    if case_id > LARGEST_ID:
        raise NotShownError(f"there is no case {case_id}")
    with opened(settings, clock) as record:
        return record.explained(case_id, address)


def _of_file(settings: Settings, roster: Path | None, file: Path) -> list[str]:
    desk = desk_of(settings, roster)
    raw, truncated = message_of(file, desk.cap_bytes)
    try:
        judged = desk.judge(raw, truncated=truncated)
        return list(explained(judged))
    except NoMessageError as error:
        raise click.ClickException(f"{file}: {error}") from error
