"""The teachers' digests: what came to each mailbox since its owner's last one, written to the outbox.

It is a duty of the morning (``mornings``) and may be called at any minute: what is due by a date is
the same whenever it is asked, and a digest is there once.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import Connection

from triage.context import Context, Mailbox
from triage.domain.by_hand import may_raise
from triage.domain.digest import Arrived, Digest, digest_of, named, people
from triage.domain.everyday import everyday
from triage.domain.mornings import Morning, morning
from triage.domain.visibility import Viewer, viewer
from triage.store.digest import DIGEST, arrivals, days_with_digest, digest_key
from triage.store.outbox import NewAction, add_action
from triage.store.own_links import PATH, Verb, link_to
from triage.store.own_mail import as_owner

MARGIN = timedelta(minutes=1)
"""What is written down in the last minute is left to the next digest: it may not be committed yet."""

LATEST = timedelta(hours=10)
"""How long after the morning a digest still goes out; what is older than that is yesterday's."""

LOOKED_BACK = 20
"""How many mornings back a digest is looked for."""

_LONGEST_NAME = 80


def teachers_digests(ctx: Context, now: datetime) -> None:
    """Write each digest that is due by a moment. Raises StoreError."""
    for mailbox in _owners(ctx):
        begun = morning(now, ctx.school.calendar, mailbox.delivery.hours)
        if begun is not None and now - begun.began < LATEST:
            _write(ctx, mailbox, begun, now)


def _owners(ctx: Context) -> Iterator[Mailbox]:
    """Yield one folder of each mailbox whose owner is to have a digest."""
    met = set[str]()
    for mailbox in ctx.mailboxes:
        if mailbox.address in ctx.digests and mailbox.address not in met:
            yield mailbox
        met.add(mailbox.address)


def _write(ctx: Context, mailbox: Mailbox, begun: Morning, now: datetime) -> None:
    with ctx.database.read() as conn:
        if days_with_digest(conn, mailbox.address, [begun.day]):
            return
        who = viewer(ctx.school, mailbox.address)
        digest = digest_of(_arrived(ctx, conn, mailbox, begun, who))
    if not digest.groups:
        return
    with ctx.database.write() as conn:
        new = NewAction(
            kind="notify",
            dedupe=digest_key(mailbox.address, begun.day),
            mailbox_id=None,
            recipient=mailbox.address,
            parts=(DIGEST,),
            subject=_subject(digest),
            facts=_facts(ctx, mailbox, digest, who, now),
            not_after=begun.began + LATEST,
        )
        add_action(conn, ctx.database.keyring, None, new, now)


def _arrived(
    ctx: Context, conn: Connection, mailbox: Mailbox, begun: Morning, who: Viewer
) -> Sequence[Arrived]:
    since = _since(ctx, conn, mailbox, begun)
    if since is None:
        return ()
    rules = ctx.policy().rules
    return arrivals(
        conn,
        as_owner(who),
        since - MARGIN,
        begun.began - MARGIN,
        everyday=everyday(rules.get),
        school=ctx.school,
        roster=ctx.roster(),
    )


def _since(ctx: Context, conn: Connection, mailbox: Mailbox, begun: Morning) -> datetime | None:
    """Return the morning of the last digest; where there was none lately, the morning before this one.

    A morning without a digest had nothing to tell or was missed: to go on from before it loses nothing.
    """
    earlier = tuple(islice(_mornings_before(ctx, mailbox, begun), LOOKED_BACK))
    known = days_with_digest(conn, mailbox.address, [each.day for each in earlier])
    return next((each.began for each in earlier if each.day in known), begun.before)


def _mornings_before(ctx: Context, mailbox: Mailbox, begun: Morning) -> Iterator[Morning]:
    at: Morning | None = begun
    while at is not None and at.before is not None:
        at = morning(at.before, ctx.school.calendar, mailbox.delivery.hours)
        if at is not None:
            yield at


def _subject(digest: Digest) -> str:
    needs = "needs" if digest.need_you == 1 else "need"
    return f"Your mail: {digest.came} came, {digest.need_you} {needs} you"


def _facts(ctx: Context, mailbox: Mailbox, digest: Digest, who: Viewer, now: datetime) -> dict[str, object]:
    asks = may_raise(who.roles)

    def line(message: Arrived) -> dict[str, object]:
        def link(verb: Verb) -> str:
            end = link_to(ctx.database.keyring, verb, message.message_id, mailbox.address, now)
            return f"{ctx.answering.where}{PATH}/{verb}/{end}"

        return {
            "who": " ".join(message.who.split())[:_LONGEST_NAME],
            "pupils": list(message.pupils),
            "topics": [topic.value.replace("-", " ") for topic in named(message.topics)],
            "people": people(message.routes),
            "not_right": link(Verb.NOT_RIGHT),
            # Whoever has it: where only some lines had the link, a line without one would tell who that is.
            "ask": link(Verb.RAISE) if asks else "",
        }

    return {
        "school": ctx.school.name,
        "owner": mailbox.delivery.owner_name,
        "came": digest.came,
        "need_you": digest.need_you,
        "more": digest.more,
        "where": ctx.answering.where,
        "groups": [
            {"need": group.need.value, "number": group.number, "lines": [line(one) for one in group.lines]}
            for group in digest.groups
        ],
    }
