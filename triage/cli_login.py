"""``triage login``: somebody logs in for one mailbox, once."""

import os
from pathlib import Path

import click

from triage.cli_options import clock, settings_option
from triage.console import printable
from triage.logins import account_of
from triage.mail.oauth import Grant, Microsoft, begin_login, finish_login
from triage.mail.token_error import TokenError
from triage.record import opened
from triage.settings import Settings, load_settings
from triage.settings.servers import MailboxTable, read_secret
from triage.tokens import TokenKeeper


@click.command()
@click.argument("mailbox")
@settings_option
@click.pass_obj
def login(path: Path | None, own: Path | None, mailbox: str) -> None:
    """Log in to MAILBOX, by a code to type in at Microsoft.

    For a mailbox with auth = "login". Any browser will do, also on another machine. What the
    service needs to stay signed in is kept in the database, encrypted. Log in as the mailbox
    itself, or as somebody who may open it.
    """
    settings = load_settings(own or path, os.environ)
    table = _named(settings, mailbox)
    grant = _grant(settings, table)
    app = grant.provider
    assert isinstance(app, Microsoft)  # noqa: S101 - for the type checker: Google has no such login
    with opened(settings, clock) as record:
        try:
            begun = begin_login(app)
            click.echo(f"Open {printable(begun.url)} and type the code {printable(begun.code)}")
            click.echo("This waits until you have done so, or the code has run out.")
            token = finish_login(app, begun, clock)
        except TokenError as error:
            raise click.ClickException(printable(error.words)) from None
        who = table.login(settings.imap.auth, settings.oauth, TokenKeeper(record.database, clock).of)
        record.log_in(grant, token, account_of(settings.imap.server(), who))
    click.echo(f"{grant.mailbox} is logged in to; triage check tries it")


def _named(settings: Settings, address: str) -> MailboxTable:
    for mailbox in settings.mailboxes:
        if mailbox.address.lower() == address.strip().lower():
            return mailbox
    raise click.ClickException(f"the settings name no mailbox {printable(address)}")


def _grant(settings: Settings, mailbox: MailboxTable) -> Grant:
    """Return on what the mailbox's tokens are given. Raises SettingsError."""
    if (mailbox.auth or settings.imap.auth) != "login":
        raise click.ClickException(f'{mailbox.address} needs no login: its auth is not "login"')
    return settings.oauth.grant("login", mailbox.username or mailbox.address, read_secret)
