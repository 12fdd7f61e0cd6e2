"""What goes out: which actions follow from a decision, and how one action becomes bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from triage.context import Channel, Context, Mailbox
from triage.domain import by_hand
from triage.domain.calling import calls, calls_at_any_hour, first_called, kept_from, with_role
from triage.domain.hours import Opening, opening
from triage.domain.language import ENGLISH
from triage.domain.model import Decision, Flag, Message
from triage.domain.school import Role, School
from triage.message.compose import Envelope, compose_notice
from triage.message.reply import Said, write_reply
from triage.message.wording import reply_facts
from triage.message.wording_facts import facts_at
from triage.store.digest import DIGEST
from triage.store.outbox import Action, Claimed, NewAction

NOTICE_SUBJECT = "School inbox: please look"
NOTICE_SUBJECTS = {
    "taken": "School inbox: somebody has it",
    "morning": "School inbox: your queue this morning",
    "quiet": "School inbox: since yesterday",
    "test": "School inbox: a test, nothing to do",
}
"""The subjects of notices that ask for nothing at once. None tells what a case is about."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message lies: the row of its mailbox, and its two numbers there."""

    mailbox_id: int
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Cause:
    """The decided message that actions follow from; ``language`` is that of its reply."""

    place: Place
    message: Message
    decision: Decision
    opening: Opening
    language: str = ENGLISH


def actions_for(ctx: Context, mailbox: Mailbox, cause: Cause) -> tuple[NewAction, ...]:
    """Return what is to be done about a decided message; nothing of it is done here."""
    decision = cause.decision
    calls = [(flag, called(ctx.school, flag, decision, cause.opening)) for flag in decision.flags]
    notices = [_notice(flag, to) for flag, people in calls for to in people]
    reply = [_reply(ctx, mailbox, cause)] if decision.reply.send else []
    labels = [_label(mailbox, cause)] if ctx.answering.label and decision.labels else []
    paged = any(ctx.school.on_call in people for flag, people in calls if calls_at_any_hour(flag))
    return (*(page(ctx, "immediate", "immediate") if paged else ()), *notices, *reply, *labels)


def called(school: School, flag: Flag, decision: Decision, opening: Opening) -> tuple[str, ...]:
    """Return who is told of a flag at once, by address; never anybody from whom one of its flags is kept.

    ``immediate`` calls at any hour: whoever holds the route of the headteacher or of the chair, else the
    person on call, else the leads. ``high`` safeguarding tells the leads while the school is open. Where
    nobody of those is left the headteacher is called, then the chair, then the administrators.
    """
    if not (calls(flag) and (opening.school_open or calls_at_any_hour(flag))):
        return ()
    return first_called(school, flag, kept_from(school, decision.flags))


def notices_by_hand(
    flags: Sequence[Flag], place: by_hand.Place, actor: str, now: datetime
) -> tuple[NewAction, ...]:
    """Return the notices of flags that ``actor`` raises by hand; whom the software would tell is told.

    What calls nobody out of hours waits until the school opens, because a person relies on its being told.
    Nobody is told twice of one act, nor of what they have done themselves.
    """
    left_out = kept_from(place.school, (*place.beside, *flags)) | place.about
    opens = opening(now, place.school.calendar).next
    found: dict[str, NewAction] = {}
    for flag in sorted(filter(calls, flags), key=lambda each: each.severity.rank):
        for to in first_called(place.school, flag, left_out):
            at = None if calls_at_any_hour(flag) else opens
            found.setdefault(to.lower(), _notice(flag, to, not_before=at))
    found.pop(actor.lower(), None)
    return tuple(found.values())


def alerts(
    ctx: Context, channel: Channel, name: str, dedupe: str, *, not_before: datetime | None = None
) -> tuple[NewAction, ...]:
    """Return an alert for each address of an end of the second channel; none where none is set.

    ``name`` is that of a notice's template, which gives the words; of a case there is one by each ``dedupe``.
    """
    return tuple(
        NewAction(
            kind="alert",
            dedupe=f"{dedupe}:{to}",
            mailbox_id=None,
            recipient=to,
            parts=(name,),
            subject=NOTICE_SUBJECT,
            not_before=not_before,
        )
        for to in ctx.alerts.names(channel)
    )


def page(
    ctx: Context, name: str, dedupe: str, facts: Mapping[str, object] | None = None
) -> tuple[NewAction, ...]:
    """Return what reaches the person on call by the second channel; the notice by mail goes out beside it."""
    return tuple(replace(each, facts=dict(facts or {})) for each in alerts(ctx, "on-call", name, dedupe))


def alarm(ctx: Context, name: str, since: datetime) -> tuple[NewAction, ...]:
    """Return what tells of trouble with the service itself: by the second channel, and by mail.

    The notices go to the administrators, else to the head.
    """
    key = f"{name}:{since.isoformat()}"
    holders = (with_role(ctx.school, frozenset({role})) for role in (Role.ADMINISTRATOR, Role.HEADTEACHER))
    people: tuple[str, ...] = next(filter(None, holders), ())
    notices = (notice(name, to, dedupe=f"{key}:{to}") for to in people)
    return (*alerts(ctx, "service", name, key), *notices)


def reply_bytes(ctx: Context, sender: str, claimed: Claimed) -> bytes:
    """Return a claimed reply as it goes over the wire, from an address.

    A pack that has lost its approval meanwhile says nothing more: the reply is in the first language. Whether
    the school is closed is what the clock says now, because a reply can wait past the opening. Raises
    WordingError, ComposeError or StoreError.
    """
    action = claimed.action
    facts = facts_at(action.facts, opening(ctx.clock(), ctx.school.calendar))
    said = Said(claimed.parts, facts, ctx.languages().or_first(action.language))
    envelope = Envelope(
        from_name=said.from_name,
        from_address=sender,
        to=action.recipient or "",
        message_id=claimed.message_id,
        date=ctx.clock(),
        in_reply_to=action.in_reply_to,
        references=action.references,
    )
    return write_reply(ctx.wording, said, envelope)


def notice_bytes(ctx: Context, sender: str, claimed: Claimed) -> bytes:
    """Return a claimed notice from an address: it tells the case's number and where to look, nothing else.

    A digest alone tells more, to the owner of the mailbox. Raises WordingError or ComposeError.
    """
    action = claimed.action
    envelope = Envelope(
        from_name=ctx.school.name,
        from_address=sender,
        to=action.recipient or "",
        message_id=claimed.message_id,
        date=ctx.clock(),
    )
    if action.parts == (DIGEST,):
        return compose_notice(envelope, action.subject, *ctx.digest_words.render(action.facts))
    return compose_notice(envelope, action.subject, notice_words(ctx, action))


def notice_words(ctx: Context, action: Action) -> str:
    """Return the words of a notice or an alert. Raises WordingError."""
    facts = {"school": ctx.school.name, "case": str(action.case_id or ""), "where": ctx.answering.where}
    return ctx.wording.notice(action.parts[0], facts | dict(action.facts))


def notice(name: str, to: str, *, dedupe: str, facts: Mapping[str, object] | None = None) -> NewAction:
    """Return a notice to one of the school's people; ``name`` is its template's, which uses the ``facts``."""
    return NewAction(
        kind="notify",
        dedupe=dedupe,
        mailbox_id=None,
        recipient=to,
        parts=(name,),
        subject=NOTICE_SUBJECTS.get(name, NOTICE_SUBJECT),
        facts=dict(facts or {}),
    )


def _notice(flag: Flag, recipient: str, *, not_before: datetime | None = None) -> NewAction:
    name = flag.severity.value
    new = notice(name, recipient, dedupe=f"{name}:{recipient}")
    return replace(new, not_before=not_before)


def _reply(ctx: Context, mailbox: Mailbox, cause: Cause) -> NewAction:
    message = cause.message
    facts = reply_facts(
        ctx.school,
        mailbox.delivery.owner_name,
        opening=cause.opening,
        particulars=ctx.answering.particulars,
    )
    return NewAction(
        kind="reply",
        dedupe="reply",
        mailbox_id=cause.place.mailbox_id,
        recipient=cause.decision.reply.to,
        parts=cause.decision.reply.parts,
        language=cause.language,
        facts=facts,
        in_reply_to=message.message_id,
        references=message.references or message.in_reply_to,
        # A server's clock that runs ahead must not make an old message look new.
        not_after=min(message.received, ctx.clock()) + ctx.answering.not_after,
    )


def _label(mailbox: Mailbox, cause: Cause) -> NewAction:
    place = cause.place
    return NewAction(
        kind="label",
        # Of the mailbox and not of the place in it: what its owner has moved back is never moved again.
        dedupe=f"label:{mailbox.address}",
        mailbox_id=place.mailbox_id,
        labels=cause.decision.labels,
        in_reply_to=cause.message.message_id,
        uidvalidity=place.uidvalidity,
        uid=place.uid,
    )
