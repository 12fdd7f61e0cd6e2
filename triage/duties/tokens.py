"""That a token is not renewed is told at once and once: mail is read for minutes yet, and then no more."""

from datetime import timedelta

from triage.context import Context
from triage.outgoing import alarm
from triage.store import tokens
from triage.store.outbox import add_action

LASTS = timedelta(minutes=5)
"""So long a provider may be out of reach before that is told; that it refuses is told at once."""


def tell_of_tokens(ctx: Context) -> None:
    """Tell the administrators of tokens that are not renewed. Raises StoreError."""
    now = ctx.clock()
    with ctx.database.read() as conn:
        since = tokens.untold(conn, now - LASTS)
    if since is None:
        return
    with ctx.database.write() as conn:
        if tokens.mark_told(conn, now - LASTS, now):
            for new in alarm(ctx, "token", since):
                add_action(conn, ctx.database.keyring, None, new, now)
