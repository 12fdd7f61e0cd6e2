"""``triage demo``: a made-up school's mail goes through the real service, from inbox to sink.

Only the servers, the mail and the clock are the demo's. What reads, decides, answers and flags is what a
school runs: the same ``poll_mailbox`` and ``perform_action``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from triage.bootstrap import Service, build
from triage.demo.choosing import BY_CHOICE
from triage.demo.delivery import deliver
from triage.demo.messages import Act, Demo, DemoMessage, read_demo
from triage.demo.outcome import read_outcome
from triage.demo.school import make_school, new_passwords
from triage.demo.servers import Inboxes, Sink, imap_server, smtp_sink
from triage.demo.show import show, widen
from triage.domain.roster_file import read_plain_csv
from triage.settings import load_settings
from triage.store.roster import replace_roster
from triage.web.door import Door

HERE = Path(__file__).parent
ROSTER = "roster.csv"


class Clock:
    """The demo's clock: it stands still until it is set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the instant that it was last set to."""
        return self.now


@dataclass(frozen=True, slots=True)
class Stage:
    """What the demo plays with."""

    demo: Demo
    service: Service
    clock: Clock
    inboxes: Inboxes
    sink: Sink


def run_demo(
    console: Console, folder: Path, once: bool, serve: Callable[[Service, Door], None] | None = None
) -> int:
    """Play the demo in a new or empty folder, print what became of everything, and return the exit code.

    0 when every message came to rest and every reply that was due is at the sink, else 1. On a terminal,
    and unless ``once``, ``serve`` then shows the review page until it returns: whoever looks chooses who to
    be, no more mail comes, and the clock stands still. Raises what building the service raises, InitError
    when the folder is in use, StoreError, and OSError when a port cannot be had.
    """
    widen(console)
    with imap_server(new_passwords()) as inboxes, smtp_sink() as sink:
        settings = load_settings(make_school(folder, inboxes, sink), {})
        demo = read_demo((HERE / "messages.toml").read_text(encoding="utf-8"), settings.school.timezone)
        clock = Clock(demo.acts[0].now)
        service = build(settings, clock)
        try:
            _play(console, Stage(demo, service, clock, inboxes, sink))
            sound = show(console, read_outcome(service.database), sink, demo.example)
            if serve is not None and console.is_terminal and not once:
                serve(service, BY_CHOICE)
        finally:
            service.close()
    return 0 if sound else 1


def _play(console: Console, stage: Stage) -> None:
    _import_roster(stage.service)
    with Progress(console=console, transient=True) as progress:
        # First contact, while the inboxes are empty: what lies in an inbox then is never answered.
        _round(progress, stage.service, "First contact with the inboxes")
        for act in stage.demo.acts:
            stage.clock.now = act.now
            put = deliver(stage.inboxes, _deliverable(stage, act), _replies(stage))
            progress.print(f"{act.words} ({act.now:%A %-d %B %Y, %H:%M}): {put} delivered", highlight=False)
            _round(progress, stage.service, act.words)


def _import_roster(service: Service) -> None:
    roster = read_plain_csv((HERE / ROSTER).read_text(encoding="utf-8"), ROSTER)
    database = service.database
    with database.write() as conn:
        replace_roster(conn, database.keyring, roster, ROSTER, service.context.clock())


def _round(progress: Progress, service: Service, words: str) -> None:
    """Poll every inbox and carry out what follows, then what is left due."""
    reading = progress.add_task(words, total=len(service.mailboxes))
    for mailbox in service.mailboxes:
        poll = service.poll(mailbox)
        if poll.error is not None:
            progress.print(f"{mailbox.address}: {poll.error}", markup=False)
        _perform(progress, service, poll.action_ids)
        progress.advance(reading)
    service.sweep()


def _perform(progress: Progress, service: Service, action_ids: list[int]) -> None:
    if not action_ids:
        return
    sending = progress.add_task("  replies and notices", total=len(action_ids))
    for action_id in action_ids:
        service.perform(action_id)
        progress.advance(sending)
    progress.remove_task(sending)


def _deliverable(stage: Stage, act: Act) -> Iterable[DemoMessage]:
    """Leave out an answer to a reply that was never sent: nobody would have written it."""
    replies = _replies(stage)
    return [one for one in stage.demo.of(act) if one.answers is None or one.answers in replies]


def _replies(stage: Stage) -> dict[str, str]:
    """Return the Message-ID of the reply to each message that has got one, by the message's id."""
    headers = [BytesHeaderParser().parsebytes(sent.raw) for sent in stage.sink.received]
    answered = {header["In-Reply-To"]: header["Message-ID"] for header in headers}
    return {one.id: answered[one.message_id] for one in stage.demo.messages if one.message_id in answered}
