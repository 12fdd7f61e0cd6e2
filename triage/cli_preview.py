"""``triage preview``: the exact bytes of a reply, without a database or a network."""

import os
from datetime import datetime
from pathlib import Path

import click

from triage.bootstrap import desk_of, policy_of, stationery_of
from triage.cli_options import clock, roster_option, settings_option
from triage.domain.model import Delivery
from triage.domain.replies import FRAME
from triage.from_settings import deliveries_of
from triage.message.compose import ComposeError
from triage.moments import MomentError, read_moment
from triage.offline.desk import NoMessageError
from triage.offline.files import message_of
from triage.offline.preview import NoReplyError, Stationery, answer_of, made_up, moment_when, named_parts
from triage.settings import Settings, load_settings


@click.command()
@settings_option
@roster_option
@click.option("--open/--closed", "is_open", default=None, help="PART as said the next time the school is.")
@click.option("--at", "when", metavar="MOMENT", help='PART as said then, such as "2026-10-23 21:40".')
@click.option("--mailbox", metavar="ADDRESS", help="PART as said from this mailbox, not from the first.")
@click.option("--language", metavar="CODE", help="Say it in this language, such as cy.")
@click.argument("what", metavar="PART|FILE")
@click.pass_context
def preview(
    ctx: click.Context,
    what: str,
    *,
    own: Path | None,
    roster: Path | None,
    is_open: bool | None,
    when: str | None,
    mailbox: str | None,
    language: str | None,
) -> None:
    """Write a reply to standard output, to the byte.

    PART is the name of a part, or of several with commas: absence,urgent. What it answers is made up. FILE is
    a message: the reply that it would get, or why it would get none; with --roster pupils are told. A file
    that is called like a part is ./absence. In a mail program: triage preview absence > reply.eml
    """
    settings = load_settings(own or ctx.obj, os.environ)
    paper = stationery_of(settings)
    _refuse_unknown(paper, language)
    names = tuple(name.strip() for name in what.split(","))
    try:
        if paper.wording.parts.isdisjoint(names):
            _refuse(
                "a message says itself when it came and where it lay", at=when, mailbox=mailbox, open=is_open
            )
            raw = _to_file(settings, paper, roster, _file(what, paper), language)
        else:
            _refuse("who wrote is made up", roster=roster)
            at = _moment(paper, when, is_open=is_open)
            parts = named_parts(names, policy_of(settings), paper.wording)
            raw = paper.write(_delivery(settings, mailbox), made_up(at, paper.school), parts, language)
    except (NoReplyError, NoMessageError, ComposeError) as error:
        raise click.ClickException(f"no reply: {error}") from error
    click.echo(raw, nl=False)


def _file(what: str, paper: Stationery) -> Path:
    if Path(what).is_file():
        return Path(what)
    known = ", ".join(sorted(paper.wording.parts - FRAME))
    raise click.BadParameter(f"{what} is no file, and no part; the parts are {known}", param_hint="PART|FILE")


def _to_file(
    settings: Settings, paper: Stationery, roster: Path | None, file: Path, language: str | None
) -> bytes:
    desk = desk_of(settings, roster)
    raw, truncated = message_of(file, desk.cap_bytes)
    judged = desk.judge(raw, truncated=truncated)
    answered, parts = answer_of(judged)
    return paper.write(desk.delivery_of(raw), answered, parts, language)


def _moment(paper: Stationery, when: str | None, *, is_open: bool | None) -> datetime:
    calendar = paper.school.calendar
    if when is not None:
        _refuse("--at says when it is", open=is_open)
        try:
            return read_moment(when, calendar.zone)
        except MomentError as error:
            raise click.BadParameter(str(error), param_hint="--at") from error
    if is_open is None:
        return clock()
    found = moment_when(clock(), calendar, is_open=is_open)
    if found is None:
        raise click.BadParameter("no such moment is known, because no term is", param_hint="--open")
    return found


def _delivery(settings: Settings, mailbox: str | None) -> Delivery:
    every = deliveries_of(settings)
    if mailbox is None:
        return every[0]
    found = [delivery for delivery in every if delivery.mailbox.lower() == mailbox.lower()]
    if not found:
        raise click.BadParameter(f"the settings name no mailbox {mailbox}", param_hint="--mailbox")
    return found[0]


def _refuse(why: str, **options: object) -> None:
    for name, given in options.items():
        if given is not None:
            raise click.BadParameter(why, param_hint=f"--{name}")


def _refuse_unknown(paper: Stationery, language: str | None) -> None:
    known = (*paper.wording.languages, *paper.wording.packs)
    if language is not None and language not in known:
        raise click.BadParameter(f"there are {', '.join(known)}", param_hint="--language")
