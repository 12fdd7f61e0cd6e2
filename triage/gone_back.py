"""Whether a server was put back to an earlier state, so that it gives numbers to messages for a second time.

Its next number tells, as long as it lies below what was read already. Later the messages themselves do: one
of those that were decided last has another time of receipt under its number, and is another message.
"""

from triage.context import Context
from triage.mail.imap import MailboxSession, Selected
from triage.message.parse import parse
from triage.store import numbering
from triage.store.addresses import message_key
from triage.store.mailboxes import MailboxRow
from triage.store.numbering import Handled

LOOKED_AT = 5
"""How many messages are compared: their owner may have taken the last of them away."""


def went_back(ctx: Context, row: MailboxRow, session: MailboxSession, selected: Selected) -> bool:
    """Tell whether a folder that was just opened gives numbers away again. Raises MailError, StoreError.

    It costs one command for the times of a few messages, and the fetching of one where they differ.
    """
    if selected.went_back(row.high_water):
        return True
    up_to = min(row.high_water, selected.uidnext - 1)
    with ctx.database.read() as conn:
        handled = numbering.last_handled(conn, row.id, selected.uidvalidity, up_to, LOOKED_AT)
    shown = session.sizes([each.uid for each in handled])
    for each in handled:
        received = shown[each.uid].internaldate if each.uid in shown else None
        if received is not None and received != each.received_at:
            # Numbers are given in order: where this one still has its message, so have all below it.
            return _is_another(ctx, session, each)
    return False


def _is_another(ctx: Context, session: MailboxSession, handled: Handled) -> bool:
    """Tell whether a number has another message now: a date alone may have changed as files were copied."""
    for fetched in session.fetch([handled.uid], ctx.reading.cap_bytes):
        if fetched.problem is None:
            message = parse(fetched.raw, handled.received_at, truncated=fetched.truncated)
            return message_key(ctx.database.keyring, message) != handled.origin
    return False
