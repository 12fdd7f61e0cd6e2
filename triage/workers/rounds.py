"""One round of work, whoever calls it: a mailbox with what follows from it, or what was left lying."""

import logging
from collections.abc import Iterable, Sequence

from triage.context import Context, Mailbox, UnknownMailboxError
from triage.duties.tokens import tell_of_tokens
from triage.duties.undelivered import tell_of_undelivered
from triage.outage import out_of_order, watch
from triage.pipeline import perform_action, poll_mailbox
from triage.senders import sender_of, ways
from triage.store import outbox
from triage.store.errors import StoreError
from triage.store.outbox import Kind
from triage.visit import Poll

log = logging.getLogger(__name__)

SWEPT_AT_ONCE = 200

_TURN = "turn "


def round_of_mailbox(ctx: Context, mailbox: Mailbox) -> Poll:
    """Poll a mailbox, then carry out at once what its messages asked for. Raises StoreError."""
    poll = poll_mailbox(ctx, mailbox)
    perform_all(ctx, poll.action_ids)
    return poll


def look_for_trouble(ctx: Context) -> None:
    """Ask for what tells of trouble that lasts, and of notices that did not arrive. Raises StoreError."""
    watch(ctx)
    tell_of_tokens(ctx)
    tell_of_undelivered(ctx)


def sweep(ctx: Context, kinds: Sequence[Kind] = outbox.KINDS) -> int:
    """Carry out what is due and was left lying by a crash, a refusal or a lost hint; returns how many.

    A worker sweeps for alerts apart from mail, so that no mail server in trouble holds an alert up. Claims of
    dead processes are freed first. Raises StoreError.
    """
    now = ctx.clock()
    with ctx.database.write() as conn:
        recovered = outbox.recover(conn, now)
    if recovered.unsure:
        log.warning("%s replies may or may not have gone out: see triage status", len(recovered.unsure))
    with ctx.database.read() as conn:
        due = outbox.due(conn, now, SWEPT_AT_ONCE, kinds)
    return perform_all(ctx, due)


def perform_all(ctx: Context, action_ids: Iterable[int]) -> int:
    """Carry out actions one by one; returns how many were begun. Raises StoreError.

    A submission server that cannot be reached is not tried again in the row, so that no inbox waits for it:
    the next sweep goes on. Nor is an account that sends as much as it may. What goes out by another server
    goes out.
    """
    begun = 0
    closed: frozenset[str] = frozenset()
    for action_id in action_ids:
        if ctx.stopping():
            break
        # Before it is tried: then a notice may go another way.
        needed = _needs(ctx, action_id) if closed or not ctx.relays.are_one else frozenset()
        if closed & needed:
            _put_off(ctx, action_id)
            continue
        begun += 1
        became = _perform(ctx, action_id)
        if became == "no-turn":
            closed |= frozenset(each for each in _needs(ctx, action_id) if each.startswith(_TURN))
        elif became == "unreachable":
            if ctx.relays.are_one:
                break
            closed |= needed & out_of_order(ctx)
    return begun


def _needs(ctx: Context, action_id: int) -> frozenset[str]:
    """Return what an action's mail needs: by the names of outages, and a turn at its server.

    That is nothing where it does not go by mail. What calls somebody has a turn where the rest has none.
    """
    with ctx.database.read() as conn:
        action = outbox.read_action(conn, action_id)
    if action is None or action.kind not in outbox.SENT_BY_MAIL:
        return frozenset()
    try:
        sender = sender_of(ctx, action)
    except UnknownMailboxError:
        return frozenset()
    names = ways(ctx, sender.address)
    return frozenset({*names, f"{_TURN}{sender.urgent} {names[-1]}"})


def _put_off(ctx: Context, action_id: int) -> None:
    """Leave an action to a later sweep, behind what can go out."""
    with ctx.database.write() as conn:
        outbox.put_off(conn, action_id, ctx.clock() + ctx.retrying.first)


def _perform(ctx: Context, action_id: int) -> str:
    """Carry out one action; a defect that one of them meets does not hold up the others."""
    try:
        return perform_action(ctx, action_id)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - the type alone: its text may hold what a parent wrote
        log.error("action %s: %s", action_id, type(error).__name__)  # noqa: TRY400
        return "defect"
