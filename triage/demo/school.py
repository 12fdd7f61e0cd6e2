"""The folder of the demo's school: what ``triage init`` makes, with the demo's own servers written in."""

import json
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path

from triage.demo.servers import HOST, Inboxes, Sink
from triage.init import init
from triage.resources import resource
from triage.settings import load_settings

SETTINGS = "settings.toml"
CAP_BYTES = 500_000

Values = Mapping[tuple[str, str], str | int]


class DemoSettingsError(Exception):
    """The shipped settings lack a line that the demo has to change."""


def new_passwords() -> dict[str, str]:
    """Return a fresh password for each mailbox of the shipped settings."""
    mailboxes = load_settings(resource(SETTINGS), {}).mailboxes
    return {mailbox.address: secrets.token_urlsafe() for mailbox in mailboxes}


def make_school(folder: Path, inboxes: Inboxes, sink: Sink) -> Path:
    """Make the school's folder and return its settings file.

    Raises InitError when the folder is not empty or cannot be written.
    """
    init(folder)
    settings = folder / SETTINGS
    text = with_values(settings.read_text(encoding="utf-8"), _changes(inboxes, sink))
    settings.write_text(text, encoding="utf-8")
    for mailbox in load_settings(settings, {}).mailboxes:
        if mailbox.password_file is not None:
            mailbox.password_file.write_text(inboxes.passwords[mailbox.address], encoding="utf-8")
    return settings


def with_values(text: str, values: Values) -> str:
    """Return a TOML text with the values of some (table, key) replaced, its comments kept.

    Raises DemoSettingsError when one of them is not there.
    """
    lines, table, left = [], "", dict(values)
    for line in text.splitlines():
        table = line.strip("[]") if line.startswith("[") else table
        place = table, line.partition("=")[0].strip()
        lines.append(f"{place[1]} = {json.dumps(left.pop(place))}" if place in left else line)
    if left:
        raise DemoSettingsError(f"the shipped {SETTINGS} has no {' '.join(min(left))}")
    return "\n".join(lines) + "\n"


def _changes(inboxes: Inboxes, sink: Sink) -> Values:
    return {
        ("imap", "host"): inboxes.host,
        ("imap", "port"): inboxes.port,
        ("imap", "security"): "plain",
        ("imap", "max_message_bytes"): CAP_BYTES,
        ("smtp", "host"): sink.host,
        ("smtp", "port"): sink.port,
        ("smtp", "security"): "plain",
        ("smtp", "username"): "",
        ("smtp", "password_file"): "",
        ("replies", "mode"): "live",
        ("web", "port"): _free_port(),
    }


def _free_port() -> int:
    """Find a port for the review page, so that it hinders nothing else that runs here."""
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
    return port
