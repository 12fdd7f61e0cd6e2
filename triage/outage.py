"""Trouble that lasts is told once by both channels, and once that it is over; never at each attempt."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.context import Context, Sender
from triage.domain.hours import opening
from triage.mail.answer import Answer
from triage.mail.smtp_words import is_for_now
from triage.outgoing import alarm, notice, page
from triage.senders import ways
from triage.store import mailboxes, outages
from triage.store.outages import Outage
from triage.store.outbox import add_action, hurry_calls

REFUSED = timedelta(minutes=5)
"""After how long a login that is refused is told: it does not come right by itself (#18)."""

UNCALLED = timedelta(hours=2)
"""After how long the person on call is told, because nobody can call them while no mail is read."""

TOGETHER = timedelta(minutes=20)
"""What begins to fail within so long of another is one outage: each mailbox is tried at times of its own."""


def name_of_mailbox(mailbox_id: int) -> str:
    """Return the name under which the outage of a mailbox is kept."""
    return f"mailbox {mailbox_id}"


def failed(ctx: Context, conn: Connection, name: str, since: datetime | None, *, refused: bool) -> None:
    """Note that something fails, ``since`` it last worked where that is known."""
    outages.begin(conn, name, since or ctx.clock(), refused=refused)


def works(ctx: Context, conn: Connection, name: str) -> bool:
    """Note that something works, and tell whether that ends an outage.

    When people were told of trouble and none is left, they are told so.
    """
    ended = outages.end(conn, name)
    if ended is not None and ended.told and not any(each.told for each in outages.current(conn)):
        _tell(ctx, conn, "works-again", ctx.clock())
        if ended.called:
            _call(ctx, conn, "works-again", ctx.clock())
    return ended is not None


def note_smtp(ctx: Context, conn: Connection, sender: Sender, answer: Answer) -> None:
    """Note whether the sender's submission server could be reached, by what it answered to a message.

    A server that takes no sender for now takes no mail at all: that tells neither. Where each mailbox logs
    in as itself, a login that is refused is an outage of that mailbox's way, and the server is there. What
    waited for a way that works again to tell somebody waits no longer.
    """
    server, *own = ways(ctx, sender.address)
    takes_none = answer.kind == "retry" and answer.step == "mail"
    if is_unreachable(answer):
        at_login = answer.step == "login"
        # A provider of tokens that is away or busy has refused nobody, as a server that says "not now".
        refused = at_login and not is_for_now(answer.code) and answer.no_token in {None, "refused"}
        failed(ctx, conn, own[0] if own and at_login else server, None, refused=refused)
        well = [server] if own and at_login else []
    else:
        well = [server, *own] if answer.code is not None and not takes_none else []
    if sum(works(ctx, conn, name) for name in well):  # not any(): all of them are to be noted
        hurry_calls(conn, ctx.clock())


def out_of_order(ctx: Context) -> frozenset[str]:
    """Return the names of all that is out of order now. Raises StoreError."""
    with ctx.database.read() as conn:
        return frozenset(each.name for each in outages.current(conn))


def is_unreachable(answer: Answer) -> bool:
    """Tell whether a message could not even be offered, as no other could."""
    return answer.kind == "retry" and answer.step in {"connect", "login"}


def watch(ctx: Context) -> None:
    """Tell of what has failed for too long, while the school is open or at any hour. Raises StoreError.

    Out of hours the person on call is told of what has failed for ``UNCALLED``, and everybody else then, too.
    """
    now = ctx.clock()
    is_open = opening(now, ctx.school.calendar).open
    with ctx.database.read() as conn:
        every = outages.current(conn)
    tells, calls = is_open or ctx.alerts.at_any_hour, not is_open and ctx.school.on_call is not None
    overdue = [each for each in every if tells and not each.told and _lasts(ctx, each, now)]
    uncalled = [each for each in every if calls and not each.called and now - each.since >= UNCALLED]
    if overdue or uncalled:
        with ctx.database.write() as conn:
            told = [each for each in every if each.told]
            _tell_of(ctx, conn, overdue, told)
            _call_about(ctx, conn, uncalled, every, told)


def _lasts(ctx: Context, outage: Outage, now: datetime) -> bool:
    patience = min(REFUSED, ctx.alerts.unread) if outage.refused else ctx.alerts.unread
    return now - outage.since >= patience


def _tell_of(ctx: Context, conn: Connection, overdue: Sequence[Outage], told: Sequence[Outage]) -> None:
    """Raise one alarm for all that is overdue and belongs to no outage that was told already."""
    watched = [each for each in overdue if _is_watched(ctx, conn, each.name)]
    new = [each for each in watched if outages.mark_told(conn, each.name) and not _joins(each, told)]
    if new:
        _tell(ctx, conn, "unread", min(each.since for each in new))


def _call_about(
    ctx: Context,
    conn: Connection,
    uncalled: Sequence[Outage],
    every: Sequence[Outage],
    told: Sequence[Outage],
) -> None:
    """Tell the person on call once of all that has failed for long, and whoever else was not told yet."""
    called = [each for each in every if each.called]
    watched = [each for each in uncalled if _is_watched(ctx, conn, each.name)]
    new = [each for each in watched if outages.mark_called(conn, each.name) and not _joins(each, called)]
    if not new:
        return
    since = min(each.since for each in new)
    if not any(each.told or _joins(each, told) for each in new):
        _tell(ctx, conn, "unread", since)
    _call(ctx, conn, "unread", since)


def _joins(outage: Outage, told: Sequence[Outage]) -> bool:
    return any(abs(outage.since - each.since) <= TOGETHER for each in told)


def _is_watched(ctx: Context, conn: Connection, name: str) -> bool:
    """Tell whether the settings still name what failed; if not its outage is forgotten."""
    places = {(box.address, box.folder) for box in ctx.mailboxes}
    rows = mailboxes.list_mailboxes(conn)
    named = {name_of_mailbox(row.id) for row in rows if (row.address, row.folder) in places}
    senders = (*(box.address for box in ctx.mailboxes), ctx.answering.account)
    if name in {ctx.relays.school.name, *named, *(way for each in senders for way in ways(ctx, each))}:
        return True
    outages.end(conn, name)
    return False


def _tell(ctx: Context, conn: Connection, name: str, since: datetime) -> None:
    for new in alarm(ctx, name, since):
        add_action(conn, ctx.database.keyring, None, new, ctx.clock())


def _call(ctx: Context, conn: Connection, name: str, since: datetime) -> None:
    """Tell the person on call, by the second channel and by mail."""
    on_call, key = ctx.school.on_call, f"{name}:{since.isoformat()}"
    mail = (notice(name, on_call, dedupe=f"{key}:{on_call}"),) if on_call else ()
    for new in (*page(ctx, name, key), *mail):
        add_action(conn, ctx.database.keyring, None, new, ctx.clock())
