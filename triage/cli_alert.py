"""``triage alert``: the second channel, tried from end to end."""

import os
from pathlib import Path

import click

from triage.cli_options import settings_option
from triage.console import printable
from triage.message.wording import Wording
from triage.outgoing import NOTICE_SUBJECT
from triage.second_channel import CHANNELS, channel_of
from triage.settings import Settings, load_settings

TEST = "alert-trial"


@click.group("alert")
def alert() -> None:
    """Try the second channel, which tells people of trouble."""


@alert.command("test")
@settings_option
@click.pass_obj
def send_test(path: Path | None, own: Path | None) -> None:
    """Send a test alert to every address of the second channel, and say which took it.

    The alert says that it is a test. Exits with 1 if one did not take it, or if there is none.
    """
    settings = load_settings(own or path, os.environ)
    channel = channel_of(settings.alerts)
    names = [name for end in CHANNELS for name in channel.names(end)]
    if not names:
        raise click.ClickException("there is no second channel: set alerts.urls or alerts.urls_file")
    text = _text(settings)
    failed = 0
    for name in names:
        answer = channel.send(name, NOTICE_SUBJECT, text)
        failed += answer.kind != "sent"
        click.echo(f"{name}: {'taken' if answer.kind == 'sent' else printable(answer.text)}")
    if failed:
        raise click.ClickException(f"{failed} of {len(names)} did not take the test alert")


def _text(settings: Settings) -> str:
    """Return the words of the test. Raises WordingError."""
    facts = {"school": settings.school.name, "case": "", "where": settings.web.where}
    return Wording(settings.templates_folder).notice(TEST, facts)
