"""The contrast suites: short messages at the edge of one topic each, told apart by why they are there."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from triage.domain.identify import identify
from triage.domain.model import Topic
from triage.domain.roster import Roster
from triage.domain.school import School
from triage.evaluate.corpus import CorpusError, lines
from triage.evaluate.letters import write
from triage.judge import Classify
from triage.message.parse import Gateway, parse

CELLS: Final = ("positive", "idiom", "negation", "quoted", "third-party", "past", "other-domain")
_RECEIVED: Final = datetime(2026, 11, 12, 10, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Case:
    """One message and whether the topic of its suite applies."""

    id: str
    topic: Topic
    cell: str
    expected: bool
    subject: str
    text: str


def cases(folder: Path) -> Iterator[Case]:
    """Yield the cases of every suite, a file a topic. Raises CorpusError naming file and line."""
    for file in sorted(folder.glob("*.jsonl")):
        for number, line in lines(file):
            try:
                row = json.loads(line)
                yield Case(
                    row["id"], Topic(file.stem), row["cell"], row["expected"], row["subject"], row["text"]
                )
            except (ValueError, KeyError, TypeError) as error:
                raise CorpusError(f"{file.name}, line {number}: {error!r}") from error


def passed(
    found: Sequence[Case], classify: Classify, school: School, roster: Roster, gateway: Gateway
) -> Mapping[tuple[Topic, str], tuple[int, int]]:
    """Return for each topic and cell how many cases were told rightly, and of how many."""
    right: Counter[tuple[Topic, str]] = Counter()
    asked: Counter[tuple[Topic, str]] = Counter()
    guardians = sorted(guardian.address for guardian in roster.guardians if guardian.address)
    for number, case in enumerate(found):
        sender = guardians[number % len(guardians)]
        message = parse(write(_row(case, sender), _RECEIVED, min(gateway.authserv_ids)), _RECEIVED, gateway)
        said = classify(message, identify(message, roster, school))
        told = said.scores.get(case.topic, 0.0) >= said.thresholds.get(case.topic, 0.5)
        asked[case.topic, case.cell] += 1
        right[case.topic, case.cell] += told == case.expected
    return {key: (right[key], asked[key]) for key in asked}


def _row(case: Case, sender: str) -> Mapping[str, Any]:
    return {
        "id": case.id,
        "to": "j.attwood@hallambridge.example",
        "from_name": "",
        "from_addr": sender,
        "return_path": sender,
        "dmarc": "pass",
        "subject": case.subject,
        "text": case.text,
        "html": None,
        "headers": {},
        "attachments": [],
        "thread": None,
    }
