"""The table [alerts] of settings.toml: the second channel, and when it tells of mail that is not read."""

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr

from triage.context import Channel
from triage.settings.servers import read_secret
from triage.settings.values import File, Table


def _lines(value: object) -> object:
    """Take a list of addresses as the lines of one secret text; an empty one is not set."""
    if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
        value = "\n".join(value)
    return None if value == "" else value


Addresses = Annotated[SecretStr | None, BeforeValidator(_lines)]


class AlertsTable(Table):
    """[alerts]: addresses of apprise, one a line; each wins over the file of its name."""

    urls: Addresses = None
    urls_file: File = None
    on_call_urls: Addresses = None
    on_call_urls_file: File = None
    unread_minutes: Annotated[int, Field(ge=5, le=1440)] = 30
    at_any_hour: bool = False

    @property
    def unread(self) -> timedelta:
        """How long a mailbox may go unread before somebody is told."""
        return timedelta(minutes=self.unread_minutes)

    def addresses(self, channel: Channel) -> tuple[str, ...]:
        """Return the addresses of an end of the channel, read now so that a changed file counts.

        Raises SettingsError when a file cannot be read.
        """
        given, file = {
            "service": (self.urls, self.urls_file),
            "on-call": (self.on_call_urls, self.on_call_urls_file),
        }[channel]
        text = given.get_secret_value() if given else read_secret(file) if file else ""
        lines = (line.strip() for line in text.splitlines())
        return tuple(line for line in lines if line and not line.startswith("#"))
