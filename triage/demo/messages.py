"""The demo's mail as data: acts (instants at which the service looks) and the messages of each."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from triage.domain.model import SenderKind, Topic, Verdict


@dataclass(frozen=True, slots=True)
class Act:
    """One look of the service: the instant ``now`` and what this act is there to show."""

    id: str
    now: datetime
    words: str


@dataclass(frozen=True, slots=True)
class DemoMessage:
    """One made-up message. ``sender`` and ``topics`` are what a careful reader would say of it.

    ``mailboxes`` are the inboxes it is put into, ``to`` is its To header; ``return_path`` is "" for the
    null sender; ``answers`` names the message whose automatic reply this one answers; ``hostile`` the
    maker in hostile.py that writes its bytes.
    """

    id: str
    act: str
    received: datetime
    mailboxes: tuple[str, ...]
    author: str
    to: str
    subject: str
    sender: SenderKind
    topics: frozenset[Topic]
    return_path: str
    dmarc: Verdict
    headers: Mapping[str, str]
    text: str = ""
    html: str = ""
    answers: str | None = None
    hostile: str | None = None
    about: str = ""

    @property
    def address(self) -> str:
        """The author's address."""
        return parseaddr(self.author)[1]

    @property
    def message_id(self) -> str:
        """The Message-ID, one for each message whatever number of inboxes it is put into."""
        return f"<{self.id}@{self.address.rpartition('@')[2]}>"


@dataclass(frozen=True, slots=True)
class Demo:
    """Everything that happens, in order: acts by time, messages by the time they were received.

    ``example`` is the message that is shown whole with the reply to it.
    """

    acts: tuple[Act, ...]
    messages: tuple[DemoMessage, ...]
    example: DemoMessage

    def of(self, act: Act) -> tuple[DemoMessage, ...]:
        """Return the messages of one act, in the order in which they came."""
        return tuple(message for message in self.messages if message.act == act.id)


def read_demo(text: str, zone: ZoneInfo) -> Demo:
    """Return the demo that a TOML text describes, its times in ``zone``; the shape stands in messages.toml.

    Raises KeyError or ValueError on a mistake in it; the tests read the shipped file.
    """
    tables = tomllib.loads(text)
    acts = tuple(_act(table, zone) for table in tables["acts"])
    days = {act.id: act.now for act in acts}
    messages = [_message(table, days[table["act"]], tables["mailboxes"]) for table in tables["messages"]]
    example = next(one for one in messages if one.id == tables["example"])
    return Demo(acts, tuple(sorted(messages, key=lambda message: message.received)), example)


def _act(table: Mapping[str, Any], zone: ZoneInfo) -> Act:
    return Act(table["id"], table["now"].replace(tzinfo=zone), table["words"])


def _message(table: Mapping[str, Any], day: datetime, names: Mapping[str, str]) -> DemoMessage:
    mailboxes = tuple(names[name] for name in table["to"])
    return DemoMessage(
        id=table["id"],
        act=table["act"],
        received=_received(day, table["at"]),
        mailboxes=mailboxes,
        author=table["from"],
        to=table.get("to_header", ", ".join(mailboxes)),
        subject=table["subject"],
        sender=SenderKind(table["sender"]),
        topics=frozenset(Topic(topic) for topic in table["topics"]),
        return_path=table.get("return_path", parseaddr(table["from"])[1]),
        dmarc=Verdict(table.get("dmarc", "pass")),
        headers=table.get("headers", {}),
        **{key: table[key] for key in ("text", "html", "answers", "hostile", "about") if key in table},
    )


def _received(day: datetime, at: time) -> datetime:
    return datetime.combine(day.date(), at, day.tzinfo)
