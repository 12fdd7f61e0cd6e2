"""The second channel as the settings have it: addresses by names that are no secrets, and a way to each."""

from collections.abc import Iterator
from typing import get_args

from triage.context import Alerts, Channel
from triage.mail import alerts
from triage.mail.answer import Answer
from triage.settings.alerts import AlertsTable
from triage.settings.errors import SettingsError

CHANNELS: tuple[Channel, ...] = get_args(Channel)


def channel_of(table: AlertsTable) -> Alerts:
    """Return the second channel. Addresses are read when they are needed: a changed file counts."""
    return Alerts(
        names=lambda channel: _names(table, channel),
        send=lambda name, title, text: _send(table, name, title, text),
        unread=table.unread,
        at_any_hour=table.at_any_hour,
    )


def named(table: AlertsTable, channel: Channel) -> Iterator[tuple[str, str]]:
    """Yield the addresses of an end, each with the name that is shown for it. Raises SettingsError."""
    for number, address in enumerate(table.addresses(channel), 1):
        yield f"{channel} {number}", address


def _names(table: AlertsTable, channel: Channel) -> tuple[str, ...]:
    try:
        return tuple(name for name, _ in named(table, channel))
    except SettingsError:
        return (f"{channel} 1",)  # it is asked for all the same, and tried until the file is back


def _send(table: AlertsTable, name: str, title: str, text: str) -> Answer:
    try:
        known = {found: address for channel in CHANNELS for found, address in named(table, channel)}
    except SettingsError as error:
        return Answer("retry", None, str(error), "message")
    if name not in known:
        return Answer("retry", None, f"the settings name no {name} any more", "message")
    return alerts.send(known[name], title, text)
