"""What a rehearsal does not leave lying: a disclosure in old mail goes to the safeguarding lead.

It is decided as mail that a resync meets: flagged, told to whom the software calls, and never answered.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from triage.context import Context, Mailbox
from triage.domain.hours import opening
from triage.domain.model import Decision, History, Identity, Message, Topic
from triage.judge import Judgement, judge
from triage.outgoing import Cause, Place, actions_for
from triage.store import mailboxes
from triage.store.history import read_history
from triage.store.intake import Intake
from triage.store.outbox import NewAction
from triage.store.passed_on import make_room
from triage.store.passed_on import pass_on as record_passed_on


@dataclass(frozen=True, slots=True)
class Found:
    """A message as it was read from a mailbox of the settings, by its address."""

    mailbox: str
    folder: str
    raw: bytes
    received: datetime
    truncated: bool


def is_for_the_lead(decision: Decision) -> bool:
    """Tell whether a message is, for one of its readers, a safeguarding matter."""
    return any(Topic.SAFEGUARDING in {flag.topic, *flag.joined} for flag in decision.flags)


def prepare(ctx: Context, places: Iterable[tuple[str, str]]) -> None:
    """Make the rows that passing on needs, of each mailbox and folder: that they are there tells nothing."""
    with ctx.database.write() as conn:
        make_room(conn)
        for address, folder in places:
            mailboxes.ensure_mailbox(conn, address, folder)


def pass_on(ctx: Context, found: Found) -> None:
    """Make a case of a message that is a safeguarding matter; nothing of one that is on record already.

    Notices are written for the worker to send; no label is set. Raises StoreError.
    """
    mailbox = ctx.mailbox(found.mailbox, found.folder)

    def history_of(message: Message, identity: Identity) -> History:
        with ctx.database.read() as conn:
            return read_history(
                conn, ctx.database.keyring, message, identity, mailbox=found.mailbox, resync=True
            )

    judged = judge(
        ctx,
        mailbox.delivery,
        found.raw,
        found.received,
        history_of=history_of,
        truncated=found.truncated,
    )
    if not is_for_the_lead(judged.decision):
        return
    with ctx.database.write() as conn:
        told = tuple(_told(ctx, mailbox, judged))
        record_passed_on(conn, ctx.database.keyring, _intake(judged, ctx.clock(), told))


def _told(ctx: Context, mailbox: Mailbox, judged: Judgement) -> Iterator[NewAction]:
    """Yield what tells people of it: who is called hangs on the hour at which it was found."""
    now = opening(ctx.clock(), ctx.school.calendar)
    cause = Cause(Place(0, 0, 0), judged.message, judged.decision, now)
    yield from (each for each in actions_for(ctx, mailbox, cause) if each.kind not in {"reply", "label"})


def _intake(judged: Judgement, now: datetime, notices: tuple[NewAction, ...]) -> Intake:
    return Intake(
        mailbox_id=0,
        uidvalidity=0,
        uid=0,
        message=judged.message,
        identity=judged.identity,
        classification=judged.classification,
        decision=judged.decision,
        history=judged.history,
        now=now,
        actions=notices,
    )
