"""``triage user``: who may sign in to the review site with a password of its own, and who is signed in."""

import os
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import click
from sqlalchemy import Connection

from triage.cli_options import clock, style_option
from triage.console import Output, Section
from triage.domain.passwords import fault_of
from triage.domain.visibility import viewer
from triage.from_settings import school_of
from triage.record import Record, account, opened
from triage.settings import Settings, load_settings
from triage.store import accounts, audit, passwords, sessions
from triage.store.accounts import Account

LONGEST_LINE = 1_000


@click.group("user")
def user() -> None:
    """Let people sign in to the review site, or shut them out."""


@user.command()
@click.argument("address")
@click.pass_obj
def add(path: Path | None, address: str) -> None:
    """Let somebody sign in with a password.

    ADDRESS is that of a person of the settings, or of staff. The password is asked for, or read from standard
    input; tell it to them by another way than email. On their account's page they change it, and set up their
    code.
    """
    with _record(path) as record:
        who = _known(record.settings, address)
        _refuse_second(record, who)
        kept = passwords.hashed(_new_password(who))
        with record.database.write() as conn:
            number = accounts.add_account(conn, who, kept, record.clock()) or _first_password(conn, who, kept)
            _note(conn, record, "account added", f"account {number}")
    click.echo(f"{who} can sign in")


@user.command()
@click.argument("address")
@click.pass_obj
def disable(path: Path | None, address: str) -> None:
    """Shut somebody out, at once and however they sign in.

    Their sessions end. What they did stays on record.
    """
    with _record(path) as record, record.database.write() as conn:
        who = _listed(conn, record.settings, address)
        number = accounts.disable_account(conn, who, record.clock())
        if number is None:
            raise click.ClickException(f"{who} is shut out already")
        sessions.end_sessions(conn, who)
        _note(conn, record, "account disabled", f"account {number}")
    click.echo(f"{who} is shut out")


@user.command()
@click.argument("address")
@click.pass_obj
def enable(path: Path | None, address: str) -> None:
    """Let somebody in again who was shut out, with the password and the code that they had."""
    with _record(path) as record, record.database.write() as conn:
        who = _listed(conn, record.settings, address)
        number = accounts.enable_account(conn, who)
        if number is None:
            raise click.ClickException(f"{who} is not shut out")
        _note(conn, record, "account enabled", f"account {number}")
    click.echo(f"{who} can sign in again")


@user.command()
@click.argument("address")
@click.option("--forget-code", is_flag=True, help="Also forget their code, as after a lost telephone.")
@click.pass_obj
def password(path: Path | None, address: str, *, forget_code: bool) -> None:
    """Give somebody a new password.

    It is asked for, or read from standard input. Their sessions end. With --forget-code they set up their
    code anew.
    """
    with _record(path) as record:
        with record.database.read() as conn:
            found = _account(conn, address)
        kept = passwords.hashed(_new_password(found.address))
        with record.database.write() as conn:
            if not accounts.set_password(conn, found.id, kept, instead_of=found.password):
                raise click.ClickException("the password was changed meanwhile; nothing was changed here")
            _note(conn, record, "password changed", f"account {found.id}")
            if forget_code:
                accounts.forget_totp(conn, found.id)
                _note(conn, record, "second factor forgotten", f"account {found.id}")
            sessions.end_sessions(conn, found.address)
    click.echo(f"{found.address} has a new password{', and sets up a new code' if forget_code else ''}")


@user.command("sessions")
@click.argument("address", required=False)
@click.option("--end", is_flag=True, help="End them: whoever it is has to sign in again.")
@style_option
@click.pass_obj
def sessions_command(path: Path | None, address: str | None, style: str, *, end: bool) -> None:
    """List who is signed in, or end it.

    With ADDRESS of this person alone.
    """
    with _record(path) as record:
        if end:
            _end(record, address)
            return
        with record.database.read() as conn:
            now = record.clock()
            found = sessions.list_sessions(conn, now, record.settings.web.limits, address)
        rows = [
            {
                "session": one.id,
                "address": one.address,
                "created": one.created_at,
                "seen": one.seen_at,
                "code": one.second_factor_at,
            }
            for one in found
        ]
        output = Output(style, record.settings.school.timezone, now)
        output.show(Section("session", "Signed in", rows, "nobody is signed in"))


def _end(record: Record, address: str | None) -> None:
    with record.database.write() as conn:
        ended = sessions.end_sessions(conn, address)
        if ended:
            _note(conn, record, "sessions ended", f"{ended} sessions")
    click.echo(f"{ended} {'session' if ended == 1 else 'sessions'} ended")


def _record(path: Path | None) -> AbstractContextManager[Record]:
    return opened(load_settings(path, os.environ), clock)


def _note(conn: Connection, record: Record, action: str, object_: str) -> None:
    """Write into the audit what was done, and by which account of this machine."""
    actor = f"command line, {account()}"
    audit.append(conn, record.database.keyring, record.clock(), actor, action, object_=object_)


def _known(settings: Settings, address: str) -> str:
    """Return an address that may have an account: whoever has no role would see nothing."""
    who = viewer(school_of(settings), address)
    if not who.roles:
        raise click.ClickException(
            f"{who.address} is neither a person of the settings nor of staff: add [[people]] first"
        )
    return who.address


def _listed(conn: Connection, settings: Settings, address: str) -> str:
    """Return an address that has an account, or may have one: also of somebody who has left the settings."""
    found = accounts.find_account(conn, address)
    return _known(settings, address) if found is None else found.address


def _account(conn: Connection, address: str) -> Account:
    found = accounts.find_account(conn, address)
    if found is None:
        raise click.ClickException(f"{address} has no account: triage user add makes one")
    return found


def _refuse_second(record: Record, address: str) -> None:
    with record.database.read() as conn:
        found = accounts.find_account(conn, address)
    if found is not None and (found.password is not None or found.disabled_at is not None):
        raise click.ClickException(
            f"{address} has an account already: triage user password, or triage user enable"
        )


def _first_password(conn: Connection, address: str, kept: str) -> int:
    """Give its first password to an account that has none, as of somebody who signed in elsewhere before."""
    found = _account(conn, address)
    accounts.set_password(conn, found.id, kept, instead_of=None)
    return found.id


def _new_password(address: str) -> str:
    """Ask for a new password twice, or read it from standard input."""
    if sys.stdin.isatty():
        given: str = click.prompt("New password", hide_input=True, confirmation_prompt=True)
    else:
        given = sys.stdin.readline(LONGEST_LINE).rstrip("\r\n")
    fault = fault_of(given, address)
    if fault is not None:
        raise click.ClickException(fault)
    return given
