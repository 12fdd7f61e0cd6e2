"""One round of work, whoever calls it: a mailbox with what follows from it, or what was left lying."""

import logging

from triage.context import Context, Mailbox
from triage.pipeline import perform_action, poll_mailbox
from triage.store import outbox
from triage.visit import Poll

log = logging.getLogger(__name__)

SWEPT_AT_ONCE = 200


def round_of_mailbox(ctx: Context, mailbox: Mailbox) -> Poll:
    """Poll a mailbox, then carry out at once what its messages asked for. Raises StoreError."""
    poll = poll_mailbox(ctx, mailbox)
    for action_id in poll.action_ids:
        perform_action(ctx, action_id)
    return poll


def sweep(ctx: Context) -> int:
    """Carry out what is due and was left lying by a crash, a refusal or a lost hint; returns how many.

    Claims of dead processes are freed first. Raises StoreError.
    """
    now = ctx.clock()
    with ctx.database.write() as conn:
        recovered = outbox.recover(conn, now)
        due = outbox.due(conn, now, SWEPT_AT_ONCE)
    if recovered.unsure:
        log.warning("%s replies may or may not have gone out: see triage status", len(recovered.unsure))
    for action_id in due:
        perform_action(ctx, action_id)
    return len(due)
