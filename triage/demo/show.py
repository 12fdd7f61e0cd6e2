"""The demo's tables: what became of each message, each flag, and the totals."""

from collections import Counter
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from triage.demo.messages import DemoMessage
from triage.demo.outcome import MessageLine, Outcome
from triage.demo.servers import Sink
from triage.demo.showpiece import showpiece
from triage.domain.replies import FRAME

ZONE = ZoneInfo("Europe/London")
PIPE_WIDTH = 160
SUBJECT = 44
SETTLED = frozenset({"sent", "withheld"})


def widen(console: Console) -> None:
    """Give tables room where no terminal sets the width."""
    if not console.is_terminal:
        console.width = PIPE_WIDTH


def show(console: Console, outcome: Outcome, sink: Sink, example: DemoMessage) -> bool:
    """Print everything, and return whether it adds up: all came to rest, all that was sent arrived.

    The reply to ``example`` is shown whole.
    """
    for part in (_messages(outcome), _flags(outcome), *showpiece(example, sink)):
        console.print(part)
    for line in _totals(outcome, sink):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    wrong = _wrong(outcome, sink)
    for line in wrong:
        console.print(Text(line, style="bold red"))
    return not wrong


def _messages(outcome: Outcome) -> Table:
    table = Table(title="What became of each message", title_justify="left")
    for name in ("case", "received", "from", "subject", "topics", "reply"):
        table.add_column(name, overflow="fold")
    for line in outcome.messages:
        table.add_row(*(Text(cell) for cell in _cells(line)))
    return table


def _cells(line: MessageLine) -> tuple[str, ...]:
    copies = f" (in {len(line.inboxes)} inboxes)" if len(line.inboxes) > 1 else ""
    return (
        str(line.case),
        f"{line.received.astimezone(ZONE):%a %H:%M}",
        f"{line.sender}\n{line.kind}",
        _short(line.subject) + copies,
        _listed((*line.topics, *line.outcomes)) or "routine",
        f"sent: {_listed(part for part in line.said if part not in FRAME)}"
        if line.said
        else f"none: {line.unsaid}",
    )


def _flags(outcome: Outcome) -> Table:
    table = Table(title="Flags for people", title_justify="left")
    for name in ("case", "how soon", "what for", "to whom", "year", "found"):
        table.add_column(name, overflow="fold")
    for flag in outcome.flags:
        year = "" if flag.year is None else str(flag.year)
        cells = (str(flag.case), flag.severity, flag.topic, flag.route, year, _first_reason(flag.why))
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _totals(outcome: Outcome, sink: Sink) -> Iterable[str]:
    answered = sum(bool(line.said) for line in outcome.messages)
    reasons = Counter(line.unsaid for line in outcome.messages if not line.said)
    soon = Counter(flag.severity for flag in outcome.flags)
    aside = outcome.states["quarantined"]
    yield f"{len(outcome.messages) + aside} messages, {outcome.states.total()} copies in inboxes"
    sent, withheld = outcome.replies["sent"], outcome.replies["withheld"]
    yield f"replies: {sent} sent, {withheld} withheld at the last moment"
    yield f"messages answered: {answered}, not answered: {reasons.total()} ({_counted(reasons)})"
    yield f"flags: {len(outcome.flags)} ({_counted(soon)}), notices sent at once: {outcome.notices['sent']}"
    yield f"set aside for people, because they could not be read: {aside}"
    yield f"mails at the sink: {len(sink.received)}"


def _wrong(outcome: Outcome, sink: Sink) -> list[str]:
    """Say what does not add up: mail not at rest, replies neither sent nor withheld, mail that got lost."""
    unfinished = outcome.states["seen"]
    unsettled = sum((count for state, count in _actions(outcome).items() if state not in SETTLED), 0)
    missing = _actions(outcome)["sent"] - len(sink.received)
    found = (
        (unfinished, "copies of messages are unfinished"),
        (unsettled, "replies and notices are neither sent nor withheld"),
        (missing, "replies and notices are missing at the sink"),
    )
    return [f"{count} {words}" for count, words in found if count]


def _actions(outcome: Outcome) -> Counter[str]:
    return outcome.replies + outcome.notices


def _first_reason(why: str) -> str:
    """Leave out the clause of the guidance: it stands on the review page."""
    return why.partition(":")[0]


def _short(subject: str) -> str:
    return subject if len(subject) <= SUBJECT else f"{subject[: SUBJECT - 1]}…"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _counted(counts: Counter[str]) -> str:
    return _listed(f"{count} {words}" for words, count in counts.most_common())
