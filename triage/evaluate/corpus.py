"""The corpus as the program meets it: each line a message that is written as mail, parsed and identified."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from triage.domain.identify import identify
from triage.domain.model import Identity, Message, Topic
from triage.domain.roster import Roster
from triage.domain.school import School
from triage.evaluate.letters import write
from triage.message.parse import Gateway, parse

SETTINGS: Final = "settings.toml"
ROSTER: Final = "roster.csv"
IMMEDIATE: Final = "immediate"
"""What the note of a message begins with that tells of a present danger."""


class CorpusError(Exception):
    """A line of the corpus that is not as it should be: file, line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled message: ``hand`` is who wrote it, ``evidence`` the words that show each topic."""

    id: str
    hand: str
    raw: bytes
    received: datetime
    message: Message
    identity: Identity
    answers_staff: bool
    topics: frozenset[Topic]
    immediate: bool
    near_miss_of: frozenset[Topic]
    sender: str
    pupils: tuple[str, ...]
    evidence: Mapping[Topic, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_routine(self) -> bool:
        """Whether it is about no topic, nor nearly."""
        return not self.topics and not self.near_miss_of


def hands(folder: Path) -> tuple[Path, ...]:
    """Return the files of a corpus, one a hand, in order."""
    return tuple(sorted(folder.glob("*.jsonl")))


def lines(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file with their numbers. Raises CorpusError when it is not UTF-8 text.

    Only a line feed ends a line: texts hold the other line ends of Unicode, and JSON leaves them as they are.
    """
    try:
        with file.open(encoding="utf-8", newline="\n") as opened:
            yield from enumerate(opened, 1)
    except UnicodeDecodeError as error:
        raise CorpusError(f"{file.name} is not UTF-8 text") from error


def examples(files: Sequence[Path], school: School, roster: Roster, gateway: Gateway) -> Iterator[Example]:
    """Yield the messages of files in order. Raises CorpusError naming file and line."""
    for file in files:
        for number, line in lines(file):
            try:
                yield _example(json.loads(line), file.stem, school, roster, gateway)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise CorpusError(f"{file.name}, line {number}: {error!r}") from error


def _example(row: Mapping[str, Any], hand: str, school: School, roster: Roster, gateway: Gateway) -> Example:
    received = datetime.fromisoformat(row["received"])
    name = min(gateway.authserv_ids)
    raw = write({**row, "return_path": row["from_addr"], "dmarc": "pass"}, received, name)
    message = parse(raw, received, gateway)
    return Example(
        id=row["id"],
        hand=hand,
        raw=raw,
        received=received,
        message=message,
        identity=identify(message, roster, school),
        answers_staff=row["thread"] is not None,
        topics=frozenset(map(Topic, row["topics"])),
        immediate=row["note"].startswith(IMMEDIATE),
        near_miss_of=frozenset(map(Topic, row["near_miss_of"])),
        sender=row["sender"],
        pupils=tuple(row["child"]),
        evidence={Topic(topic): tuple(words) for topic, words in row["evidence"].items()},
    )
