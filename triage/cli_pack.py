"""``triage pack``: the words that replies have in other languages, and which of them are approved."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Connection

from triage.cli_options import clock, style_option
from triage.console import Output, Row, Section
from triage.domain.language import APPROVERS, name_of
from triage.domain.visibility import viewer
from triage.from_settings import school_of
from triage.message.wording import Wording
from triage.record import Record, account, opened
from triage.settings import load_settings
from triage.store import audit, packs

_by = click.option(
    "--by", "by", metavar="ADDRESS", required=True, help="Who says so: the headteacher, or the office."
)


@click.group()
def pack() -> None:
    """Let replies say their words in another language, or stop that."""


@pack.command("list")
@style_option
@click.pass_obj
def list_packs(path: Path | None, style: str) -> None:
    """List the packs, with which of them are on, and since whose approval."""
    with _opened(path) as (record, wording):
        with record.database.read() as conn:
            held = packs.approvals(conn)
        rows = [_row(code, wording.fingerprint(code), held.get(code)) for code in wording.packs]
        output = Output(style, record.settings.school.timezone, record.clock())
        output.show(Section("pack", "Words in other languages", rows, "there are no packs"))


@pack.command()
@click.argument("code")
@_by
@click.pass_obj
def approve(path: Path | None, code: str, by: str) -> None:
    """Let replies say a pack's words as they are now.

    CODE is the language's, such as pl. Somebody who speaks it has read the files in
    templates/replies/CODE before. When one of them is changed the pack is off until it is approved again.
    """
    with _opened(path) as (record, wording):
        who = _approver(record, by)
        _refuse_unknown(wording, code)
        with record.database.write() as conn:
            if not packs.approve(conn, code, wording.fingerprint(code), who, record.clock()):
                raise click.ClickException(f"{name_of(code)} is approved already, with these words")
            _note(conn, record, who, "pack approved", code)
    click.echo(f"{name_of(code)} is on")


@pack.command()
@click.argument("code")
@_by
@click.pass_obj
def withdraw(path: Path | None, code: str, by: str) -> None:
    """Stop a pack at once, also for replies that wait already: they go out in the first language."""
    with _opened(path) as (record, _):
        who = _approver(record, by)
        with record.database.write() as conn:
            if not packs.withdraw(conn, code, who, record.clock()):
                raise click.ClickException(f"{name_of(code)} is not approved")
            _note(conn, record, who, "pack withdrawn", code)
    click.echo(f"{name_of(code)} is off")


@contextmanager
def _opened(path: Path | None) -> Iterator[tuple[Record, Wording]]:
    settings = load_settings(path, os.environ)
    wording = Wording(settings.templates_folder)
    with opened(settings, clock) as record:
        yield record, wording


def _row(code: str, fingerprint: str, held: packs.Approval | None) -> Row:
    return {
        "code": code,
        "language": name_of(code),
        "state": packs.state_of(held, fingerprint).value,
        "by": held.by if held else None,
        "at": held.at if held else None,
    }


def _approver(record: Record, address: str) -> str:
    """Return the address of somebody who may decide it."""
    who = viewer(school_of(record.settings), address)
    if not who.roles & APPROVERS:
        raise click.BadParameter(f"{address} is neither the headteacher nor the office", param_hint="--by")
    return who.address


def _refuse_unknown(wording: Wording, code: str) -> None:
    if code not in wording.packs:
        raise click.BadParameter(f"there is no pack {code}: there are {', '.join(wording.packs) or 'none'}")


def _note(conn: Connection, record: Record, who: str, action: str, code: str) -> None:
    actor = f"{account()} as {who}"
    audit.append(conn, record.database.keyring, record.clock(), actor, action, object_=f"pack {code}")
