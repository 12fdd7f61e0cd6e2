"""What goes out: which actions follow from a decision, and how one action becomes bytes."""

from dataclasses import dataclass
from datetime import datetime

from triage.context import Context, Mailbox
from triage.domain.hours import Opening
from triage.domain.model import Decision, Flag, Message, Severity
from triage.domain.school import Role
from triage.message.compose import Envelope, compose_notice, compose_reply, reply_from, reply_subject
from triage.message.wording import reply_facts
from triage.store.outbox import Claimed, NewAction

NOTICE_SUBJECT = "School inbox: please look"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message lies: the row of its mailbox, and its two numbers there."""

    mailbox_id: int
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Cause:
    """The decided message that actions follow from."""

    place: Place
    message: Message
    decision: Decision
    opening: Opening


def actions_for(ctx: Context, mailbox: Mailbox, cause: Cause) -> tuple[NewAction, ...]:
    """Return what is to be done about a decided message; nothing of it is done here."""
    decision = cause.decision
    notices = [_notice(cause.place, flag, to) for flag in decision.flags for to in called(ctx, flag)]
    reply = [_reply(ctx, mailbox, cause)] if decision.reply.send else []
    labels = [_label(cause)] if ctx.answering.label and decision.labels else []
    return (*notices, *reply, *labels)


def called(ctx: Context, flag: Flag) -> tuple[str, ...]:
    """Return who is called at once for a flag: the person on call, else the safeguarding leads.

    Only ``immediate`` calls anyone, and never the person whom the flag is about.
    """
    if flag.severity is not Severity.IMMEDIATE:
        return ()
    roles = {Role.SAFEGUARDING_LEAD, Role.DEPUTY_SAFEGUARDING_LEAD}
    leads = tuple(person.address for person in ctx.school.people if person.role in roles)
    first = (ctx.school.on_call,) if ctx.school.on_call else leads
    return tuple(to for to in first if to != flag.about) or tuple(to for to in leads if to != flag.about)


def alarm(ctx: Context, name: str, since: datetime) -> tuple[NewAction, ...]:
    """Return the notices that tell every administrator of trouble with the service itself."""
    people = (person for person in ctx.school.people if person.role is Role.ADMINISTRATOR)
    return tuple(
        NewAction(
            kind="notify",
            dedupe=f"{name}:{since.isoformat()}:{person.address}",
            mailbox_id=None,
            recipient=person.address,
            parts=(name,),
            subject=NOTICE_SUBJECT,
        )
        for person in people
    )


def reply_bytes(ctx: Context, mailbox: Mailbox, claimed: Claimed) -> bytes:
    """Return a claimed reply as it goes over the wire. Raises WordingError or ComposeError."""
    action = claimed.action
    envelope = Envelope(
        from_name=reply_from(ctx.school.name, mailbox.delivery.owner_name),
        from_address=mailbox.address,
        to=action.recipient or "",
        message_id=claimed.message_id,
        date=ctx.clock(),
        in_reply_to=action.in_reply_to,
        references=action.references,
    )
    body = ctx.wording.reply(claimed.parts, action.facts)
    return compose_reply(envelope, reply_subject(ctx.school.name), body)


def notice_bytes(ctx: Context, mailbox: Mailbox, claimed: Claimed) -> bytes:
    """Return a claimed notice: it tells the case's number and where to look, nothing else."""
    action = claimed.action
    envelope = Envelope(
        from_name=ctx.school.name,
        from_address=mailbox.address,
        to=action.recipient or "",
        message_id=claimed.message_id,
        date=ctx.clock(),
    )
    facts = {"school": ctx.school.name, "case": str(action.case_id or ""), "where": ctx.answering.where}
    return compose_notice(envelope, action.subject, ctx.wording.notice(action.parts[0], facts))


def _notice(place: Place, flag: Flag, recipient: str) -> NewAction:
    return NewAction(
        kind="notify",
        dedupe=f"{flag.severity.value}:{recipient}",
        mailbox_id=place.mailbox_id,
        recipient=recipient,
        parts=(flag.severity.value,),
        subject=NOTICE_SUBJECT,
    )


def _reply(ctx: Context, mailbox: Mailbox, cause: Cause) -> NewAction:
    message = cause.message
    facts = reply_facts(
        ctx.school,
        mailbox.delivery.owner_name,
        closed=not cause.opening.open,
        opening=cause.opening.words,
        help_lines=ctx.answering.help_lines,
    )
    return NewAction(
        kind="reply",
        dedupe="reply",
        mailbox_id=cause.place.mailbox_id,
        recipient=cause.decision.reply.to,
        parts=cause.decision.reply.parts,
        facts=facts,
        in_reply_to=message.message_id,
        references=message.references or message.in_reply_to,
        not_after=message.received + ctx.answering.not_after,
    )


def _label(cause: Cause) -> NewAction:
    place = cause.place
    return NewAction(
        kind="label",
        dedupe=f"label:{place.mailbox_id}:{place.uidvalidity}:{place.uid}",
        mailbox_id=place.mailbox_id,
        labels=cause.decision.labels,
        in_reply_to=cause.message.message_id,
        uidvalidity=place.uidvalidity,
        uid=place.uid,
    )
