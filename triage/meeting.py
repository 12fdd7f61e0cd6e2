"""Meeting a folder whose numbers mean something new: what is read there, and what is never answered."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from triage.context import Context
from triage.gone_back import went_back
from triage.mail.imap import MailboxSession, Selected
from triage.outgoing import alarm
from triage.store import intake, mailboxes
from triage.store.actions import NewAction, add_action
from triage.store.mailboxes import MailboxRow

log = logging.getLogger(__name__)

RESYNC_DAYS = 2


def met(ctx: Context, row: MailboxRow, session: MailboxSession, selected: Selected) -> MailboxRow:
    """Return a mailbox as it is read in the folder that was just opened. Raises MailError, StoreError.

    One that is new to us, numbered anew, or gives numbers away for a second time is met first.
    """
    if row.uidvalidity != selected.uidvalidity:
        return _meet(ctx, row, session, selected)
    if went_back(ctx, row, session, selected):
        log.warning("mailbox %s: its numbers went back, it is met anew", row.id)
        return _meet(ctx, row, session, selected, alarms=alarm(ctx, "went-back", ctx.today()))
    return row


def tell_of_begun(row: MailboxRow, number: int) -> None:
    """Note how many messages were begun under numbers that mean nothing more."""
    if number:
        log.warning("mailbox %s: %s begun under numbers that have changed", row.id, number)


def _meet(
    ctx: Context,
    row: MailboxRow,
    session: MailboxSession,
    selected: Selected,
    *,
    alarms: Sequence[NewAction] = (),
) -> MailboxRow:
    """Meet a mailbox for the first time, or again after its numbers came to mean something else.

    On first contact what lies there is left alone, or taken as far back as the settings say; after a
    change it is taken from two days before the last success. Neither is ever answered.
    """
    now, below = ctx.clock(), selected.uidnext
    met_at = row.last_success_at or row.first_contact_at
    days = RESYNC_DAYS if met_at else ctx.reading.first_contact_days
    found = session.uids_since(((met_at or now) - timedelta(days=days)).date()) if days else []
    high_water = min([*found, *_begun(ctx, row, selected)], default=below) - 1
    with ctx.database.write() as conn:
        begun = mailboxes.record_contact(
            conn, row.id, selected.uidvalidity, high_water, now, no_reply_below=below
        )
        for each in alarms:
            add_action(conn, ctx.database.keyring, None, each, now)
        read = mailboxes.read_mailbox(conn, row.id)
    tell_of_begun(row, begun)
    return read


def _begun(ctx: Context, row: MailboxRow, selected: Selected) -> list[int]:
    """Return what was begun under numbers that the folder may still use."""
    with ctx.database.read() as conn:
        begun = intake.unfinished(conn, row.id, selected.uidvalidity)
    return [uid for uid in begun if uid < selected.uidnext]
