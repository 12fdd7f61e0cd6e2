"""The labelled messages of several hands, as real bytes, and what the program makes of them.

Each file beside this one holds an object a line: a message as a person describes it, and in "expect" what
the school's guidance makes of it. Whoever wrote them had not seen the program.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from triage.domain.identify import identify
from triage.domain.model import Delivery, Identity, Message
from triage.domain.roster import Roster
from triage.domain.roster_file import read_plain_csv
from triage.domain.school import School
from triage.evaluate.letters import write
from triage.from_settings import school_of
from triage.message.parse import Gateway, parse
from triage.resources import resource
from triage.settings import Settings, load_settings

GATEWAY = "mx.oakfield.example"
FOLDER = Path(__file__).parent
PEOPLE = ("parents", "everybody", "humans")
MACHINES = ("machines-1", "machines-2")


@dataclass(frozen=True)
class Labelled:
    """A message as bytes, when it came and where it lay, and what is expected of it."""

    id: str
    raw: bytes
    received: datetime
    mailbox: str
    expect: Mapping
    note: str = ""

    @property
    def message(self) -> Message:
        """The message as the program reads it."""
        return parse(self.raw, self.received, Gateway(frozenset({GATEWAY})))

    @property
    def identity(self) -> Identity:
        """Who wrote and about whom, as the program tells it with the shipped roster and settings."""
        return identify(self.message, the_roster(), the_school())

    @property
    def delivery(self) -> Delivery:
        """Where the message lay."""
        return _deliveries()[self.mailbox]


def load(name: str) -> list[Labelled]:
    """Return the messages of a file of this folder, by its name without the ending."""
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [_labelled(json.loads(line)) for line in lines if line.strip()]


@cache
def the_settings() -> Settings:
    """The settings that are shipped."""
    return load_settings(resource("settings.toml"), {})


@cache
def the_school() -> School:
    """The school that the shipped settings describe."""
    return school_of(the_settings())


@cache
def the_roster() -> Roster:
    """The roster of the demo."""
    path = FOLDER.parent.parent / "triage" / "demo" / "roster.csv"
    return read_plain_csv(path.read_text(encoding="utf-8"), path.name)


@cache
def _deliveries() -> Mapping[str, Delivery]:
    return {
        one.address: Delivery(one.address, one.name, frozenset(one.private_addresses), frozenset(one.aliases))
        for one in the_settings().mailboxes
    }


def _labelled(row: Mapping) -> Labelled:
    received = datetime.fromisoformat(row["received"])
    mailbox = _mailbox_of(row["to"])
    return Labelled(
        row["id"], write(row, received, GATEWAY), received, mailbox, row["expect"], row.get("note") or ""
    )


def _mailbox_of(address: str) -> str:
    """Return the watched mailbox in which mail to an address lies."""
    lies_in = (
        mailbox
        for mailbox, one in _deliveries().items()
        if address.lower() in {mailbox, *one.aliases, *one.private_addresses}
    )
    return next(lies_in)
